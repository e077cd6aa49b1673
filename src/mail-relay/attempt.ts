// One attempt for one group of recipients: lease, walk, settle, commit, with the notices that it calls for in the same
// transaction. Called by the engine. What the store refuses to commit has not happened: the lease runs out or is recovered.
import { reply } from '#/message/reply.ts'
import type { DeliveryRow, Fate, Lease, Move, MovesUnit, Queue } from '#/storage/queue.ts'
import { StoreError, type Acceptance, type TraceEvent } from '#/storage/store.ts'
import type { MailRelaySettings } from '#/config/mail-relay-settings.ts'
import type { Clock, World } from '#/world/world.ts'
import type { Group } from './batches.ts'
import { about, attemptEvents, type Told } from './events.ts'
import { moveTelling } from './keeping.ts'
import { lostAgainMs, roomAgainMs } from './limits.ts'
import type { Notices } from './notices.ts'
import type { Outcome } from './outcome.ts'
import type { Ladder } from './routes.ts'
import type { SenderProof } from './sender-proof.ts'
import { settle } from './settle.ts'
import type { Together } from './together.ts'
import { ourOutcome, ourTrouble } from './walk-words.ts'
import { routeName, type Batch } from './walk-types.ts'
import type { Walked } from './walk.ts'

export type AttemptParts = {
  readonly queue: Queue
  readonly world: Pick<World, 'clock' | 'random' | 'log'>
  readonly settingsNow: () => MailRelaySettings
  readonly walk: (batch: Batch) => Promise<Walked>
  readonly notices: Notices
  readonly proof: SenderProof
  readonly lease: () => Lease
}
export type SettlingParts = Pick<AttemptParts, 'queue' | 'world' | 'settingsNow' | 'notices'>
/** The rows as they are now, and the deliveries that notices made. `later`: ids of those that are told of with others. */
export type Attempted = {
  readonly rows: readonly DeliveryRow[]
  readonly made: readonly DeliveryRow[]
  readonly later?: ReadonlySet<string>
}

export async function attempt({ rows, ladder, together }: Group, parts: AttemptParts): Promise<Attempted> {
  if (ladder.is === 'hold') return held(rows, ladder.because, parts)
  const leased = await leaseAll(rows, parts)
  const proved = ladder.is === 'routes' ? await parts.proof(leased) : null // what goes nowhere needs no proof
  if (proved?.is === 'ended') return { rows: proved.rows, made: [] }
  const going = proved?.is === 'go' ? proved.rows : leased
  const walked =
    proved?.is === 'wait' ? waiting(leased, proved.outcome) : await walkedBy({ rows: going, ladder }, parts)
  const routes = ladder.is === 'routes' ? ladder.routes.map(routeName) : []
  const settling = { rows: going, judging: { ...walked, routes, because: ladder.because } }
  return together ? settleWithOthers(settling, together, parts) : settleEach([settling], parts)
}

const walkedBy = async ({ rows, ladder }: Pick<Group, 'rows' | 'ladder'>, parts: AttemptParts): Promise<Walked> =>
  ladder.is === 'routes' ? walkSafely({ rows, ...ladder }, parts) : unwalked(rows, ladder)

const waiting = (rows: readonly DeliveryRow[], outcome: Outcome): Walked => ({
  outcomes: new Map(rows.map(({ id }) => [id, outcome])),
  notes: [],
})

/** Recorded before anybody is called. QU-02 */
export async function leaseAll(
  rows: readonly DeliveryRow[],
  { queue, lease, world }: Pick<AttemptParts, 'queue' | 'lease'> & { readonly world: { readonly clock: Clock } },
): Promise<DeliveryRow[]> {
  const waiting = rows.filter((row) => row.lease === null)
  if (waiting.length === 0) return [...rows]
  const term = lease()
  const leased = (row: DeliveryRow): DeliveryRow =>
    row.lease === null ? { ...row, state: 'leased', attempts: row.attempts + 1, lease: term } : row
  const moves = waiting.map((row): Move => ({ row, to: leased(row) }))
  await queue.move({ at: world.clock.now(), moves })
  return rows.map(leased)
}

/** Where the content cannot be read nobody is called. A damaged one waits for the operator. OUT-19 */
async function walkSafely(batch: Batch & { because: string }, { walk, world }: AttemptParts): Promise<Walked> {
  const walked = await walk(batch).catch((broke: unknown): Walked => {
    const outcomes = new Map(batch.rows.map(({ id }) => [id, ourTrouble(batch.routes[0]!)]))
    return { outcomes, notes: [], broke }
  })
  if (walked.broke === undefined) return walked
  world.log.error('attempt', { message: batch.rows[0]?.message, error: walked.broke })
  return isDamage(walked.broke) ? { ...walked, outcomes: waitingForRepair(walked.outcomes) } : walked
}

const isDamage = (error: unknown): boolean => error instanceof StoreError && error.message.includes('damaged')

function waitingForRepair(outcomes: Walked['outcomes']): Walked['outcomes'] {
  const hold = 'the stored message is damaged: run netcruiser verify'
  return new Map(Array.from(outcomes, ([id, one]) => [id, one.fromRemote ? one : { ...one, hold }]))
}

function unwalked(rows: readonly DeliveryRow[], { is, because }: Ladder): Walked {
  const said =
    is === 'fail'
      ? reply(550, '5.7.1', 'Mail for this recipient is not sent: a route of this server says so')
      : reply(450, '4.3.5', 'No way to send it is set up yet')
  const hold = is === 'fail' ? null : because
  const outcome: Outcome = { ...ourOutcome({ is: 'mx' }, said), kind: 'recipient', hold }
  return { outcomes: new Map(rows.map((row) => [row.id, outcome])), notes: [] }
}

type Judging = Walked & { readonly routes: readonly string[]; readonly because: string }
/** Leased rows of one attempt, and what it learnt of them. */
export type Settling = { readonly rows: readonly DeliveryRow[]; readonly judging: Judging }

/** Who failed may wait a moment for others of the message, to be told of with them; all else is written down now. DS-05 */
async function settleWithOthers(
  { rows, judging }: Settling,
  together: Together,
  parts: SettlingParts,
): Promise<Attempted> {
  const asked = { now: parts.world.clock.now(), policy: parts.settingsNow(), routes: judging.routes, random: 0 }
  const hasFailed = (row: DeliveryRow): boolean => settle(row, judging.outcomes.get(row.id)!, asked).is === 'failed'
  const [failed, others] = [rows.filter(hasFailed), rows.filter((row) => !hasFailed(row))]
  if (failed.length > 0) together.add({ rows: failed, judging })
  const { rows: now, made } = others.length > 0 ? await settleAll(others, judging, parts) : { rows: [], made: [] }
  return { rows: now, made, later: new Set(failed.map(({ id }) => id)) }
}

/** Writes down what became of leased rows, and tells whom it concerns. */
export const settleAll = (rows: readonly DeliveryRow[], judging: Judging, parts: SettlingParts): Promise<Attempted> =>
  settleEach([{ rows, judging }], parts)

/** The same of several attempts for one message, in one commit. */
export async function settleEach(all: readonly Settling[], parts: SettlingParts): Promise<Attempted> {
  const random = parts.world.random.bytes(1)[0]! / 256
  return whenThereIsRoom(() => settleNow(all, random, parts), parts.world)
}

/** By the clock as it is when there is room: it may be set while there is none. CLK-02 */
async function settleNow(all: readonly Settling[], random: number, parts: SettlingParts): Promise<Attempted> {
  const { world, settingsNow, notices } = parts
  const now = world.clock.now()
  const policy = settingsNow()
  const told: Told[] = []
  const events: TraceEvent[] = []
  for (const { rows, judging } of all) {
    const asked = { now, policy, routes: judging.routes, random }
    const those = rows.map((row): Told => {
      const outcome = judging.outcomes.get(row.id)!
      return { row, outcome, settled: settle(row, outcome, asked) }
    })
    told.push(...those)
    events.push(...attemptEvents(those, { at: now, because: judging.because, notes: judging.notes }))
  }
  const moves = told.map(({ row, settled }): Move => ({ row, to: settled.fate }))
  const unit = { moves, events, at: now, patient: true }
  const made = await commit(unit, await notices.ofAttempt(told, now), parts)
  return { rows: told.map(({ row, settled }) => ({ ...row, ...settled.fate })), made }
}

/** What hosts have taken stays taken: a full disk must not let it be sent again. QUE-06 */
async function whenThereIsRoom<T>(work: () => Promise<T>, { clock, log }: AttemptParts['world']): Promise<T> {
  for (;;)
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== 'full') throw error
      log.warn('queue: no room to write down what became of mail', { problem: error.message })
      await clock.sleep(roomAgainMs)
    }
}

/** What is not kept counts as told to nobody. */
async function commit(
  unit: Omit<MovesUnit, 'acceptances'>,
  acceptances: readonly Acceptance[],
  parts: SettlingParts,
): Promise<readonly DeliveryRow[]> {
  if (acceptances.length === 0) return parts.queue.move(unit)
  try {
    const { made, lost } = await moveTelling(unit, parts, acceptances)
    if (lost.length > 0) parts.notices.notKept?.(lost, unit.at + lostAgainMs)
    return made
  } catch (error) {
    parts.notices.notKept?.(
      acceptances.map(({ event }) => event),
      unit.at,
    )
    throw error
  }
}

/** By a rule of the operator: until somebody releases it. QU-12 */
async function held(rows: readonly DeliveryRow[], why: string, { queue, world }: AttemptParts): Promise<Attempted> {
  const at = world.clock.now()
  const hold = { by: 'rule', why, at }
  const fate = (row: DeliveryRow): Fate => ({ ...row, state: 'held', lease: null, memo: { ...row.memo, hold } })
  const moves = rows.map((row): Move => ({ row, to: fate(row) }))
  const events = rows.map((row): TraceEvent => ({ ...about(row, at), step: 'held', detail: { why } }))
  await queue.move({ at, moves, events })
  return { rows: rows.map((row) => ({ ...row, ...fate(row) })), made: [] }
}
