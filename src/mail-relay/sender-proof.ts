// A notice whose reader was named by a stranger leaves when SPF says that the stranger may send for that domain, or when the
// access list knows him by now. Otherwise nobody is mailed, and the trace tells why. Called by attempt.ts when the attempt is
// written down and nobody has been called; DNS that is slow holds up this delivery only. DS-13, RFC 5321 §6.2
import type { Directory } from '#/accounts/types.ts'
import type { MailRelaySettings } from '#/config/mail-relay-settings.ts'
import type { MailResolver } from '#/dns/resolver.ts'
import { checkSpf, type SpfAnswer } from '#/dns/spf.ts'
import { entryFor } from '#/intake/strangers.ts'
import { printable } from '#/message/printable.ts'
import { reply, type Reply } from '#/message/reply.ts'
import type { DeliveryRow, Fate, Memo, Queue } from '#/storage/queue.ts'
import type { TraceEvent } from '#/storage/store.ts'
import type { World } from '#/world/world.ts'
import { about } from './events.ts'
import type { Outcome } from './outcome.ts'
import { isExpired } from './retry.ts'
import { ourOutcome } from './walk-words.ts'

type Stranger = NonNullable<Memo['stranger']>
export type ProofParts = {
  readonly queue: Pick<Queue, 'move'>
  readonly directory: Directory
  readonly resolver: MailResolver
  readonly world: Pick<World, 'clock'>
  readonly settingsNow: () => MailRelaySettings
}
/** go: to whom it may concern, as they are now; ended: nobody is mailed; wait: DNS must be asked again. */
export type Proved =
  | { readonly is: 'go' | 'ended'; readonly rows: readonly DeliveryRow[] }
  | { readonly is: 'wait'; readonly outcome: Outcome }
/** Of one message, under a lease. @throws StoreError */
export type SenderProof = (rows: readonly DeliveryRow[]) => Promise<Proved>

export function openSenderProof(parts: ProofParts): SenderProof {
  return async (rows) => {
    const [row] = rows // a notice has one reader
    const stranger = row?.memo.stranger
    return row === undefined || stranger === undefined ? { is: 'go', rows } : prove(row, stranger, parts)
  }
}

async function prove(row: DeliveryRow, stranger: Stranger, parts: ProofParts): Promise<Proved> {
  const asked = { directory: parts.directory, resolver: parts.resolver, clock: parts.world.clock }
  const entry = await entryFor(asked, stranger.client, row.to).catch(() => null)
  if (entry !== null) return proved(row, `access rule ${entry}`, parts)
  const { local, domain } = row.to
  const answer = await checkSpf({ address: stranger.client, local, domain, helo: stranger.ehlo }, asked)
  if (answer.is === 'pass') return proved(row, `SPF: ${answer.why}`, parts)
  const isLate = isExpired(row, parts.settingsNow(), parts.world.clock.now())
  if (answer.is === 'temperror' && !isLate) return { is: 'wait', outcome: noAnswer(answer) }
  return withheld(row, answer, parts)
}

/** From now on it is a notice like any other. */
async function proved(row: DeliveryRow, proof: string, { queue, world }: ProofParts): Promise<Proved> {
  const { stranger, ...memo } = row.memo
  const at = world.clock.now()
  const to = { ...row, memo }
  const detail = { about: stranger?.about, kind: stranger?.kind ?? 'delivered', recipients: [], proof }
  const events: TraceEvent[] = [{ ...about(row, at), step: 'notified', detail }]
  await queue.move({ at, moves: [{ row, to }], events })
  return { is: 'go', rows: [to] }
}

/** Dropped, and told in the trace of both messages. */
async function withheld(row: DeliveryRow, answer: SpfAnswer, { queue, world }: ProofParts): Promise<Proved> {
  const at = world.clock.now()
  const lastReply = reply(
    550,
    '5.7.23',
    short(`Not mailed, the sender may be forged. SPF: ${answer.is}, ${answer.why}`),
  )
  const to: Fate = { ...row, state: 'dropped', lastReply, lease: null, dueAt: at }
  const detail = {
    about: row.memo.stranger?.about,
    kind: row.memo.stranger?.kind ?? 'delivered',
    spf: answer.is,
    client: row.memo.stranger?.client,
    domain: row.to.domain,
    means: meaning(answer, row),
    because: short(answer.why),
  }
  await queue.move({ at, moves: [{ row, to }], events: [{ ...about(row, at), step: 'notice-withheld', detail }] })
  return { is: 'ended', rows: [{ ...row, ...to, priority: row.priority }] }
}

/** What SPF said, for people. RFC 7208 §2.6 */
function meaning({ is }: SpfAnswer, { to: { domain }, memo }: DeliveryRow): string {
  const client = memo.stranger?.client ?? ''
  switch (is) {
    case 'pass':
      return `${domain} says that ${client} may send for it`
    case 'fail':
      return `${domain} says that ${client} may not send for it`
    case 'softfail':
      return `${domain} says that ${client} should not send for it`
    case 'neutral':
      return `${domain} does not say whether ${client} may send for it`
    case 'none':
      return `${domain} has no SPF record, so that anybody may have named this sender`
    case 'temperror':
      return `DNS has not said for long enough whether ${client} may send for ${domain}`
    case 'permerror':
      return `the SPF record of ${domain} is wrong, so that it says nothing`
  }
}

/** No host was called: the route stays, and the delivery is tried again by the schedule of all others. RFC 7372 §3.2 */
const noAnswer = ({ why }: SpfAnswer): Outcome => ({
  ...ourOutcome({ is: 'mx' }, noAnswerReply(why)),
  stage: 'connect',
  kind: 'recipient',
})
const noAnswerReply = (why: string): Reply =>
  reply(451, '4.7.24', short(`Whether the sender is real is not known yet, and is asked again: ${why}`))

/** A stranger's record is not quoted at length. */
const short = (text: string): string => printable(text).slice(0, 400)
