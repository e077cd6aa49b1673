// What a run did, in words. Pure.
import type { RunReport } from '#/pop3-client/types.ts'
import { sized } from './sizes.ts'

const skippedWords: Readonly<Record<keyof RunReport['skipped'], string>> = {
  tooBig: 'larger than you allow: collect browse shows them, collect fetch takes them anyway',
  failed: 'could not be collected and are tried again',
  aside: 'cannot be collected as they are, and are set aside: collect stayed shows them',
  ignored: 'are never collected',
  duplicate: 'are copies of what is here',
  notYet: 'are for the next run',
}

export function reportWords(report: RunReport): string {
  const { ok, words, fetched, fetchedBytes, removed, left, leftBytes, tookMs } = report
  const seen = ok || report.listed > 0 // otherwise nobody knows what is there
  const there = seen ? `, ${left} left (${sized(leftBytes)})` : ''
  const did = `${fetched} collected (${sized(fetchedBytes)}), ${removed} deleted there${there}`
  return `${did}, in ${(tookMs / 1000).toFixed(1)} s${ok ? '' : `; it ended early: ${words}`}`
}

/** With all that stayed, and all that was odd. */
export const reportLines = (report: RunReport): string[] => [
  reportWords(report),
  ...Object.entries(skippedWords).flatMap(([why, words]) => {
    const count = report.skipped[why as keyof RunReport['skipped']] // the keys of skippedWords
    return count === 0 ? [] : [`${count} ${words}`]
  }),
  ...report.warnings,
]
