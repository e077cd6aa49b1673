// Why an address goes where it goes, in a few words.
import { addressTexts as t } from '../../texts/addresses.ts'
import type { Line } from './addresses.svelte.ts'

export function because({ kind, goesTo, over, expired, note }: Line): string {
  if (kind === 'named') return goesTo.some(({ is }) => is === 'off') ? t().offWhy : t().mailboxOfName
  if (kind === 'whole') return t().allToOne
  if (kind === 'rest') return t().otherwise
  if (kind === 'alias') return t().sameDomain
  if (expired) return t().expired
  const gone = goesTo.find(({ is }) => is === 'gone')
  if (gone) return t().gone(gone.to)
  if (over !== null) return t().winsOver(over)
  if (note !== '') return note
  return goesTo.every(({ is }) => is === 'outside') ? t().sentOn : t().youPointed
}
