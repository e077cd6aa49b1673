// Deliveries as rows and moves as steps of a unit of work. Pure. Called by units.ts and the engines.
import type { Address } from '#/message/address.ts'
import { takenBackSteps } from './draft-units.ts'
import { isFinished, type DeliveryRow, type MovesUnit } from './queue.ts'
import type { Acceptance, RemoteEntry } from './store.ts'
import type { Step } from './work.ts'

/** The deliveries that an acceptance makes. A leased one has its first attempt counted: QU-02. */
export function deliveriesOf(a: Acceptance, contentId: number): DeliveryRow[] {
  const lease = a.lease ?? null
  return a.remote.map((entry, i): DeliveryRow => {
    const leased = lease !== null && entry.held !== true && (entry.dueAt ?? a.at) <= a.at
    return {
      ...identityOf(a, entry, i),
      content: contentId,
      file: a.content.file,
      siblings: a.remote.length,
      state: entry.held ? 'held' : leased ? 'leased' : 'waiting',
      priority: entry.priority ?? 0,
      attempts: leased ? 1 : 0,
      dueAt: entry.dueAt ?? a.at,
      acceptedAt: a.at,
      finishedAt: null,
      lastReply: null,
      sizeBytes: a.content.sizeBytes,
      memo: entry.memo ?? {},
      lease: leased ? lease : null,
    }
  })
}

type Identity = 'id' | 'message' | 'from' | 'to' | 'destination' | 'mail' | 'rcpt' | 'allowedBy'

function identityOf({ key, envelope }: Acceptance, entry: RemoteEntry, i: number): Pick<DeliveryRow, Identity> {
  return {
    id: `${key}-${String(i).padStart(5, '0')}`,
    message: key,
    from: entry.from === undefined ? envelope.from : entry.from,
    to: entry.to,
    destination: destinationOf(entry.to),
    mail: envelope.parameters,
    rcpt: entry.parameters,
    allowedBy: entry.allowedBy,
  }
}

export const destinationOf = ({ domain }: Address): string => domain

export function addDelivery(row: DeliveryRow): Step {
  const envelope = JSON.stringify({ from: row.from, mail: row.mail, siblings: row.siblings })
  const recipient = JSON.stringify({ to: row.to, rcpt: row.rcpt })
  const { id, message, content, destination, priority, state, attempts, dueAt, acceptedAt, allowedBy, sizeBytes } = row
  const memo = JSON.stringify(row.memo)
  const identity = [id, message, content, envelope, recipient, destination]
  const fate = [priority, state, attempts, dueAt, acceptedAt, allowedBy, sizeBytes, memo]
  const lease = [row.lease?.node ?? null, row.lease?.until ?? null]
  return { run: 'addDelivery', with: [...identity, ...fate, ...lease, reasonOf(row)] }
}

/** What deliveries that wait for the same have in common. */
const reasonOf = ({ memo, lastReply }: Pick<DeliveryRow, 'memo' | 'lastReply'>): string =>
  memo.hold?.why ?? (lastReply === null ? '' : [lastReply.code, lastReply.status ?? []].flat().join(' '))

/** The moves, then each content that lost deliveries: removed with its last reference, otherwise counted down. */
export function moveSteps({ moves, at, takenBack }: Pick<MovesUnit, 'moves' | 'at' | 'takenBack'>): Step[] {
  const steps: Step[] = []
  const finished = new Map<number, number>()
  for (const { row, to } of moves) {
    const done = isFinished(to.state)
    if (done) finished.set(row.content, (finished.get(row.content) ?? 0) + 1)
    const reply = to.lastReply === null ? null : JSON.stringify(to.lastReply)
    const next = [
      to.state,
      to.priority ?? row.priority,
      to.attempts,
      to.dueAt,
      reply,
      JSON.stringify(to.memo),
      done ? at : null,
    ]
    const leases = [to.lease?.node ?? null, to.lease?.until ?? null, reasonOf(to)]
    const was = [
      row.id,
      row.state,
      row.lease?.node ?? null,
      row.lease?.until ?? null,
      JSON.stringify(row.memo),
      row.priority,
    ]
    steps.push({ run: 'moveDelivery', with: [...next, ...leases, ...was], changes: 1 })
  }
  for (const [content, count] of finished)
    steps.push({ run: 'dropDelivered', with: [content, count] }, { run: 'unrefDelivered', with: [content, count] })
  if (takenBack !== undefined) steps.push(...takenBackSteps(takenBack, at))
  return steps
}
