// Lists in pages: a cursor is the place of the last row shown, opaque to whoever asks. Pure.
import { OperationError } from './errors.ts'

/** Text or a number, then a text that no other row has. */
export type Place = readonly [value: string | number, key: string]
export type Page<T> = { rows: T[]; next: string | null }

const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
/** Numbers before texts. */
function compare([a, aKey]: Place, [b, bKey]: Place): number {
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : text(String(a), String(b))
  return order || text(aKey, bKey)
}

/** The rows behind `after`, in order. @throws OperationError for a cursor of something else */
export function pageOf<T>(
  rows: readonly T[],
  {
    place,
    limit,
    after,
    descending = false,
  }: { place: (row: T) => Place; limit: number; after?: string | undefined; descending?: boolean },
): Page<T> {
  const sign = descending ? -1 : 1
  const from = after === undefined ? null : placeIn(after)
  const left = rows
    .map((row) => ({ row, at: place(row) }))
    .filter(({ at }) => from === null || sign * compare(at, from) > 0)
  left.sort((a, b) => sign * compare(a.at, b.at))
  const page = left.slice(0, limit)
  return {
    rows: page.map(({ row }) => row),
    next: left.length > limit ? Buffer.from(JSON.stringify(page.at(-1)!.at)).toString('base64url') : null,
  }
}

function placeIn(after: string): Place {
  try {
    const value: unknown = JSON.parse(Buffer.from(after, 'base64url').toString())
    if (Array.isArray(value) && value.length === 2 && typeof value[1] === 'string') return value as unknown as Place // as pageOf wrote it
  } catch {
    // said below
  }
  throw new OperationError('This is no place in the list: ask for its first page again')
}
