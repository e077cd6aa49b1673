// Recipients of one message put together that go the same way: one transaction each. Pure. Called by the engine. QU-09, RO-30
import type { DeliveryRow } from '#/storage/queue.ts'
import type { Ladder } from './routes.ts'
import { routeName } from './walk-types.ts'

export type Grouping = {
  readonly ladderFor: (row: DeliveryRow) => Ladder
  /** The same text for destinations with the same mail exchangers. */
  readonly exchangersOf: (destination: string) => string
  readonly recipientsMax: number
}
export type Group = { readonly lane: string; readonly ladder: Ladder; readonly rows: readonly DeliveryRow[] }

/** `rows` are of one message. A message that may have made the program end goes alone. QU-02 */
export function groupsOf(rows: readonly DeliveryRow[], grouping: Grouping): Group[] {
  const byWay = Map.groupBy(rows, (row) => wayOf(row, grouping))
  return [...byWay.values()].flatMap((together) => {
    const ladder = grouping.ladderFor(together[0]!)
    const lane = laneOf(together[0]!, ladder, grouping)
    return slices(together, grouping.recipientsMax).map((slice) => ({ lane, ladder, rows: slice }))
  })
}

function wayOf(row: DeliveryRow, grouping: Grouping): string {
  const { memo, from } = row
  const ladder = grouping.ladderFor(row)
  const standing = [memo.route, memo.onceRoute, memo.uncertain?.host, memo.crashes ? row.id : '']
  const sender = from === null ? '' : `${from.local}@${from.domain}`
  return JSON.stringify([laneOf(row, ladder, grouping), namesOf(ladder), standing, sender])
}

/** An alternate server in front takes all destinations in one transaction. */
function laneOf({ destination, memo }: DeliveryRow, ladder: Ladder, { exchangersOf }: Grouping): string {
  const names = namesOf(ladder)
  const first = memo.onceRoute ?? memo.route ?? names[0] ?? ''
  if (first.startsWith('alternate:')) return first
  return first === 'mx' ? exchangersOf(destination) : `${first} ${destination}`
}

const namesOf = (ladder: Ladder): string[] => (ladder.is === 'routes' ? ladder.routes.map(routeName) : [ladder.is])

function slices<T>(items: readonly T[], max: number): T[][] {
  const parts: T[][] = []
  for (let at = 0; at < items.length; at += max) parts.push(items.slice(at, at + max))
  return parts
}
