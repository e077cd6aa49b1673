// The command line's noun for the messages of a mailbox, and the archives that a mailbox is written to and filled from.
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { Imported } from '#/operations/mailbox-import.ts'
import type { MessageHits, MessagePage, ShownMessage } from '#/operations/messages.ts'
import { list, localTime, table, visible } from './print.ts'
import { count } from './sizes.ts'
import { defined, shown, verb, type Options, type Show } from './verb.ts'

const paging = ([mailbox]: string[], o: Options): Options =>
  defined({ mailbox, after: o['after'], limit: count(o['limit']) })
const chosen = ([mailbox, ...uids]: (string | string[])[]): Options => ({ mailbox, uids: uids.flat().map(Number) })

const rowsOf = (rows: MessagePage['rows'], empty: string): string =>
  table(
    rows.map(({ from, ...row }) => ({ ...row, from: from === null ? '-' : from.address || from.name })),
    ['uid', 'at', 'from', 'subject', 'sizeBytes', 'seen', 'hasAttachments', 'key'],
    empty,
  )
const nextWords = (next: string | null): string[] => (next === null ? [] : [`Go on with --after ${next}`])

const showPage: Show = ({ rows, next, messages, unseen, deletedMessages }: MessagePage) =>
  [
    rowsOf(rows, 'No message is here'),
    `${messages} messages, ${unseen} not read; ${deletedMessages} in Deleted`,
    ...nextWords(next),
  ].join('\n')

const showHits: Show = ({ rows, next, looked }: MessageHits) =>
  [rowsOf(rows, 'Nothing is found'), `Looked through ${looked} messages`, ...nextWords(next)].join('\n')

const showView: Show = ({ subject, from, to, at, text, problem, attachments, warnings }: ShownMessage) =>
  [
    list({
      from: from.map(({ name, address }) => `${name} <${address}>`.trim()).join(', '),
      to: to.map(({ address }) => address).join(', '),
      subject,
      came: localTime(at),
    }),
    ...warnings.map(({ kind, about }) => `! ${kind}: ${visible(about)}`),
    '',
    ...(problem === null ? [] : [`It could not be taken apart: ${visible(problem)}`]),
    visible((text ?? '(it has no plain text)').trimEnd()),
    ...attachments.map(({ name, type, sizeBytes }) => `[${visible(name)}, ${visible(type)}, ${sizeBytes} octets]`),
  ].join('\n')

const showImported: Show = ({ imported, already, skipped, problems, ended }: Imported) => {
  if (ended !== null) process.exitCode = 1
  return [
    `${imported} imported, ${already} were there already, ${skipped} skipped`,
    ...problems.map(({ name, why }) => `  ${visible(name)}: ${visible(why)}`),
    ...(ended === null ? [] : [`It ended early: ${visible(ended)}`]),
  ].join('\n')
}

function paged(command: Command): void {
  command.option('--limit <n>', 'so many').option('--after <mark>', 'go on behind the page before')
}

export function addMessage(program: Command): void {
  const noun = program.command('message').description('the messages of a mailbox').exitOverride()
  paged(
    verb(noun, 'list <mailbox>', {
      about: 'list them, newest first',
      does: 'message.list',
      example: 'message list ann',
      ask: paging,
      show: showPage,
    }),
  )
  paged(
    verb(noun, 'search <mailbox> <text>', {
      about: 'find those whose subject, sender or recipients hold all the words',
      does: 'message.search',
      example: "message search ann 'boat yard'",
      ask: ([mailbox, text], o) => ({ ...paging([mailbox!], o), text }),
      show: showHits,
    }),
  )
  verb(noun, 'show <mailbox> <uid>', {
    about: 'show one',
    does: 'message.show',
    example: 'message show ann 1',
    ask: ([mailbox, uid]) => ({ mailbox, uid: Number(uid) }),
    show: showView,
  })
  verb(noun, 'flag <mailbox> <uids...>', {
    about: 'mark them as read',
    does: 'message.flag',
    example: 'message flag ann 1 2',
    ask: (args, o) => ({ ...chosen(args), seen: o['unread'] !== true }),
    show: shown,
  }).option('--unread', 'as not read')
  addDeleted(noun)
}

function addDeleted(noun: Command): void {
  for (const [usage, does, about] of [
    ['delete <mailbox> <uids...>', 'message.delete', 'delete them; they can be restored for some days'],
    ['restore <mailbox> <uids...>', 'message.restore', 'bring deleted ones back'],
    ['purge <mailbox> <uids...>', 'message.purge', 'remove deleted ones for good'],
  ] as const)
    verb(noun, usage, { about, does, example: `${does.replace('.', ' ')} ann 1 2`, ask: chosen, show: shown })
  paged(
    verb(noun, 'deleted <mailbox>', {
      about: 'list deleted ones that can be restored',
      does: 'message.deleted',
      example: 'message deleted ann',
      ask: paging,
      show: showPage,
    }),
  )
}

/** Below `mailbox`. */
export function addArchives(noun: Command): void {
  verb(noun, 'export <name> <file>', {
    about: 'write all messages of a mailbox to a file',
    does: 'mailbox.export',
    example: 'mailbox export ann ann.mbox',
    waiting: 'Writing messages',
    ask: ([mailbox, file], o) => ({ mailbox, to: resolve(file!), format: o['format'] }),
    show: shown,
  }).addOption(
    new Option('--format <kind>', 'one file, a zip of files, or a folder')
      .choices(['mbox', 'eml', 'maildir'])
      .default('mbox'),
  )
  verb(noun, 'import <name> <file>', {
    about: 'bring messages in: an mbox, a zip, an .eml file, a Maildir or a folder of .eml files; nothing comes twice',
    does: 'mailbox.import',
    example: 'mailbox import ann ann.mbox',
    waiting: 'Reading messages',
    ask: ([mailbox, file]) => ({ mailbox, from: resolve(file!) }),
    show: showImported,
  })
}
