// Rows as the database has them, turned into the store's types.
import type { RemoteKey, RemoteRow } from '../collected.ts'
import type { LoginRow, ProblemRow } from '../notes.ts'
import type { DraftFile, DraftRow, SentRow } from '../drafts.ts'
import type { DeletedEntry, EntryHead, EntryKey, EntryRow } from '../entries.ts'
import type { DeliveryRow } from '../queue.ts'
import type {
  AccessRow,
  AddressRow,
  AppPasswordRow,
  DomainRow,
  MailboxRow,
  MailboxState,
  TraceEvent,
} from '../store.ts'

export type Raw = Record<string, string | number | null>
/* eslint-disable typescript/no-unsafe-type-assertion -- STRICT tables: each column has the type that the schema says */
const s = (value: unknown): string => value as string
const n = (value: unknown): number => value as number
const sn = (value: unknown): string | null => value as string | null
const nn = (value: unknown): number | null => value as number | null

export const mailboxOf = (r: Raw): MailboxRow => ({
  id: n(r['id']),
  name: s(r['name']),
  pop3: r['pop3'] === 1,
  argon2: sn(r['argon2']),
  scram: sn(r['scram']),
  quotaBytes: nn(r['quota']),
  disabled: sn(r['disabled']) as MailboxRow['disabled'],
  forward: r['forward'] === null ? null : (JSON.parse(s(r['forward'])) as MailboxRow['forward']),
  away: typeof r['away'] === 'string' ? (JSON.parse(r['away']) as MailboxRow['away']) : null, // an older backup has none
  deletedAt: nn(r['deleted_at']),
  uidValidity: n(r['uid_validity']),
  uidNext: n(r['uid_next']),
  messages: n(r['messages']),
  bytes: n(r['bytes']),
  lastLoginAt: nn(r['login_at']),
  lastLoginFrom: sn(r['login_from']),
})
export const stateOf = (r: Raw): MailboxState => ({
  messages: n(r['messages']),
  bytes: n(r['bytes']),
  changeNumber: n(r['change']),
  uidValidity: n(r['uid_validity']),
  uidNext: n(r['uid_next']),
})
/** With the octets that the thread has read, of a row or of its file. */
export type RawHead = Raw & { readonly head: never }
export const entryOf = (r: Raw): EntryRow => ({
  uid: n(r['uid']),
  message: s(r['message']) as EntryRow['message'],
  prefix: s(r['prefix']),
  sizeBytes: n(r['size']),
  seen: (n(r['flags']) & 1) === 1,
  at: n(r['at']),
  deletedAt: nn(r['deleted_at']),
})
export const headOf = (r: RawHead): EntryHead => ({ ...entryOf(r), head: r.head as Uint8Array })
export const deletedOf = (r: Raw): DeletedEntry => ({ uid: n(r['uid']), sizeBytes: n(r['size']), uidl: sn(r['uidl']) })
export const entryKeyOf = (r: Raw): EntryKey => ({
  mailbox: n(r['mailbox']),
  uid: n(r['uid']),
  message: s(r['message']) as EntryKey['message'],
})
export const domainOf = (r: Raw): DomainRow => ({
  name: s(r['name']),
  mode: s(r['mode']) as DomainRow['mode'],
  target: sn(r['target']),
})
export const addressOf = (r: Raw): AddressRow => ({
  address: s(r['address']),
  targets: JSON.parse(s(r['targets'])) as string[],
  note: s(r['note']),
  expiresAt: nn(r['expires_at']),
})
export const appPasswordOf = (r: Raw): AppPasswordRow => ({
  selector: s(r['selector']),
  mailbox: n(r['mailbox']),
  label: s(r['label']),
  argon2: s(r['argon2']),
  scram: s(r['scram']),
  createdAt: n(r['created_at']),
  lastUsedAt: nn(r['used_at']),
  lastUsedFrom: sn(r['used_from']),
})
export const accessOf = (r: Raw): AccessRow => ({
  id: n(r['id']),
  position: n(r['position']),
  pattern: s(r['pattern']),
  action: s(r['action']) as AccessRow['action'],
  note: s(r['note']),
  expiresAt: nn(r['expires_at']),
  senders: JSON.parse(s(r['senders'])) as string[],
  lastUsedAt: nn(r['used_at']),
  uses: n(r['uses']),
})
export const traceOf = (r: Raw): TraceEvent => ({
  ref: s(r['ref']),
  at: n(r['at']),
  step: s(r['step']),
  client: sn(r['client']),
  from: sn(r['sender']),
  to: JSON.parse(s(r['recipients'])) as string[],
  subject: sn(r['subject']),
  messageId: sn(r['message_id']),
  detail: JSON.parse(s(r['detail'])) as Record<string, unknown>,
})
export const loginOf = (r: Raw): LoginRow => ({
  service: s(r['service']) as LoginRow['service'],
  name: s(r['name']),
  client: s(r['client']),
  outcome: s(r['outcome']),
  times: n(r['times']),
  firstAt: n(r['first_at']),
  lastAt: n(r['last_at']),
})
export const problemOf = (r: Raw): ProblemRow => ({
  id: s(r['id']),
  since: n(r['since']),
  value: s(r['value']),
  dismissedAt: nn(r['dismissed_at']),
  solvedAt: nn(r['solved_at']),
})
export const remoteKeyOf = (r: Raw): RemoteKey => ({ uid: s(r['uid']), headerHash: s(r['hash']) })
export const remoteOf = (r: Raw): RemoteRow => ({
  ...remoteKeyOf(r),
  state: s(r['state']) as RemoteRow['state'],
  sizeBytes: n(r['size']),
  at: n(r['at']),
  goneAt: nn(r['gone_at']),
  tries: n(r['tries']),
  problem: sn(r['problem']),
  message: sn(r['message']) as RemoteRow['message'],
  mailbox: nn(r['mailbox']),
  localUid: nn(r['local_uid']),
  sameness: s(r['sameness']),
})
export const draftOf = (r: Raw): DraftRow => ({
  id: s(r['id']),
  owner: n(r['owner']),
  version: n(r['version']),
  files: n(r['files']),
  at: n(r['at']),
  fields: s(r['fields']),
  message: sn(r['message']) as DraftRow['message'],
  leavesAt: nn(r['leaves_at']),
})
export const draftFileOf = (r: Raw): DraftFile & { draft: string } => ({
  draft: s(r['draft']),
  id: s(r['id']),
  name: s(r['name']),
  type: s(r['type']),
  sizeBytes: n(r['size']),
  content: n(r['content']),
  file: sn(r['file']),
})
export const sentOf = (r: Raw): SentRow => ({
  message: s(r['message']) as SentRow['message'],
  at: n(r['at']),
  sizeBytes: n(r['size']),
  subject: s(r['subject']),
  to: JSON.parse(s(r['recipients'])) as string[],
  content: n(r['content']),
  file: sn(r['file']),
})
export function deliveryOf(r: Raw): DeliveryRow {
  const envelope = JSON.parse(s(r['envelope'])) as Pick<DeliveryRow, 'from' | 'mail' | 'siblings'>
  const recipient = JSON.parse(s(r['recipient'])) as Pick<DeliveryRow, 'to' | 'rcpt'>
  const node = sn(r['lease_node'])
  return {
    ...envelope,
    siblings: envelope.siblings ?? 1, // rows of before the relay
    ...recipient,
    id: s(r['id']),
    message: s(r['message']) as DeliveryRow['message'],
    content: n(r['content']),
    file: sn(r['file']),
    destination: s(r['destination']),
    state: s(r['state']) as DeliveryRow['state'],
    priority: n(r['priority']) as DeliveryRow['priority'],
    attempts: n(r['attempts']),
    dueAt: n(r['due_at']),
    acceptedAt: n(r['accepted_at']),
    finishedAt: nn(r['finished_at']),
    lastReply: r['reply'] === null ? null : (JSON.parse(s(r['reply'])) as DeliveryRow['lastReply']),
    allowedBy: s(r['allowed_by']),
    sizeBytes: n(r['size']),
    memo: JSON.parse(s(r['memo'])) as DeliveryRow['memo'],
    lease: node === null ? null : { node, until: n(r['lease_until']) },
  }
}
