// How long a host asks us to wait, in its own words: "try again in 300 seconds". Pure. Used by settle.ts. RO-31
import type { Reply } from '#/message/reply.ts'

const asks =
  /\b(?:try|retry|again|wait|back|reset|resets|resume|greylisted|graylisted)\b[^.;]{0,40}?\b(\d{1,5}) ?(sec|min|hour|hr|s\b|m\b|h\b)/i
const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 }
const leastMs = 1000
/** Longer waits are asked for again meanwhile: hosts often let mail in before. */
export const askedWaitMostMs = 4 * 3_600_000

/** Null: it does not say. */
export function waitTold({ lines }: Reply): number | null {
  const [, count, unit] = asks.exec(lines.join(' ').slice(0, 1000)) ?? []
  if (count === undefined || unit === undefined) return null
  return Math.min(askedWaitMostMs, Math.max(leastMs, Number(count) * unitMs[unit[0]!.toLowerCase()]!))
}
