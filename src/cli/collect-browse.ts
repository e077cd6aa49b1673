// `collect browse` and the acts on single messages of a remote box. What stands there was written by strangers. PC-32..36
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { CopyHere } from '#/operations/collect-work.ts'
import { OperationError } from '#/operations/errors.ts'
import { counted } from '#/operations/collect-shown.ts'
import type { ActionReport, BrowsePage, RemoteItem } from '#/pop3-client/types.ts'
import { call } from './call.ts'
import { named, ownerFlag } from './collect-options.ts'
import { table, visible } from './print.ts'
import { count, sized } from './sizes.ts'
import { confirmed } from './terminal.ts'
import { defined, verb, type Options, type Show } from './verb.ts'

export function addBrowse(noun: Command): void {
  verb(noun, 'browse <name>', {
    about: 'look through what is on the server, newest first; nothing is collected by that',
    does: 'collect.browse',
    example: 'collect browse old --before 300',
    waiting: 'Asking what is there',
    ask: (args, o) => defined({ ...named(args, o), before: count(o['before']), limit: count(o['limit']) }),
    show: showPage,
  })
    .option('--before <number>', 'the page of older ones, as the page before says')
    .option('--limit <count>', 'how many at once (20)')
    .option(...ownerFlag)
  for (const one of acts) addAct(noun, one)
}

const showPage: Show = ({ items, total, totalBytes, before, previews, warnings }: BrowsePage) =>
  [
    table(items.map(shownItem), ['uid', 'size', 'at', 'from', 'subject', 'state', 'here', 'note'], 'Nothing is there'),
    `${counted(total)}, ${sized(totalBytes)}.`,
    ...(before === null ? [] : [`Older ones: --before ${before}`]),
    ...(previews
      ? []
      : ['The server shows no headers, so date, sender and subject are not known: collect fetch takes one.']),
    ...warnings.map(visible),
  ].join('\n')

/** A page stays readable whatever strangers have written. */
const shownItem = ({ problem, sizeBytes, from, subject, ...item }: RemoteItem): Record<string, unknown> => ({
  ...item,
  from: from?.slice(0, fromChars),
  subject: subject?.slice(0, subjectChars),
  size: sized(sizeBytes),
  note: problem ?? '',
})

const fromChars = 40
const subjectChars = 60

const acts = [
  ['fetch', 'collect these, also what is too large, ignored or set aside'],
  ['fetch-delete', 'collect these, and delete them on the server when they are here'],
  ['fetch-raw', 'collect these as attachments, for what cannot be kept as it is'],
  ['delete', 'delete these on the server without collecting them'],
  ['ignore', 'never collect these'],
  ['again', 'forget that these were ignored, set aside or taken for copies'],
] as const

function addAct(noun: Command, [action, about]: (typeof acts)[number]): void {
  const command = verb(noun, `${action} <name> <uid...>`, {
    about,
    does: 'collect.act',
    example: `collect ${action} old UID1234-5678`,
    waiting: 'Asking the server',
    stop: (parameters) => {
      const { name, owner } = parameters as Options // what `ask` made
      return { name: 'collect.cancel', parameters: defined({ name, owner }) }
    },
    ask: async ([name, uids]: unknown[], o) => {
      const asked = defined({ name, uids, owner: o['owner'] })
      const yes = action === 'delete' && (o['yes'] === true || (await agreed(asked, o)))
      return { ...asked, action, yes }
    },
    show: showActed,
  }).option(...ownerFlag)
  if (action === 'delete') command.option('--yes', 'without being asked')
}

/** On a terminal the question is asked there; elsewhere the operation says that it wants --yes. PC-34 */
async function agreed(parameters: Options, o: Options): Promise<boolean> {
  if (!process.stdin.isTTY) return false
  const copies = (await call(resolve(String(o['data'])), { name: 'collect.copies', parameters })) as CopyHere[] // its answer
  for (const { uid, here } of copies)
    process.stderr.write(visible(`${uid}: ${here ? 'a copy is here' : 'there is NO copy here'}\n`))
  if (await confirmed(`Delete ${copies.length === 1 ? 'it' : 'them'} on the server for good?`)) return true
  throw new OperationError('Nothing was changed')
}

const showActed: Show = (reports: ActionReport[]) => {
  if (reports.some(({ is }) => is === 'failed' || is === 'vanished' || is === 'ambiguous')) process.exitCode = 1
  return table(reports, ['uid', 'is', 'words'], 'Nothing was done')
}
