// What in a message may deceive the eye: a name that looks like another address, letters that turn the direction, an answer
// that goes elsewhere. Pure. The words are the reader's: here stand kinds and what they are about. SX-04, HDR-08
import type { Person } from './fields.ts'

export type Warning = {
  readonly kind: 'name-is-address' | 'hidden-letters' | 'several-senders' | 'answers-elsewhere' | 'sent-by-another'
  readonly about: string
}
type Named = {
  readonly from: readonly Person[]
  readonly sender: readonly Person[]
  readonly replyTo: readonly Person[]
  readonly subject: string
  readonly fileNames: readonly string[]
}

/** Direction marks, and letters without a shape. */
const hidden = /[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/
const address = /[^\s<>"'@]+@[^\s<>"'@]+\.[^\s<>"'@]+/

export function warningsOf({ from, sender, replyTo, subject, fileNames }: Named): Warning[] {
  const warnings: Warning[] = []
  for (const { name, address: true_ } of from) {
    const shown = address.exec(name)?.[0]
    if (shown !== undefined && domainOf(shown) !== domainOf(true_))
      warnings.push({ kind: 'name-is-address', about: shown })
  }
  const texts = [subject, ...from.map(({ name }) => name), ...fileNames]
  const odd = texts.find((text) => hidden.test(text))
  if (odd !== undefined) warnings.push({ kind: 'hidden-letters', about: withoutHidden(odd) })
  if (from.length > 1) warnings.push({ kind: 'several-senders', about: from.map((one) => one.address).join(', ') })
  const elsewhere = replyTo.find((one) => !from.some((other) => domainOf(other.address) === domainOf(one.address)))
  if (elsewhere !== undefined) warnings.push({ kind: 'answers-elsewhere', about: elsewhere.address })
  const by = sender.find((one) => !from.some((other) => other.address === one.address))
  if (by !== undefined) warnings.push({ kind: 'sent-by-another', about: by.address })
  return warnings
}

const domainOf = (text: string): string => text.slice(text.lastIndexOf('@') + 1).toLowerCase()

export const withoutHidden = (text: string): string => text.replace(new RegExp(hidden.source, 'g'), '')
