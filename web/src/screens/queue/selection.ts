// What is selected in the queue: single deliveries by their ids, and whole groups with the number that was seen. Pure; an act
// reaches exactly this, however much the queue has moved meanwhile.

export type Selection = {
  readonly ids: ReadonlySet<string>
  /** Groups that are selected whole: how many deliveries were in each when it was. */
  readonly groups: ReadonlyMap<string, number>
}
export const nothing: Selection = { ids: new Set(), groups: new Map() }

export const countOf = ({ ids, groups }: Selection): number =>
  ids.size + [...groups.values()].reduce((sum, count) => sum + count, 0)

export function toggled(selection: Selection, id: string, on = !selection.ids.has(id)): Selection {
  const ids = new Set(selection.ids)
  if (on) ids.add(id)
  else ids.delete(id)
  return { ...selection, ids }
}

/** All from one to the other, in the order in which they are shown. */
export function ranged(
  selection: Selection,
  order: readonly string[],
  { from, to }: { from: string; to: string },
): Selection {
  const [a, b] = [order.indexOf(from), order.indexOf(to)]
  if (a < 0 || b < 0) return toggled(selection, to, true)
  const ids = new Set(selection.ids)
  for (const id of order.slice(Math.min(a, b), Math.max(a, b) + 1)) ids.add(id)
  return { ...selection, ids }
}

/** A whole group takes the place of what was selected of it. */
export function groupToggled(
  selection: Selection,
  group: { readonly key: string; readonly count: number; readonly shown: readonly string[] },
): Selection {
  const { key, count, shown } = group
  const groups = new Map(selection.groups)
  const ids = new Set(selection.ids)
  for (const id of shown) ids.delete(id)
  if (groups.has(key)) groups.delete(key)
  else groups.set(key, count)
  return { ids, groups }
}

/** One delivery of a group that was selected whole is left out: the shown rest stays selected. */
export function withoutOne(
  selection: Selection,
  key: string,
  { id, shown }: { id: string; shown: readonly string[] },
): Selection {
  const groups = new Map(selection.groups)
  groups.delete(key)
  return { groups, ids: new Set([...selection.ids, ...shown.filter((one) => one !== id)]) }
}
