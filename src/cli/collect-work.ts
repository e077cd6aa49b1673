// The command line's verbs that talk to the server of a remote account: run, cancel, test, and what follows a change of its UIDs.
import type { Command } from 'commander'
import { counted } from '#/operations/collect-shown.ts'
import type { RunReport, TestReport } from '#/pop3-client/types.ts'
import { choicesOf, named, ownerFlag, withChoices } from './collect-options.ts'
import { reportLines } from './collect-words.ts'
import { visible } from './print.ts'
import { sized } from './sizes.ts'
import { verb, type Show } from './verb.ts'

export function addWork(noun: Command): void {
  verb(noun, 'run <name>', {
    about: 'collect now; Ctrl-C ends it, and nothing is lost',
    does: 'collect.run',
    example: 'collect run old',
    waiting: 'Collecting',
    stop: (parameters) => ({ name: 'collect.cancel', parameters }),
    ask: named,
    show: showReport,
  }).option(...ownerFlag)
  verb(noun, 'cancel <name>', {
    about: 'end what is under way, a run or an act by hand; what came stays here, the rest stays there',
    does: 'collect.cancel',
    example: 'collect cancel old',
    ask: named,
    show: ({ cancelled }: { cancelled: boolean }) => (cancelled ? 'It ends.' : 'Nothing is under way.'),
  }).option(...ownerFlag)
  const test = verb(noun, 'test <name>', {
    about: 'sign in, ask what is there, and print what is said, without passwords; nothing is changed',
    does: 'collect.test',
    example: 'collect test trial --user ann@example.com --host pop.example.com --password',
    waiting: 'Talking to the server',
    ask: choicesOf,
    show: showTest,
  }).option(...ownerFlag)
  withChoices(test)
  addIdentities(noun)
}

const showReport: Show = (report: RunReport) => {
  if (!report.ok) process.exitCode = 1
  return reportLines(report).map(visible).join('\n')
}

const showTest: Show = ({ ok, lines, messages, bytes, advice }: TestReport) => {
  if (!ok) process.exitCode = 1
  const there = messages === null ? [] : [`There: ${counted(messages)}, ${sized(bytes ?? 0)}.`]
  return [...lines, ...there, ...advice.map((line) => `- ${line}`)].map(visible).join('\n')
}

function addIdentities(noun: Command): void {
  verb(noun, 'mark-all <name>', {
    about: 'take all that is on the server now as collected',
    does: 'collect.mark-all',
    example: 'collect mark-all old',
    waiting: 'Asking what is there',
    ask: named,
    show: ({ marked }: { marked: number }) => `Taken as collected: ${counted(marked)}.`,
  }).option(...ownerFlag)
  verb(noun, 'adopt <name>', {
    about: 'after the server has given its messages new UIDs: know them again by their headers',
    does: 'collect.adopt',
    example: 'collect adopt old',
    waiting: 'Reading headers',
    ask: (args, o) => ({ ...named(args, o), none: o['none'] === true }),
    show: ({ same, others }: { same: number; others: number }) =>
      `Known again: ${counted(same)}. New, and to be collected: ${counted(others)}.`,
  })
    .option('--none', 'know none of them: all come again')
    .option(...ownerFlag)
}
