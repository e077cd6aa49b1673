// The command line's noun for the tutorial: plays it on a terminal, with what is said and what the trace tells.
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { tell } from '#/operations/story.ts'
import type { Played, TutorialState } from '#/operations/tutorial.ts'
import { tutorialSteps } from '#/operations/tutorial-steps.ts'
import { call } from './call.ts'
import { localTime, visible } from './print.ts'
import { dataOption, defined, verb, type Options } from './verb.ts'

type StepName = Played['step']

const headings: Readonly<Record<StepName, string>> = {
  world: 'A small world of your own: a school, a harbour, an old box, and a mail system between them',
  mailbox: 'A mailbox is made. It is only a name; addresses lead to it',
  incoming: 'Mail comes in by SMTP. Only when the message is stored does the server say 250',
  refused: 'Nobody has this name. Refused at once, the sender learns it now',
  reading: 'POP3 is switched on for the mailbox, and a phone reads it',
  sending: 'An answer is sent. It is queued first, and can be taken back for a moment',
  later: 'The other server asks to come again. Nothing is lost: the second try brings it in',
  'another-way': 'An exchanger that does not answer. The alternate mail server takes over',
  collecting: 'An old box elsewhere: an advertisement is deleted there unread, the rest is collected',
  trace: 'Where did my mail go? The story of it all',
}

const numberOf = (step: StepName): number => tutorialSteps.indexOf(step) + 1

function showStep({ step, transcripts, events }: Played): string {
  const lines = transcripts.flatMap(({ client, server, lines: spoken }) => [
    `-- ${client} to ${server}`,
    ...spoken.map(({ by, text }) => `${by === 'client' ? '>' : '<'} ${visible(text)}`),
  ])
  const story = events.length === 0 ? [] : ['-- trace', visible(tell(events, localTime))]
  return [`${numberOf(step)}. ${headings[step]}`, ...lines, ...story, ''].join('\n')
}

const showLast = ({ played }: TutorialState): string => {
  const last = played.at(-1)
  return last === undefined ? 'The tutorial is not open: netcruiser tutorial start' : showStep(last)
}

export function addTutorial(program: Command): void {
  const noun = program
    .command('tutorial')
    .description('see how mail travels, in a practice world inside the running server')
    .exitOverride()
  noun
    .command('play')
    .description('play all steps')
    .exitOverride()
    .addOption(dataOption())
    .addHelpText('after', '\nExample:\n  netcruiser tutorial play')
    .action(play)
  verb(noun, 'start', {
    about: 'open the practice world',
    does: 'tutorial.start',
    example: 'tutorial start',
    ask: (_args, o) => defined({ again: o['again'] }),
    show: showLast,
  }).option('--again', 'throw away what was played and begin anew')
  verb(noun, 'next', {
    about: 'play the next step',
    does: 'tutorial.next',
    example: 'tutorial next',
    ask: (_args, o) => defined({ name: o['name'] }),
    show: showLast,
  }).option('--name <name>', 'of the mailbox that is made in the second step')
  verb(noun, 'state', {
    about: 'show what was played',
    does: 'tutorial.state',
    example: 'tutorial state',
    ask: () => ({}),
    show: (state: TutorialState) => state.played.map(showStep).join('\n') || showLast(state),
  })
  verb(noun, 'stop', {
    about: 'take the practice world down',
    does: 'tutorial.stop',
    example: 'tutorial stop',
    ask: () => ({}),
    show: () => 'The practice world is gone.',
  })
}

/** From the first step to the last one; nothing of it is left. */
async function play(options: Options): Promise<void> {
  const ask = async (name: string, parameters: object = {}): Promise<TutorialState> =>
    (await call(resolve(String(options['data'])), { name, parameters })) as TutorialState // the answer of its schema
  process.stdout.write(`${showLast(await ask('tutorial.start', { again: true }))}\n`)
  for (const step of tutorialSteps.slice(1)) process.stdout.write(`${showLast(await ask('tutorial.next', { step }))}\n`)
  await ask('tutorial.stop')
}
