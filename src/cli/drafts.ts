// `netcruiser draft` and `netcruiser sent`: what is being written in the console, and copies of what was sent from there.
import type { Command } from 'commander'
import { count } from './sizes.ts'
import { defined, rows, shown, verb, type Options, type Row, type Show } from './verb.ts'

const owner = (o: Options): Options => defined({ mailbox: o['mailbox'], limit: count(o['limit']) })
const whose = ['--mailbox <name>', 'of this mailbox; left out: of the administrators'] as const
const page = ['--limit <count>', 'how many at most'] as const

const showDraft: Show = ({ fields, ...draft }: Row & { fields: Row }) =>
  `${shown(draft as never)}\n${shown(fields as never)}` // rows, both

export function addDrafts(program: Command): void {
  const noun = program
    .command('draft')
    .description('messages that are being written: list, show, remove')
    .exitOverride()
  verb(noun, 'list', {
    about: 'list the drafts, newest first',
    does: 'draft.list',
    example: 'draft list --mailbox ann',
    ask: (_, o) => owner(o),
    show: ({ rows: found }: { rows: Row[] }) =>
      rows(['draft', 'at', 'subject', 'to', 'attached'], 'No drafts')(found as never), // as it is answered
  })
    .option(...whose)
    .option(...page)
  verb(noun, 'show <draft>', {
    about: 'show a draft',
    does: 'draft.show',
    example: 'draft show 01m3kq8x2c5f0a9b7d4e6g8h1j',
    ask: ([draft], o) => ({ draft, ...owner(o) }),
    show: showDraft,
  }).option(...whose)
  verb(noun, 'remove <draft>', {
    about: 'remove a draft with its attachments',
    does: 'draft.remove',
    example: 'draft remove 01m3kq8x2c5f0a9b7d4e6g8h1j',
    ask: ([draft], o) => ({ draft, ...owner(o) }),
    show: shown,
  }).option(...whose)
  addSent(program)
}

/** Under `netcruiser send`. */
export function addSending(send: Command): void {
  verb(send, 'waiting', {
    about: 'list what was sent in the console and can still be taken back',
    does: 'send.waiting',
    example: 'send waiting --mailbox ann',
    ask: (_, o) => owner(o),
    show: ({ rows: found }: { rows: Row[] }) =>
      rows(['message', 'leavesAt', 'subject', 'to'], 'Nothing waits for its time')(found as never), // as it is answered
  })
    .option(...whose)
    .option(...page)
  verb(send, 'addresses', {
    about: 'list the addresses that one may send as in the console',
    does: 'send.addresses',
    example: 'send addresses --mailbox ann',
    ask: (_, o) => owner(o),
    show: ({ addresses, patterns }: { addresses: string[]; patterns: string[] }) =>
      [...addresses, ...patterns].join('\n') || 'No address leads there',
  }).option(...whose)
}

function addSent(program: Command): void {
  const noun = program
    .command('sent')
    .description('copies of what was sent from the console: list, remove')
    .exitOverride()
  verb(noun, 'list', {
    about: 'list the copies, newest first',
    does: 'sent.list',
    example: 'sent list --mailbox ann',
    ask: (_, o) => owner(o),
    show: ({ rows: found }: { rows: Row[] }) =>
      rows(['message', 'at', 'subject', 'to', 'sizeBytes'], 'Nothing was sent from here')(found as never), // as it is answered
  })
    .option(...whose)
    .option(...page)
  verb(noun, 'remove <message>', {
    about: 'remove the copy of a message',
    does: 'sent.remove',
    example: 'sent remove 01m3kq8x2c5f0a9b7d4e6g8h1j',
    ask: ([message], o) => ({ message, ...owner(o) }),
    show: shown,
  }).option(...whose)
}
