// The command line's noun for remote accounts: adding, changing, looking at them. What talks to their servers is in
// collect-work.ts and collect-browse.ts.
import type { Command } from 'commander'
import type { Copies, ListedAccount, ShownStatus, Stayed } from '#/operations/collect-look.ts'
import { counted } from '#/operations/collect-shown.ts'
import type { RunReport } from '#/pop3-client/types.ts'
import { addBrowse } from './collect-browse.ts'
import { askedFirst } from './collect-first.ts'
import { choicesOf, named, ownerFlag, withChoices } from './collect-options.ts'
import { reportLines, reportWords } from './collect-words.ts'
import { addSignIn } from './collect-sign-in.ts'
import { addWork } from './collect-work.ts'
import { list, nearTime, table, visible } from './print.ts'
import { count, sized } from './sizes.ts'
import { defined, verb, type Row, type Show } from './verb.ts'

export function addCollect(program: Command): void {
  const noun = program.command('collect').description('mail collected from accounts on other servers').exitOverride()
  addChanges(noun)
  addLooks(noun)
  addStates(noun)
  addWork(noun)
  addBrowse(noun)
  addSignIn(noun)
}

function addChanges(noun: Command): void {
  const add = verb(noun, 'add <name>', {
    about: 'add an account; on a terminal it is tried, and you are asked what to collect first',
    does: 'collect.add',
    example: 'collect add old --user ann@example.com --host pop.example.com --into ann --first everything --password',
    ask: async (args, o) => askedFirst(await choicesOf(args, o), o),
    show: showSaved,
  }).option(...ownerFlag)
  withChoices(add)
  const set = verb(noun, 'set <name>', {
    about: 'change an account; what is left out stays as it is',
    does: 'collect.set',
    example: 'collect set old --no-leave --interval 1h',
    ask: choicesOf,
    show: showSaved,
  }).option(...ownerFlag)
  withChoices(set)
  verb(noun, 'remove <name>', {
    about: 'remove an account; the mail that it brought stays, and so does what is on the server',
    does: 'collect.remove',
    example: 'collect remove old --force',
    ask: (args, o) => ({ ...named(args, o), force: o['force'] === true }),
    show: ({ removed, forgotten }: { removed: string; forgotten: number }) =>
      `${removed} is removed. What became of ${counted(forgotten)} is forgotten; mail that is here stays here.`,
  })
    .option('--force', 'also forget which messages were collected')
    .option(...ownerFlag)
}

type Saved = { readonly warnings?: string[]; readonly advice?: string[]; readonly hint?: string }

const showSaved: Show = ({ warnings = [], advice = [], hint, ...row }: Row & Saved) =>
  [
    list(row),
    ...[...warnings, ...advice].map((line) => `- ${visible(line)}`),
    ...(hint === undefined ? [] : [visible(hint)]),
  ].join('\n')

function addLooks(noun: Command): void {
  verb(noun, 'list', {
    about: 'list the accounts',
    does: 'collect.list',
    example: 'collect list',
    ask: (_args, o) => defined({ owner: o['owner'] }),
    show: showList,
  }).option(...ownerFlag)
  verb(noun, 'providers', {
    about: 'the providers whose servers are known, so that --host may be left out',
    does: 'collect.providers',
    example: 'collect providers',
    ask: () => ({}),
    show: (providers: Provider[]) => providers.map(providerWords).join('\n\n'),
  })
  verb(noun, 'show <name>', {
    about: 'show one account with every choice',
    does: 'collect.show',
    example: 'collect show old',
    ask: named,
    show: showSaved,
  }).option(...ownerFlag)
  verb(noun, 'status [name]', {
    about: 'what the last run did, what goes on now, and when the next one is',
    does: 'collect.status',
    example: 'collect status old',
    ask: named,
    show: (rows: ShownStatus[]) => (rows.length === 0 ? none : rows.map(statusWords).join('\n\n')),
  }).option(...ownerFlag)
  verb(noun, 'log <name>', {
    about: 'the runs of the last days, newest first',
    does: 'collect.log',
    example: 'collect log old --limit 10',
    ask: (args, o) => defined({ ...named(args, o), limit: count(o['limit']) }),
    show: (reports: RunReport[]) =>
      reports.length === 0
        ? 'It has not run yet'
        : reports.map((one) => `${nearTime(one.at)}  ${reportWords(one)}`).join('\n'),
  })
    .option('--limit <count>', 'how many at most (100)')
    .option(...ownerFlag)
  addLeftovers(noun)
}

function addLeftovers(noun: Command): void {
  verb(noun, 'stayed <name>', {
    about: 'what stays on the server without having come here, and why',
    does: 'collect.stayed',
    example: 'collect stayed old',
    ask: named,
    show: (rows: Stayed[]) =>
      table(
        rows.map((row) => ({ ...row, size: sized(row.sizeBytes) })),
        ['uid', 'state', 'size', 'at', 'because'],
        'Nothing that was seen stays there; larger messages than you allow are shown by netcruiser collect browse',
      ),
  }).option(...ownerFlag)
  verb(noun, 'duplicates <name>', {
    about: 'messages that came more than once, from this account or another one of its mailbox',
    does: 'collect.duplicates',
    example: 'collect duplicates old',
    ask: named,
    show: (groups: Copies[]) =>
      table(
        groups.flatMap(({ copies }, i) =>
          copies.map((copy) => ({ message: i + 1, ...copy, size: sized(copy.sizeBytes) })),
        ),
        ['message', 'account', 'uid', 'state', 'size', 'at'],
        'Nothing came twice',
      ),
  }).option(...ownerFlag)
}

type Provider = { name: string; host: string | null; ways: string[]; domains: string[]; advice: string[] }

const providerWords = ({ name, host, ways, domains, advice }: Provider): string =>
  [
    `${name}: ${host ?? 'no POP3'}${ways.length === 0 ? '' : `, by ${ways.join(' or ')}`}`,
    ...(domains.length === 0 ? [] : [domains.slice(0, 8).join(' ') + (domains.length > 8 ? ' ...' : '')]),
    ...advice,
  ].join('\n  ')

const none = 'There is no account yet: netcruiser collect add NAME --user ann@example.com --into ann --password'

const showList: Show = (rows: ListedAccount[]) => {
  const hints = rows.flatMap(({ name, because, warnings }) => [
    ...(because === null ? [] : [`- ${name}: ${visible(because)}`]),
    ...warnings.map((line) => `- ${visible(line)}`),
  ])
  const shown = rows.map((row) => ({ ...row, left: `${row.left}, ${sized(row.leftBytes)}` }))
  const columns = ['name', 'mailbox', 'user', 'host', 'state', 'lastGoodAt', 'nextRunAt', 'left']
  return [table(shown, columns, none), ...hints].join('\n')
}

function statusWords({ now, last, ...row }: ShownStatus): string {
  const { name, user, host, mailbox, state, because, nextRunAt, left, leftBytes } = row
  const running = now === null ? [] : [`now: ${now.phase}, ${now.messages} of ${counted(now.messagesOf)}`]
  const lines = [
    `${name}: ${state}; ${user} at ${host}, into ${mailbox}`,
    ...(because === null ? [] : [because]),
    ...running,
    ...(last === null ? ['it has not run yet'] : [`last run: ${nearTime(last.at)}`, ...reportLines(last)]),
    `next run: ${nextRunAt === null ? 'none' : nextRunAt <= Date.now() ? 'now' : nearTime(nextRunAt)}`,
    `left there: ${left}, ${sized(leftBytes)}`,
  ]
  return lines.map(visible).join('\n  ')
}

function addStates(noun: Command): void {
  for (const [name, about, words] of [
    ['pause', 'collect nothing until resume; a run that is under way ends', 'is paused'],
    ['resume', 'collect again, also after an account was stopped', 'collects again'],
  ] as const)
    verb(noun, `${name} <name>`, {
      about,
      does: `collect.${name}`,
      example: `collect ${name} old`,
      ask: named,
      show: ({ account }: { account: string }) => `${account} ${words}.`,
    }).option(...ownerFlag)
  verb(noun, 'confirm-delete <name>', {
    about: 'also delete on the server what was collected before --no-leave was said',
    does: 'collect.confirm-delete',
    example: 'collect confirm-delete old',
    ask: named,
    show: confirmedWords,
  }).option(...ownerFlag)
}

const confirmedWords: Show = ({ account, deletedAtNextRun }: { account: string; deletedAtNextRun: number | null }) =>
  deletedAtNextRun === null
    ? `${account}: what was collected before is treated like the rest from now on.`
    : `${account}: at the next run ${counted(deletedAtNextRun)} will be deleted there.`
