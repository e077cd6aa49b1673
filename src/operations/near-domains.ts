// "Did you mean harbour-supplies.test?": the known domain that a mistyped one is nearest to. Pure. Of send-preview.ts.

/** Null when none is near: at most two letters wrong, and no more than a fifth of them. */
export function nearestDomain(typed: string, known: Iterable<string>): string | null {
  const allowed = Math.min(2, Math.floor(typed.length / 5))
  let best: { domain: string; steps: number } | null = null
  for (const domain of known) {
    if (domain === typed || Math.abs(domain.length - typed.length) > allowed) continue
    const steps = distance(typed, domain)
    if (steps <= allowed && (!best || steps < best.steps)) best = { domain, steps }
  }
  return best?.domain ?? null
}

/** Letters to add, drop, change or swap with their neighbour. */
function distance(a: string, b: string): number {
  let [before, row]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : Infinity
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1, swap))
    }
    ;[before, row] = [row, next]
  }
  return row[b.length]!
}
