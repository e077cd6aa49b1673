// Figures of the day and of the last hours, of what storage has counted. Pure. Called by status.ts.
import { figureNames, type Figure, type FigureName } from '#/storage/notes.ts'
import type { Instant } from '#/world/world.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const hoursShown = 24

export type Counts = Readonly<Record<FigureName, number>>
/** Counts of whole hours, oldest first; the last hour is not over. */
export type Hours = { readonly from: Instant; readonly counts: readonly number[] }

/** The last midnight of whoever asks; that of UTC when they do not say, or say nonsense. */
export function midnightOf(said: Instant | undefined, now: Instant): Instant {
  if (said !== undefined && said <= now && now - said < 2 * dayMs) return said
  return Math.floor(now / dayMs) * dayMs
}

export function countsSince(figures: readonly Figure[], since: Instant): Counts {
  const counts = Object.fromEntries(figureNames.map((name) => [name, 0])) as Record<FigureName, number> // all of them
  for (const { at, name, count } of figures) if (at >= since) counts[name] += count
  return counts
}

/** Hours as the clock on the wall has them, which midnight tells: some places are half an hour off. */
export function hoursOf(
  figures: readonly Figure[],
  name: FigureName,
  { now, midnight }: { now: Instant; midnight: Instant },
): Hours {
  const thisHour = midnight + Math.floor((now - midnight) / hourMs) * hourMs
  const from = thisHour - (hoursShown - 1) * hourMs
  const counts = Array.from({ length: hoursShown }, () => 0)
  for (const figure of figures) {
    const hour = Math.floor((figure.at - from) / hourMs)
    if (figure.name === name && hour >= 0 && hour < hoursShown) counts[hour]! += figure.count
  }
  return { from, counts }
}

/** From when on figures are needed for both. */
export const figuresFrom = (now: Instant): Instant => now - 2 * dayMs
