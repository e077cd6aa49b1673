// The rows of a list that grows at both ends: what came is added on top, what went is taken out, nothing is sorted anew. Pure.

type Row = { readonly uid: number }

/** The first page, loaded again, over what was loaded before. Of a list whose newest has the highest UID. */
export function withFirstPage<R extends Row>(
  rows: readonly R[],
  page: { rows: readonly R[]; next: string | null },
): R[] {
  const last = page.rows.at(-1)
  if (page.next === null || last === undefined) return [...page.rows]
  return [...page.rows, ...rows.filter(({ uid }) => uid < last.uid)]
}

/** Which row the focus goes to when some go: the one behind them, or the one before. */
export function neighbour(rows: readonly Row[], going: ReadonlySet<number>, open: number | null): number | null {
  const at = rows.findIndex(({ uid }) => uid === open)
  if (at < 0 || open === null) return null
  const behind = rows.slice(at).find(({ uid }) => !going.has(uid))
  return (behind ?? rows.slice(0, at).findLast(({ uid }) => !going.has(uid)))?.uid ?? null
}

/** Rows that are drawn: those in sight and some around them. */
export function inSight(view: { top: number; height: number; row: number; count: number }): {
  first: number
  end: number
} {
  const around = 6
  const first = Math.max(0, Math.floor(view.top / view.row) - around)
  return { first, end: Math.min(view.count, Math.ceil((view.top + view.height) / view.row) + around) }
}
