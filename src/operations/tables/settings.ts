// Settings, their history and the world file: what the command line, the control socket and the console may ask for.
import { z } from 'zod'
import { importWorld } from '../world-import.ts'
import * as world from '../world.ts'
import { changes, reads } from '../operation.ts'

const none = z.strictObject({})

export const settingsOperations = {
  'settings.show': reads('Every setting with its default', { parameters: none, run: world.showSettings }),
  'settings.set': changes('Changes a setting; without a value it goes back to its default', {
    parameters: z.strictObject({ name: z.string(), value: z.unknown().optional() }),
    run: world.setSetting,
  }),
  'settings.history': reads('Who changed what, newest first', { parameters: none, run: world.settingsHistory }),
  'settings.import': changes('Takes a world file over', {
    parameters: z.strictObject({ text: z.string() }),
    run: importWorld,
  }),
  'settings.undo': changes('Takes a change of the settings back', {
    parameters: z.strictObject({ n: z.int().min(1) }),
    run: world.undoSetting,
  }),
  'settings.export': reads('Everything as a world file', {
    parameters: z.strictObject({ hashes: z.boolean().default(false), secrets: z.boolean().default(false) }),
    run: world.exportWorld,
  }),
}
