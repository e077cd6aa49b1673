// Changes deliveries by hand, page by page: what is being delivered right now is waited for a little, then left alone. On a
// stopped server nothing is.
import { moveTelling } from '#/mail-relay/keeping.ts'
import { endedWords, takenBack } from '#/mail-relay/recover.ts'
import type { DeliveryRow, DeliveryState, MovesUnit } from '#/storage/queue.ts'
import { StoreError } from '#/storage/store.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { selected, type Selection } from './queue-select.ts'

export type Deed = {
  /** The states that it changes. */
  readonly from: readonly DeliveryState[]
  readonly unit: (rows: readonly DeliveryRow[], at: number) => MovesUnit | Promise<MovesUnit>
  /** Hosts that did not answer are tried anew. */
  readonly freshHosts?: boolean
  /** What is held is changed and stays held. */
  readonly keepsHeld?: boolean
}
/** `busy`: being delivered right now, and not changed. `held`: changed, and held as before. `ids`: of what was changed, the
 *  first thousand. */
export type Done = {
  readonly changed: number
  readonly busy: number
  readonly held: number
  readonly ids: readonly string[]
}

const waitMs = 3000
const lookMs = 200
const busyMax = 1000
const idsMax = 1000

/** @throws OperationError when nothing was there to change. */
export async function changeSelected(context: Context, selection: Selection, deed: Deed): Promise<Done> {
  let changed = 0
  let held = 0
  let seen = 0
  const ids: string[] = []
  const busy: DeliveryRow[] = []
  for await (const rows of selected(context, selection)) {
    seen += rows.length
    const ready = rows.filter((row) => deed.from.includes(row.state))
    const late = rows.filter((row) => row.state === 'leased')
    if (!context.outgoing) await takeBack(context, late)
    const conflicts = await change(context, ready, deed)
    changed += ready.length - conflicts.length
    const done = ready.filter((row) => !conflicts.includes(row))
    if (deed.keepsHeld) held += done.filter(({ state }) => state === 'held').length
    ids.push(...done.slice(0, idsMax - ids.length).map(({ id }) => id))
    busy.push(...[...late, ...conflicts].slice(0, busyMax - busy.length))
  }
  const left = await patiently(context, busy, deed)
  changed += left.changed
  if (changed > 0) context.outgoing?.wake(deed.freshHosts ? { fresh: true } : {})
  if (changed === 0) throw new OperationError(nothing(seen, left.busy, deed))
  return { changed, busy: left.busy, held, ids: [...ids, ...left.ids] }
}

/** On a stopped server nobody tries what its end has left leased. */
async function takeBack({ store, world }: Context, rows: readonly DeliveryRow[]): Promise<void> {
  if (rows.length > 0) await store.queue.move(takenBack(rows, world.clock.now(), endedWords))
}

function nothing(seen: number, busy: number, { from }: Deed): string {
  if (busy > 0) return 'It is being delivered right now: look again in a moment'
  return seen === 0 ? 'No such delivery in the queue' : `Nothing was changed: this is for what is ${from.join(' or ')}`
}

/** Those that moved meanwhile; one that did must not keep the others. */
async function change(context: Context, rows: readonly DeliveryRow[], deed: Deed): Promise<readonly DeliveryRow[]> {
  if (rows.length === 0) return []
  const { store, world, outgoing } = context
  try {
    const unit = await deed.unit(rows, world.clock.now())
    const { made } = await moveTelling(unit, { queue: store.queue, world }, unit.acceptances ?? [])
    if (made.length > 0) outgoing?.queued(made)
    return []
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== 'conflict') throw error
    if (rows.length === 1) return rows
    const left: DeliveryRow[] = []
    for (const row of rows) left.push(...(await change(context, [row], deed)))
    return left
  }
}

async function patiently(context: Context, rows: readonly DeliveryRow[], deed: Deed): Promise<Omit<Done, 'held'>> {
  const { store, world } = context
  const end = world.clock.now() + waitMs
  const ids: string[] = []
  let busy = [...rows]
  while (busy.length > 0 && world.clock.now() < end) {
    await world.clock.sleep(lookMs)
    const left: DeliveryRow[] = []
    for (const { id, message } of busy) {
      const row = (await store.queue.ofMessage(message)).find((one) => one.id === id)
      if (row?.state === 'leased') left.push(row)
      else if (row && deed.from.includes(row.state)) {
        const conflicts = await change(context, [row], deed)
        left.push(...conflicts)
        if (conflicts.length === 0) ids.push(id)
      }
    }
    busy = left
  }
  return { changed: ids.length, busy: busy.length, ids }
}
