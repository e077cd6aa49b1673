// The tutorial: what the command line, the control socket and the console may ask for.
import { z } from 'zod'
import * as tutorial from '../tutorial.ts'
import { changes, reads } from '../operation.ts'

const none = z.strictObject({})
const answer = tutorial.tutorialState

export const tutorialOperations = {
  'tutorial.state': reads('How far the tutorial is, and what was said in it', {
    parameters: none,
    answer,
    run: tutorial.stateOfTutorial,
  }),
  'tutorial.start': changes('Opens the practice world of the tutorial', {
    parameters: tutorial.startRequest,
    answer,
    run: tutorial.startTutorial,
  }),
  'tutorial.next': changes('Plays the next step of the tutorial', {
    parameters: tutorial.nextRequest,
    answer,
    run: tutorial.nextOfTutorial,
  }),
  'tutorial.stop': changes('Takes the practice world down', { parameters: none, answer, run: tutorial.stopTutorial }),
}
