// Writes down what became of mail together with the notices that tell of it. A reader whose mailbox is full or gone must not
// keep the truth from being written down, nor anybody else from hearing of it. Used by attempt.ts and notices.ts. DS-12
import type { DeliveryRow, MovesUnit, Queue } from '#/storage/queue.ts'
import { EntryRefused, type Acceptance, type TraceEvent } from '#/storage/store.ts'
import type { World } from '#/world/world.ts'

type Parts = { readonly queue: Pick<Queue, 'move'>; readonly world: Pick<World, 'log'> }
/** The deliveries that notices made, and the events of notices that somebody does not get. */
export type Kept = { readonly made: readonly DeliveryRow[]; readonly lost: readonly TraceEvent[] }

/** @throws StoreError as `Queue.move` does, but for notices that a mailbox does not take. */
export async function moveTelling(unit: Omit<MovesUnit, 'acceptances'>, parts: Parts, notices: readonly Acceptance[]) {
  let acceptances = [...notices]
  const lost: TraceEvent[] = []
  for (;;)
    try {
      const events = [...(unit.events ?? []), ...lost]
      // The store takes the octets that it is given, also of what it does not keep.
      const made = await parts.queue.move({ ...unit, events, acceptances: acceptances.map(withOwnOctets) })
      return { made, lost } satisfies Kept
    } catch (error) {
      if (!(error instanceof EntryRefused)) throw error
      parts.world.log.warn('notice not kept', { problem: error.message })
      const [refused, rest] = apart(acceptances[error.acceptance]!, error.mailbox)
      lost.push({ ...refused, step: 'notice-lost', at: unit.at })
      acceptances = acceptances.toSpliced(error.acceptance, 1, ...rest)
    }
}

const withOwnOctets = (acceptance: Acceptance): Acceptance => {
  const { content } = acceptance
  return { ...acceptance, content: { ...content, chunks: content.chunks?.map((chunk) => chunk.slice()) ?? null } }
}

/** What is told of the mailbox that takes none, and what is left for others. */
function apart(acceptance: Acceptance, mailbox: number): [event: TraceEvent, rest: Acceptance[]] {
  const { event, local, remote } = acceptance
  const at = local.findIndex((entry) => entry.mailbox === mailbox)
  const { storedIn } = event.detail
  const names: readonly unknown[] = Array.isArray(storedIn) ? storedIn : [] // in the order of `local`
  const storedAs = (some: readonly unknown[]): TraceEvent => ({ ...event, detail: { ...event.detail, storedIn: some } })
  const left = local.toSpliced(at, 1)
  const rest = { ...acceptance, local: left, event: storedAs(names.toSpliced(at, 1)) }
  return [storedAs(names.slice(at, at + 1)), left.length + remote.length > 0 ? [rest] : []]
}
