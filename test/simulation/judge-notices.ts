// What is promised of notices, checked at each commit that has some: who hears of what, once, and of whom. Part of judge.ts.
import { formatAddress } from '#/message/address.ts'
import type { MailRelaySettings } from '#/config/mail-relay-settings.ts'
import type { DeliveryRow, Move } from '#/storage/queue.ts'
import type { Acceptance, TraceEvent } from '#/storage/store.ts'
import { hostname } from './scenario.ts'

/** `delivered`: into a mailbox here, of which the queue knows nothing. */
export type NoticeKind = 'failed' | 'delayed' | 'delivered-late' | 'relayed' | 'delivered'
export type Noticed = { readonly about: string; readonly kind: NoticeKind; readonly recipients: readonly string[] }

/** As notices.ts writes it; null when it is none. */
export const noticed = ({ step, detail }: TraceEvent): Noticed | null =>
  step === 'notified' ? (detail as Noticed) : null

/** Who must hear of it: its sender; of a forward its owner; of a notice, if anybody, the postmaster. DS-01, DS-02, AD-14 */
export const readerOf = ({ from, memo: { notice, owner } }: DeliveryRow): string =>
  notice || from === null || owner !== undefined ? `ann@${hostname}` : formatAddress(from)

/** Nothing that might be answered by another notice, ever. */
export const isReturned = ({ from, memo: { notice, owner } }: DeliveryRow): boolean =>
  notice === true || (from === null && owner === undefined)

export function wantsFailure(row: DeliveryRow, { sendFailureNotices, postmasterCopies }: MailRelaySettings): boolean {
  if (isReturned(row)) return postmasterCopies // and nobody else
  const { notify } = row.rcpt
  if (notify !== null && (notify === 'NEVER' || !notify.includes('FAILURE'))) return false
  return sendFailureNotices
}

/** DL-02 */
export function wantsDelay({ from, memo, rcpt }: DeliveryRow): boolean {
  if (from === null || memo.notice || memo.owner !== undefined) return false
  return rcpt.notify === null || (rcpt.notify !== 'NEVER' && rcpt.notify.includes('DELAY'))
}

const fates = { failed: 'failed', delayed: 'waiting', 'delivered-late': 'delivered', relayed: 'delivered' } as const
type Told = { readonly rows: readonly DeliveryRow[]; readonly moves: readonly Move[]; readonly octets: Uint8Array }

/** Sentences about one notice. `rows`: of those that it names. DS-01, DS-02, DS-05 */
export function noticeProblems(acceptance: Acceptance, { rows, moves, octets }: Told): string[] {
  const { about, kind, recipients } = noticed(acceptance.event)!
  const { envelope, local, remote } = acceptance
  if (kind === 'delivered') return []
  const [row] = rows
  if (row === undefined || rows.length !== recipients.length) return [`a notice names others than ${about} was sent to`]
  const text = Buffer.from(octets).toString('latin1')
  const isSent = remote.length > 0
  const problems = [
    envelope.from === null ? '' : 'has a sender',
    local.length + Number(isSent) > 0 ? '' : 'goes to nobody',
    acceptance.event.to.includes(readerOf(row)) ? '' : `goes to ${acceptance.event.to.join(' ')}, not ${readerOf(row)}`,
    isReturned(row) && (isSent || kind !== 'failed') ? 'is about a notice' : '',
    ...recipients.map((to) => (text.includes(`Final-Recipient: rfc822;${to}`) ? '' : `says nothing of ${to}`)),
    ...rows.map(({ id, to }) =>
      moves.find((move) => move.row.id === id)?.to.state === fates[kind] ? '' : `tells of ${formatAddress(to)} wrongly`,
    ),
  ]
  return problems.filter((one) => one !== '').map((one) => `the notice of kind ${kind} about ${about} ${one}`)
}
