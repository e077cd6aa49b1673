// The fields of a submitted message as they leave: raw UTF-8 as encoded words, names without a domain completed. RFC 2047, SE-03
// Called by submission.ts. A field that is fine, or that cannot be read with certainty, keeps its octets.
import { decodeUtf8, type Domain } from './address.ts'
import { parseAddressList } from './address-list.ts'
import { foldField } from './fold.ts'
import { isAscii } from './printable.ts'
import { encodeText, formatCorrespondent } from './words.ts'

export type NamedValue = { readonly name: string; readonly value: string; readonly octets: Uint8Array }

const lists = /^(?:resent-)?(?:from|sender|reply-to|to|cc)$/
const texts = /^(?:subject|comments|keywords|organization|x-mailer)$/

export function submittedField(field: NamedValue, ownDomain: Domain | null): Uint8Array {
  const { name, value, octets } = field
  const text = decodeUtf8(value)
  if (text === null || /[\u0000-\u0008\u000a-\u001f\u007f]/.test(text)) return octets
  const better = lists.test(name)
    ? betterList(value, ownDomain)
    : texts.test(name) && !isAscii(text)
      ? encodeText(text)
      : null
  return better === null ? octets : Buffer.from(foldField(writtenName(octets), better))
}

/** As the program wrote it, in its case. */
const writtenName = (octets: Uint8Array): string => /^[!-9;-~]+/.exec(Buffer.from(octets).toString('latin1'))![0]

function betterList(value: string, ownDomain: Domain | null): string | null {
  if (isAscii(value) && parseAddressList(value, null).problems.length === 0) return null // the usual case
  const { correspondents, hasGroup, problems } = parseAddressList(value, ownDomain)
  if (hasGroup || problems.length > 0) return null
  return correspondents.map(formatCorrespondent).join(', ')
}
