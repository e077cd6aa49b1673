// What stands in the fields of Mailbox Properties, to and from what the server keeps. Pure.

const bytesPerGb = 1_000_000_000

/** Null: no limit; undefined: no number. */
export function quotaOf(text: string): number | null | undefined {
  const plain = text.trim().replace(',', '.')
  if (plain === '') return null
  return /^[0-9]{1,6}(?:\.[0-9]{1,9})?$/.test(plain) ? Math.round(Number(plain) * bytesPerGb) : undefined
}
export const quotaText = (bytes: number | null): string =>
  bytes === null ? '' : (bytes / bytesPerGb).toFixed(9).replace(/\.?0+$/, '')

/** One address a line or behind commas. */
export const addressesIn = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean)
