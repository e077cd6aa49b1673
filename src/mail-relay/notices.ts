// Who is told what became of a message: builds the notices that an attempt calls for, to be committed with it. Used by
// attempt.ts and the engine. One notice a message and event; never about a notice. DS-01..13, DL-01..05, AD-14
import type { MailRelaySettings } from '#/config/mail-relay-settings.ts'
import { formatAddress, parseAddress, type Address } from '#/message/address.ts'
import { headerEnd } from '#/message/header.ts'
import { messageKey } from '#/message/key.ts'
import { composeNotice, type Notice, type NoticeKind, type NoticeRecipient } from '#/message/notice.ts'
import type { OwnMail, Prepared } from '#/intake/own.ts'
import type { DeliveryRow, Move, Queue } from '#/storage/queue.ts'
import type { Acceptance, MailboxId, TraceEvent } from '#/storage/store.ts'
import type { Instant, World } from '#/world/world.ts'
import type { Attempted } from './attempt.ts'
import { delayNoticeAt } from './delays.ts'
import { about, type Told } from './events.ts'
import { explanation } from './explanations.ts'
import { moveTelling } from './keeping.ts'
import { expiresAt } from './retry.ts'

export type NoticeParts = {
  readonly queue: Queue
  readonly world: Pick<World, 'clock' | 'random' | 'log'>
  readonly settingsNow: () => MailRelaySettings
  readonly prepare: (mail: OwnMail) => Promise<Prepared>
  readonly hostname: string
  /** The mailbox that hears of a failed forward; the postmaster's when it is gone. Null: nobody has one. */
  readonly ownerOf: (name: string | null) => MailboxId | null
}

export interface Notices {
  /** What is to be committed together with the fates of an attempt. */
  ofAttempt(told: readonly Told[], now: Instant): Promise<Acceptance[]>
  /** Tells the sender of waiting deliveries of one message that they wait, and plans them on. */
  tellDelay(rows: readonly DeliveryRow[], now: Instant): Promise<Attempted>
  /** What was made of an attempt and is not kept: whoever counts it as told may make it again then. */
  notKept?(lost: readonly TraceEvent[], againAt: Instant): void
}

type About = { readonly row: DeliveryRow; readonly recipient: NoticeRecipient }
const wholeBytesMax = 50_000 // DS-09

export function openNotices(parts: NoticeParts): Notices {
  return {
    async ofAttempt(told, now) {
      const wanted = told.flatMap((one) => kindsOf(one, parts.settingsNow()).map((kind) => ({ kind, one })))
      if (wanted.length === 0) return []
      const grouped = Map.groupBy(
        wanted,
        ({ kind, one: { row } }) => `${kind} ${row.memo.owner ?? ''} ${readerKey(row)}`,
      )
      const made: Acceptance[] = []
      for (const group of grouped.values()) {
        const abouts = group.map(({ kind, one }) => ({ row: one.row, recipient: recipientOf(one, kind, now) }))
        made.push(...(await noticeOf(group[0]!.kind, abouts, { ...parts, now })))
      }
      return made
    },
    tellDelay: (rows, now) => tellDelay(rows, { ...parts, now }),
  }
}

const readerKey = ({ from }: DeliveryRow): string => (from === null ? '' : formatAddress(from))

/** The failure of a notice is told to nobody but a postmaster who wants to see failures: into the mailbox, so that nothing
 *  can come back of it. RFC 5321 §6.1, DS-02 */
const isForPostmaster = ({ from, memo }: DeliveryRow): boolean =>
  memo.notice === true || (from === null && memo.owner === undefined)

/** RFC 3461 §4.1 and §5.2: what the sender asked to hear, and what every sender hears. */
function kindsOf({ row, outcome, settled }: Told, settings: MailRelaySettings): NoticeKind[] {
  if (isForPostmaster(row)) return settled.is === 'failed' && settings.postmasterCopies ? ['failed'] : []
  const { notify } = row.rcpt
  const wants = (event: 'SUCCESS' | 'FAILURE'): boolean =>
    notify === null ? event === 'FAILURE' : notify !== 'NEVER' && notify.includes(event)
  switch (settled.is) {
    case 'failed':
      return settings.sendFailureNotices && wants('FAILURE') ? ['failed'] : []
    case 'delivered':
      if (wants('SUCCESS')) return outcome.dsn ? [] : ['relayed'] // DS-10
      return settings.confirmLate && row.memo.delayNoticeAt !== undefined ? ['delivered-late'] : []
    case 'deferred':
      return []
  }
}

function recipientOf({ row, outcome, settled }: Told, kind: NoticeKind, now: Instant): NoticeRecipient {
  const { reply, fromRemote, remoteMta } = outcome
  const explain = explanation(kind, { ...outcome, expired: settled.expired })
  return { address: row.to, orcpt: row.rcpt.orcpt, reply, fromRemote, remoteMta, lastAttemptAt: now, explain }
}

type Making = NoticeParts & { readonly now: Instant }

async function noticeOf(kind: NoticeKind, abouts: readonly About[], parts: Making): Promise<Acceptance[]> {
  const { row } = abouts[0]!
  const reader = readerOf(row, parts)
  if (reader === null) return []
  const notice = await noticeAbout(kind, abouts, { ...parts, to: reader.to })
  const copies = kind === 'failed' && parts.settingsNow().postmasterCopies ? parts.ownerOf(null) : null
  const isApart = copies !== null && copies !== reader.mailbox && notice.original.whole !== null
  const mailboxes = [reader.mailbox, isApart ? null : copies].filter((mailbox) => mailbox !== null)
  const detail = {
    about: row.message,
    kind,
    recipients: notice.recipients.map(({ address }) => formatAddress(address)),
  }
  const { acceptance, refused } = await parts.prepare({
    ...ourNotice,
    to: reader.mailbox === null ? [{ address: reader.to, parameters: { notify: 'NEVER', orcpt: null } }] : [],
    mailboxes,
    octets: composeNotice(notice),
    step: 'notified',
    detail,
  })
  for (const { reply } of refused)
    parts.world.log.info('notice to nobody', { about: row.message, reply: reply.lines[0] })
  const copy = isApart ? await copyFor(copies, notice, parts) : null
  return [acceptance, copy].filter((one) => one !== null)
}

const ourNotice = { from: null, by: 'notice', priority: 2, memo: { notice: true } } as const

/** The postmaster sees that mail failed, and not the message, which its sender gets back whole. */
async function copyFor(postmaster: MailboxId, notice: Notice, parts: Making): Promise<Acceptance | null> {
  const octets = composeNotice({ ...notice, original: { ...notice.original, whole: null } })
  const mail = { ...ourNotice, to: [], mailboxes: [postmaster], octets, step: 'sent' }
  return (await parts.prepare(mail)).acceptance
}

/** The owner of a forward hears of its failure, not the stranger who wrote. AD-14 */
function readerOf(row: DeliveryRow, parts: Making): { to: Address; mailbox: MailboxId | null } | null {
  const { owner } = row.memo
  if (owner === undefined && row.from !== null) return { to: row.from, mailbox: null }
  const mailbox = parts.ownerOf(owner ?? null)
  const to = parseAddress(`${owner || 'postmaster'}@${parts.hostname}`)
  return mailbox === null || !to.ok ? null : { to: to.value, mailbox }
}

async function noticeAbout(
  kind: NoticeKind,
  abouts: readonly About[],
  { to, ...parts }: Making & { to: Address },
): Promise<Notice> {
  const { row } = abouts[0]!
  const { queue, world, now, hostname } = parts
  return {
    kind,
    reportingMta: hostname,
    from: `MAILER-DAEMON@${hostname}`,
    to,
    key: row.message,
    noticeId: messageKey(now, world.random.bytes(10)),
    at: now,
    arrivedAt: row.acceptedAt,
    retryUntil: kind === 'delayed' ? expiresAt(row, parts.settingsNow()) : null,
    envid: row.mail.envid,
    recipients: abouts.map(({ recipient }) => recipient),
    original: await originalOf(row, queue),
    boundary: Buffer.from(world.random.bytes(18)).toString('hex'),
  }
}

const headBytesMax = 65_536

/** The header section, and all of it where the sender wants that and it is small. A message that cannot be read is still
 *  told of. */
async function originalOf(row: DeliveryRow, queue: Queue): Promise<Notice['original']> {
  const head = await startOf(row, queue).catch(() => Buffer.alloc(0))
  const end = headerEnd(head)
  const header = head.subarray(0, end?.fieldsEnd ?? 0)
  const text = Buffer.from(header).toString('latin1')
  const field = (name: string): string | null =>
    new RegExp(`(?:^|\\r\\n)${name}:[ \\t]*([^\\r\\n]*)`, 'i').exec(text)?.[1]?.trimEnd() ?? null
  const whole = row.mail.ret === 'FULL' && row.sizeBytes <= wholeBytesMax && head.length === row.sizeBytes ? head : null
  return { header, messageId: field('Message-ID'), subject: field('Subject'), whole }
}

async function startOf(row: DeliveryRow, queue: Queue): Promise<Buffer> {
  const content = await queue.content(row)
  if (content instanceof Uint8Array) return Buffer.from(content.subarray(0, headBytesMax))
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of content) {
    parts.push(chunk)
    bytes += chunk.length
    if (bytes >= headBytesMax) break
  }
  return Buffer.concat(parts).subarray(0, headBytesMax)
}

/** DL-01: told when the time has come, whatever the next attempt is; the mark and the notice are one commit. */
async function tellDelay(rows: readonly DeliveryRow[], parts: Making): Promise<Attempted> {
  const { now, settingsNow } = parts
  const patience = settingsNow()
  const due = rows.filter((row) => (delayNoticeAt(row, patience) ?? Number.POSITIVE_INFINITY) <= now)
  const acceptances: Acceptance[] = []
  for (const group of Map.groupBy(due, readerKey).values()) {
    const abouts = group.map((row) => ({ row, recipient: waitingRecipient(row) }))
    acceptances.push(...(await noticeOf('delayed', abouts, parts)))
  }
  const planned = rows.map((row): DeliveryRow => {
    const memo = due.includes(row) ? { ...row.memo, delayNoticeAt: now } : row.memo
    const told = { ...row, memo }
    const retry = memo.retryAt ?? Math.min(row.dueAt, now) // what waits for its first turn keeps its place
    return { ...told, dueAt: Math.min(retry, delayNoticeAt(told, patience) ?? retry) }
  })
  const moves = rows.map((row, i): Move => ({ row, to: planned[i]! }))
  const events = due.map((row): TraceEvent => ({
    ...about(row, now),
    step: 'delayed',
    detail: { told: readerKey(row), nextAttemptAt: row.memo.retryAt ?? now },
  }))
  const { made } = await moveTelling({ at: now, moves, events }, parts, acceptances)
  return { rows: planned, made }
}

function waitingRecipient({ to, rcpt, lastReply, memo }: DeliveryRow): NoticeRecipient {
  const remoteMta = memo.via === undefined || memo.via === '' ? null : (memo.via.split(' ')[0] ?? null)
  const explain = explanation('delayed', { kind: null, expired: false })
  const fromRemote = remoteMta !== null && lastReply !== null
  return { address: to, orcpt: rcpt.orcpt, reply: lastReply, fromRemote, remoteMta, lastAttemptAt: null, explain }
}
