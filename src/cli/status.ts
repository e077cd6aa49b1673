// The command line's nouns for how everything is: status, problems, who is connected.
import type { Command } from 'commander'
import type { Activity } from '#/operations/activity.ts'
import type { ProblemList, ShownProblem } from '#/operations/problem-shapes.ts'
import type { Part, Status } from '#/operations/status-shapes.ts'
import { nearTime, localTime, table, visible } from './print.ts'
import { activityWords, doingWords, partWords, problemWords } from './status-words.ts'
import { call } from './call.ts'
import { count } from './sizes.ts'
import { dataOption, defined, rows, shown, verb, type Options, type Row, type Show } from './verb.ts'
import { resolve } from 'node:path'

/** All of it: three questions in one command. */
export function addStatus(program: Command): void {
  program
    .command('status')
    .description('how everything is: parts, figures of today, problems, what happened last')
    .exitOverride()
    .addOption(dataOption())
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  netcruiser status')
    .action(async (options: Options) => {
      const folder = resolve(String(options['data']))
      const ask = (name: string, parameters: unknown = {}): Promise<unknown> => call(folder, { name, parameters })
      const status = (await ask('status.show', { midnight: midnight() })) as Status
      const problems = (await ask('problems.list')) as ProblemList
      const activity = (await ask('activity.recent', { limit: lastSteps })) as Activity[]
      const text = options['json']
        ? JSON.stringify({ status, problems, activity })
        : [statusText(status), problemsText(problems), activityText(activity)].join('\n\n')
      process.stdout.write(`${text}\n`)
    })
  addProblems(program)
}

const lastSteps = 10

function midnight(): number {
  const day = new Date()
  return day.setHours(0, 0, 0, 0)
}

export function statusText({ parts, today, startedAt, hostname }: Status): string {
  const head = startedAt === null ? `${hostname} does not run` : `${hostname} runs since ${nearTime(startedAt)}`
  const { offered, accepted, refused, read, collected, queued, delivered, failed, waiting, oldestWaitingAt } = today
  const oldest = oldestWaitingAt === null ? '' : `, the oldest since ${nearTime(oldestWaitingAt)}`
  return [
    head,
    '',
    table(parts.map(partRow), ['part', 'state', 'doing', 'listens', 'now'], ''),
    '',
    `In today: ${offered} offered, ${accepted} accepted, ${refused} refused, ${read} read by POP3, ${collected} collected`,
    `Out today: ${queued} to send, ${delivered} delivered, ${failed} failed; ${waiting} wait now${oldest}`,
  ].join('\n')
}

const partRow = ({ part, state, says, listens, ways, now }: Part): Row => ({
  part: partWords[part],
  state,
  doing: doingWords[says.code](says.values),
  listens: listens.length > 0 ? listens.map(({ address }) => address).join(' ') : ways.join(', then ') || '-',
  now,
})

function problemsText({ open, solved }: ProblemList): string {
  return [
    open.length === 0 ? 'All is well.' : 'What to do:',
    ...open.map((one) => `- ${problemText(one)} [${one.id}]`),
    ...(solved.length === 0 ? [] : ['Solved lately:', ...solved.slice(0, 5).map(solvedText)]),
  ]
    .map(visible)
    .join('\n')
}

const problemText = ({ code, values, since }: ShownProblem): string =>
  `${flat(problemWords[code](values))} Since ${localTime(since)}.`
const solvedText = ({ code, values, solvedAt }: ShownProblem): string =>
  `- ${localTime(solvedAt ?? 0)}: ${flat(problemWords[code](values))}`
const flat = (text: string): string => text.replaceAll('\r\n', ' / ').replaceAll('\n', ' / ')

const activityText = (steps: readonly Activity[]): string =>
  steps.length === 0
    ? 'Nothing has happened yet.'
    : [
        'What happened last:',
        ...steps.map(({ at, code, values }) => `${localTime(at)}  ${activityWords[code](values)}`),
      ]
        .map(visible)
        .join('\n')

function addProblems(program: Command): void {
  const noun = program.command('problems').description('what needs somebody, and since when').exitOverride()
  const show: Show = (list: ProblemList) =>
    [
      problemsText(list),
      ...list.dismissed.map((one) => visible(`- not told any more: ${problemText(one)} [${one.id}]`)),
    ].join('\n')
  const named = ([id]: string[]): Options => ({ id })
  verb(noun, 'list', {
    about: 'list them with what to do',
    does: 'problems.list',
    example: 'problems list',
    ask: () => ({}),
    show,
  })
  verb(noun, 'dismiss <id>', {
    about: "that's fine, stop telling me: until it changes",
    does: 'problems.dismiss',
    example: 'problems dismiss certificate-own',
    ask: named,
    show,
  })
  verb(noun, 'recall <id>', {
    about: 'tell of it again',
    does: 'problems.recall',
    example: 'problems recall certificate-own',
    ask: named,
    show,
  })
}

/** `pop3 sessions`, `smtp logins` and the like. */
export function addConnections(program: Command): void {
  for (const [service, part] of [
    ['pop3', 'the POP3 Server'],
    ['smtp', 'the Mail Server'],
  ] as const) {
    const noun = program.command(service).description(`who is connected to ${part}, who signed in`).exitOverride()
    const more = service === 'pop3' ? ['retrieved'] : ['listener', 'receiving']
    verb(noun, 'sessions', {
      about: 'list the connections of this moment',
      does: `${service}.sessions`,
      example: `${service} sessions`,
      ask: () => ({}),
      show: rows(['id', 'user', 'client', 'since', 'tls', ...more], 'Nobody is connected'),
    })
    verb(noun, 'end <id>', {
      about: 'end a connection',
      does: `${service}.end-session`,
      example: `${service} end ${service}-7`,
      ask: ([id]) => ({ id }),
      show: shown,
    })
    verb(noun, 'logins [mailbox]', {
      about: 'list logins and refused ones, latest first',
      does: `${service}.logins`,
      example: `${service} logins ann`,
      ask: ([mailbox], o) => defined({ mailbox, limit: count(o['limit']) }),
      show: (page: { rows: Row[] }) =>
        table(page.rows, ['name', 'client', 'outcome', 'times', 'firstAt', 'lastAt'], 'Nobody has signed in yet'),
    }).option('--limit <n>', 'how many')
  }
}
