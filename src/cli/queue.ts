// The command line's noun for mail that waits to go out: looking at it, and every act on it by hand.
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { cutText } from '#/message/printable.ts'
import { OperationError } from '#/operations/errors.ts'
import type { Done } from '#/operations/queue-change.ts'
import type { QueueGroups, QueuePage } from '#/operations/queue-page.ts'
import type { ShownDelivery } from '#/operations/queue-select.ts'
import type { DestinationFigures, QueueFigures } from '#/storage/queue.ts'
import { call } from './call.ts'
import { nearTime, table, visible } from './print.ts'
import { confirmed } from './terminal.ts'
import { span } from './times.ts'
import { count } from './sizes.ts'
import { defined, sentences, verb, type Options, type Show } from './verb.ts'

export function addQueue(program: Command): void {
  const noun = program.command('queue').description('mail that waits to go out').exitOverride()
  addLooks(noun)
  for (const act of acts) addAct(noun, act)
  addPauses(noun)
}

function addLooks(noun: Command): void {
  const list = verb(noun, 'list [what]', {
    about: 'list what waits: all of it, or by message key, address or text of the last answer',
    does: 'queue.list',
    example: 'queue list @example.com --older 2d',
    ask: (args, o) => defined({ ...chosen(args, o), limit: count(o['limit']) }),
    show: showQueue,
  })
  choosing(list)
    .option('--finished', 'what was delivered, failed or dropped, newest first')
    .option('--limit <count>', 'how many at most (100)')
  verb(noun, 'show <key>', {
    about: 'show the deliveries of a message, finished ones too',
    does: 'queue.list',
    example: 'queue show 01m3kq8x2c5f0a9b7d4e6g8h1j',
    ask: ([what]) => ({ what, limit: 10_000 }),
    show: showMessage,
  })
  verb(noun, 'summary', {
    about: 'count what waits, by destination',
    does: 'queue.summary',
    example: 'queue summary',
    ask: () => ({}),
    show: showSummary,
  })
  addPages(noun)
  verb(noun, 'route <from> <to>', {
    about: 'tell which way mail would go now, asking DNS; the sender of notices is <>',
    does: 'relay.explain',
    example: 'queue route ann@example.org bob@example.com',
    ask: ([from, to]) => ({ from, to }),
    show: sentences,
  })
}

/** As the console shows it. */
function addPages(noun: Command): void {
  verb(noun, 'groups', {
    about: 'count what waits, by destination or by reason, with what each waits for',
    does: 'queue.groups',
    example: 'queue groups --by reason',
    ask: (_args, o) => defined({ by: o['by'] }),
    show: ({ groups }: QueueGroups) =>
      table(
        groups.map(({ key, ...row }) => ({ ...row, for: key === '' ? 'its first try' : key })),
        ['for', 'waiting', 'held', 'leased', 'standing', 'oldestAcceptedAt', 'nextDueAt', 'said'],
        'Nothing waits',
      ),
  }).addOption(new Option('--by <what>', 'what stands together').choices(['destination', 'reason']))
  const page = verb(noun, 'page', {
    about: 'list what waits page by page, the oldest or the newest first',
    does: 'queue.page',
    example: 'queue page --newest --limit 20',
    ask: (_args, o) =>
      defined({ ...paging(o), order: o['newest'] ? 'newest' : 'oldest', destination: o['destination'] }),
    show: showPage,
  })
  paged(page).option('--newest', 'the newest first').option('--destination <domain>', 'only for this domain')
  paged(
    verb(noun, 'finished', {
      about: 'list what was delivered, failed or dropped, the last one first',
      does: 'queue.finished',
      example: 'queue finished --limit 20',
      ask: (_args, o) => defined(paging(o)),
      show: showPage,
    }),
  )
}

const paged = (command: Command): Command =>
  command
    .option('--after <mark>', 'the page behind this mark, which the page before it ends with')
    .option('--limit <count>', 'how many at most (100)')
const paging = (o: Options): Options => ({
  after: o['after'],
  limit: count(o['limit']),
})

function addPauses(noun: Command): void {
  verb(noun, 'pause', {
    about: 'send nothing: mail is queued and waits, and does not expire',
    does: 'queue.pause',
    example: 'queue pause',
    ask: () => ({}),
    show: () => 'Nothing is sent until netcruiser queue resume. Mail is queued, and does not expire.',
  })
  verb(noun, 'flush', {
    about: 'send what waits now, whatever mailRelay.sendWhen says and however long it would have waited',
    does: 'queue.flush',
    example: 'queue flush',
    ask: () => ({}),
    show: ({ waiting }: { waiting: number }) =>
      `Sending: ${waiting} wait. netcruiser queue summary shows what is left.`,
  })
  verb(noun, 'resume', {
    about: 'send again',
    does: 'queue.resume',
    example: 'queue resume',
    ask: () => ({}),
    show: () => 'Mail is sent again.',
  })
}

type Act = {
  readonly name: string
  readonly about: string
  readonly done: string
  readonly example: string
  readonly options?: readonly Option[]
  readonly more?: (options: Options) => Options
}

const urgencies = ['first', 'bulk', 'last']
const acts: readonly Act[] = [
  {
    name: 'retry',
    about: 'try it now, also where no host answered before',
    done: 'due now',
    example: 'retry --destination example.com',
  },
  {
    name: 'hold',
    about: 'keep it until it is released; it does not expire',
    done: 'held',
    example: 'hold bob@example.com --why "asked Bob first"',
    options: [new Option('--why <text>', 'shown in the list and in the trace')],
    more: ({ why }) => ({ why }),
  },
  { name: 'release', about: 'let go what is held', done: 'released', example: 'release bob@example.com' },
  {
    name: 'reroute',
    about: 'try it now by another way, once; what is held goes that way when it is released',
    done: 'sent another way',
    example: 'reroute bob@example.com --by alternate:smart',
    options: [new Option('--by <route>', 'mx, address, or alternate:NAME').makeOptionMandatory()],
    more: ({ by }) => ({ route: by }),
  },
  { name: 'drop', about: 'delete it, and tell nobody', done: 'dropped', example: 'drop spam@example.com' },
  {
    name: 'bounce',
    about: 'send it back now, as if it had been refused',
    done: 'sent back',
    example: 'bounce bob@example.com',
  },
  {
    name: 'edit',
    about: 'change how long it is tried, how urgent it is, or whom it goes to',
    done: 'changed',
    example: 'edit bob@example.com --lifetime 10d',
    options: [
      new Option('--lifetime <time>', 'how long it is tried from its acceptance: 12h, 10d'),
      new Option('--priority <kind>', 'what goes first').choices(urgencies),
      new Option('--to <address>', 'another recipient, for one delivery'),
    ],
    more: ({ lifetime, priority, to }) => ({
      to,
      lifetimeMs: typeof lifetime === 'string' ? span(lifetime) : undefined,
      priority: typeof priority === 'string' ? urgencies.indexOf(priority) : undefined,
    }),
  },
]

function addAct(noun: Command, { name, about, done, example, options = [], more }: Act): void {
  const command = verb(noun, `${name} [what]`, {
    about,
    does: `queue.${name}`,
    example: `queue ${example}`,
    ask: async (args, o) => {
      const asked = { ...chosen(args, o), all: o['all'] === true }
      const yes = o['yes'] === true || (await agreed(name, o, asked))
      return defined({ ...asked, yes, ...more?.(o) })
    },
    show: ({ changed, busy, held }: Done) =>
      [
        changed === held ? '' : `${deliveries(changed - held)} ${done}.`,
        held === 0 ? '' : `${deliveries(held)} still held, to go that way once released: netcruiser queue release.`,
        busy === 0 ? '' : `${deliveries(busy)} being delivered right now.`,
      ]
        .filter((line) => line !== '')
        .join(' '),
  })
  choosing(command)
    .option('--all', 'everything in the queue')
    .option('--yes', 'also when it is about more than one delivery')
  for (const option of options) command.addOption(option)
}

const deliveries = (count: number): string => (count === 1 ? '1 delivery is' : `${count} deliveries are`)

/** On a terminal the question is asked there; elsewhere the operation says that it wants --yes. */
async function agreed(name: string, options: Options, asked: Options): Promise<boolean> {
  if (!process.stdin.isTTY) return false
  const count = await call(resolve(String(options['data'])), { name: 'queue.count', parameters: defined(asked) })
  if (Number(count) <= 1) return false
  if (await confirmed(`${name}: about ${String(count)} deliveries. Do it?`)) return true
  throw new OperationError('Nothing was changed')
}

const choosing = (command: Command): Command =>
  command
    .option('--destination <domain>', 'only for recipients of this domain')
    .option('--older <time>', 'only what was accepted longer ago: 90s, 30m, 12h, 2d')
    .option('--reason <text>', 'only with these words in the last answer or in why it is held')
    .addOption(
      new Option('--state <state>', 'only in this state').choices([
        'waiting',
        'leased',
        'held',
        'delivered',
        'failed',
        'dropped',
      ]),
    )

const chosen = ([what]: string[], o: Options): Options => ({
  what,
  destination: o['destination'],
  olderMs: typeof o['older'] === 'string' ? span(o['older']) : undefined,
  reason: o['reason'],
  state: o['state'],
  finished: o['finished'],
})

const columns = ['id', 'from', 'to', 'state', 'attempts', 'next', 'because']

const showQueue: Show = (rows: ShownDelivery[]) =>
  table(
    rows.map((row) => ({ ...row, next: whenOf(row), because: becauseOf(row) })),
    columns,
    'Nothing waits: what is accepted for other servers would stand here until it is delivered. What became of mail: netcruiser trace ADDRESS',
  )

const whenOf = ({ nextAttemptAt, finishedAt, state }: ShownDelivery): string => {
  if (finishedAt !== null) return nearTime(finishedAt)
  return nextAttemptAt === null ? (state === 'held' ? 'when released' : 'now') : nearTime(nextAttemptAt)
}
const becauseOf = ({ waitsFor, lastReply }: ShownDelivery): string =>
  cutText((waitsFor ?? lastReply ?? '').replace(/[\r\n]+/g, ' '), 120)

const showPage: Show = ({ rows, next }: QueuePage) =>
  [showQueue(rows as never), ...(next === null ? [] : [`More: --after ${next}`])].join('\n') // rows are deliveries too

const showMessage: Show = (rows: ShownDelivery[]) => {
  if (rows.length === 0) throw new OperationError('No such message in the queue')
  return rows.map(whole).join('\n\n')
}

function whole(row: ShownDelivery): string {
  const said = row.lastReply === null ? '' : `last answer: ${row.via ? `${row.via} said ` : ''}${row.lastReply}`
  const lines = [
    `${row.id}: ${row.state}`,
    `from ${row.from} to ${row.to}, ${row.sizeBytes} octets, let out by ${row.allowedBy}`,
    `accepted ${nearTime(row.acceptedAt)}`,
    `attempts ${row.attempts}, ${row.finishedAt === null ? 'next' : 'finished'}: ${whenOf(row)}`,
    row.waitsFor === null ? '' : `waits for: ${row.waitsFor}`,
    said,
  ]
  return lines
    .filter((line) => line !== '')
    .map(visible)
    .join('\n  ')
}

type Summary = QueueFigures & { readonly paused: boolean; readonly destinations: readonly DestinationFigures[] }

const showSummary: Show = ({ paused, destinations, ...figures }: Summary) => {
  const { waiting, deferred, leased, held, oldestAcceptedAt } = figures
  const oldest = oldestAcceptedAt === null ? '' : `, the oldest of ${nearTime(oldestAcceptedAt)}`
  return [
    ...(paused ? ['The relay is paused: nothing is sent until netcruiser queue resume.'] : []),
    `${waiting} wait (${deferred} after an attempt), ${leased} under way, ${held} held${oldest}`,
    table(
      destinations,
      ['destination', 'waiting', 'deferred', 'leased', 'held', 'oldestAcceptedAt', 'nextDueAt'],
      'Nothing waits',
    ),
  ].join('\n')
}
