// Recipients of one message put together that go the same way: one transaction each. Pure. Called by the engine. QU-09, RO-30
import { addressKey } from '#/message/address.ts'
import type { DeliveryRow } from '#/storage/queue.ts'
import type { Kind } from './lanes.ts'
import type { Ladder, RelayRoute } from './routes.ts'
import { rungsOf } from './rungs.ts'
import type { Together } from './together.ts'
import { routeName } from './walk-types.ts'

export type Grouping = {
  readonly ladderFor: (row: DeliveryRow) => Ladder
  /** The same text for destinations with the same mail exchangers. */
  readonly exchangersOf: (destination: string) => string
  readonly recipientsMax: number
}
/** `rows` as they are now: some of them may be told of while they wait for their turn. `together`: with the other groups of the
 *  message, when there are some. */
export type Group = {
  readonly lane: string
  readonly ladder: Ladder
  rows: readonly DeliveryRow[]
  together?: Together
}

/** Of destinations of one message, by name. One alone needs no DNS to be told apart from others. */
export async function exchangersFor(
  rows: readonly DeliveryRow[],
  exchangersOf: (destination: string) => Promise<string>,
): Promise<ReadonlyMap<string, string>> {
  const names = [...new Set(rows.map((row) => row.destination))]
  if (names.length < 2) return new Map()
  return new Map(await Promise.all(names.map(async (name) => [name, await exchangersOf(name)] as const)))
}

/** What was accepted under a lease is in its first attempt. QU-15 */
export function turnOf({ attempts, lease, priority, from }: DeliveryRow): { kind: Kind; sender: string } {
  const sender = from === null ? '' : addressKey(from)
  if (lease === null && attempts > 0) return { kind: 'again', sender }
  return { kind: priority > 0 ? 'bulk' : 'fresh', sender }
}

/** `rows` are of one message. A message that may have made the program end goes alone. QU-02 */
export function groupsOf(rows: readonly DeliveryRow[], grouping: Grouping): Group[] {
  const ways = rows.length === 1 ? [rows] : Map.groupBy(rows, (row) => wayOf(row, grouping)).values()
  return [...ways].flatMap((together) => {
    const ladder = grouping.ladderFor(together[0]!)
    const lane = laneOf(together[0]!, ladder, grouping)
    const { atOnce = grouping.recipientsMax } = together[0]!.memo
    return slices(together, Math.min(atOnce, grouping.recipientsMax)).map((slice) => ({ lane, ladder, rows: slice }))
  })
}

/** Rows with the same text walk the same rungs to the same hosts, whichever of them is asked. */
function wayOf(row: DeliveryRow, grouping: Grouping): string {
  const { memo, from } = row
  const rungs = rungsLeft(row, grouping.ladderFor(row))
  const standing = [memo.uncertain?.host, memo.crashes ? row.id : '', memo.atOnce ?? 0]
  const sender = from === null ? '' : `${from.local}@${from.domain}`
  return JSON.stringify([rungs.map(routeName), placeOf(row, rungs, grouping), standing, sender])
}

/** Nothing where only alternate servers are left: they take all destinations in one transaction. RO-30 */
function placeOf({ destination }: DeliveryRow, rungs: readonly RelayRoute[], { exchangersOf }: Grouping): string {
  if (rungs.some(({ is }) => is === 'address')) return destination
  return rungs.some(({ is }) => is === 'mx') ? exchangersOf(destination) : ''
}

function laneOf(row: DeliveryRow, ladder: Ladder, { exchangersOf }: Grouping): string {
  const [first] = rungsLeft(row, ladder)
  if (first === undefined) return ladder.is
  if (first.is === 'alternate') return routeName(first)
  return first.is === 'mx' ? exchangersOf(row.destination) : `address ${row.destination}`
}

const rungsLeft = ({ memo }: DeliveryRow, ladder: Ladder): readonly RelayRoute[] =>
  ladder.is === 'routes' ? rungsOf(ladder.routes, memo) : []

function slices<T>(items: readonly T[], max: number): T[][] {
  const parts: T[][] = []
  for (let at = 0; at < items.length; at += max) parts.push(items.slice(at, at + max))
  return parts
}
