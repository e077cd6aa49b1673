// Header fields as a person reads them: decoded for the eye, never for a decision. Pure. Called by summary.ts and view.ts.
import { formatAddress } from '#/message/address.ts'
import { parseAddressList } from '#/message/address-list.ts'
import { decodeWords, fields, fieldText, headerEnd, type Field } from '#/message/header.ts'
import { fieldCharsMax, peopleMax } from './limits.ts'

export type Person = { readonly name: string; readonly address: string }

export type Header = { readonly octets: Uint8Array; readonly all: readonly Field[]; readonly bodyStart: number }

export function headerOf(octets: Uint8Array, fieldsMax: number): Header {
  const { fieldsEnd, bodyStart } = headerEnd(octets) ?? { fieldsEnd: octets.length, bodyStart: octets.length }
  const all: Field[] = []
  for (const field of fields(octets, fieldsEnd)) {
    if (all.length >= fieldsMax) break
    all.push(field)
  }
  return { octets, all, bodyStart }
}

/** Unfolded latin1 octets of the first field of this name; null when there is none. */
export function rawOf({ octets, all }: Header, name: string): string | null {
  const field = all.find((one) => one.name === name)
  return field === undefined ? null : fieldText(octets, field, fieldCharsMax)
}

export const textOf = (header: Header, name: string): string => decodeWords(rawOf(header, name) ?? '')

/** Who is named in a field; what cannot be read as addresses stands as it is, without an address. */
export function peopleOf(header: Header, name: string): Person[] {
  const raw = rawOf(header, name)
  if (raw === null || raw === '') return []
  const { correspondents } = parseAddressList(raw, null)
  if (correspondents.length === 0) return [{ name: decodeWords(raw), address: '' }]
  return correspondents
    .slice(0, peopleMax)
    .map(({ name: called, address }) => ({ name: decoded(called ?? ''), address: formatAddress(address) }))
}

/** A name that is text already is not decoded again. */
const decoded = (name: string): string =>
  /[^ -~]/.test(name) ? name.replace(/[\u0000-\u001f\u007f-\u009f]/g, '') : decodeWords(name)
