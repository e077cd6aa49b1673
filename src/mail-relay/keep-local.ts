// Mail in the queue for a domain that has become ours since: it goes into its mailbox, or back like any other when the mailbox
// stays full. Called by the engine. RO-34
import { prepareOwn } from '#/intake/own.ts'
import type { IntakeParts } from '#/intake/parts.ts'
import type { Answering } from '#/intake/types.ts'
import { formatAddress } from '#/message/address.ts'
import { reply } from '#/message/reply.ts'
import type { DeliveryRow, Fate, Lease, Queue } from '#/storage/queue.ts'
import { StoreError } from '#/storage/store.ts'
import { leaseAll, settleAll, type SettlingParts } from './attempt.ts'
import type { Outcome } from './outcome.ts'
import { ourOutcome } from './walk-words.ts'

type Parts = IntakeParts & {
  readonly queue: Queue
  readonly answering?: Answering
  readonly settling: Omit<SettlingParts, 'queue' | 'world'>
}

/** Returns the rows that go elsewhere, nearly always all of them. */
export function openLocalKeeping(parts: Parts): (rows: readonly DeliveryRow[]) => Promise<readonly DeliveryRow[]> {
  return async (rows) => {
    const local = rows.filter((row) => parts.directory.resolve(row.to).is === 'local')
    if (local.length === 0) return rows
    const kept = await keep(local, parts)
    return rows.filter((row) => !kept.includes(row))
  }
}

/** How long the store may take to write down that a mailbox takes nothing. */
const leaseMs = 60_000

/** A mailbox that takes nothing now, because it is full or gone a moment ago, is asked again later. */
async function keep(rows: readonly DeliveryRow[], parts: Parts): Promise<readonly DeliveryRow[]> {
  try {
    return await store(rows, parts)
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== 'conflict') throw error
    const [first, ...others] = rows
    if (others.length === 0) return later(first!, parts)
    const kept: DeliveryRow[] = []
    for (const row of rows) kept.push(...(await keep([row], parts)))
    return kept
  }
}

/** An attempt like any other, which nobody has answered: it counts, and the last one ends in a notice. QU-06, DL-01 */
async function later(row: DeliveryRow, { queue, world, settling }: Parts): Promise<readonly DeliveryRow[]> {
  const lease = (): Lease => ({ node: 'local', until: world.clock.now() + leaseMs })
  const said = reply(452, '4.2.2', `The mailbox of ${formatAddress(row.to)} takes no mail now: it may be full`)
  const outcome: Outcome = { ...ourOutcome({ is: 'mx' }, said), stage: 'connect', kind: 'recipient' }
  const leased = await leaseAll([row], { queue, world, lease })
  const walked = { outcomes: new Map([[row.id, outcome]]), notes: [], routes: [], because: 'its domain is local' }
  await settleAll(leased, walked, { ...settling, queue, world })
  return [row]
}

async function store(rows: readonly DeliveryRow[], parts: Parts): Promise<readonly DeliveryRow[]> {
  const [first] = rows
  const at = parts.world.clock.now()
  const { acceptance, head } = await prepareOwn(parts, {
    from: first!.from,
    parameters: first!.mail,
    to: rows.map(({ to, rcpt }) => ({ address: to, parameters: rcpt })),
    octets: await parts.queue.content(first!),
    by: 'local by now',
    step: 'stored',
    detail: { about: first!.message },
  })
  if (acceptance === null) return []
  const lastReply = reply(250, '2.0.0', `Stored here as ${acceptance.key}: the domain has become local`)
  const fate = (row: DeliveryRow): Fate => ({ ...row, state: 'delivered', lastReply, lease: null })
  // Of a sender elsewhere nobody can find out any more whether it was them: only people here are answered. LP-05
  const isOurs = first!.from !== null && parts.directory.resolve(first!.from).is !== 'remote'
  const answer = isOurs && head ? parts.answering?.(acceptance, head) : null
  await parts.queue.move({ at, moves: rows.map((row) => ({ row, to: fate(row) })), acceptances: [acceptance] })
  answer?.()
  return rows
}
