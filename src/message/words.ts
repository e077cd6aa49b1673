// Text of any language in header fields that are ASCII: encoded words, RFC 2047, and parameters, RFC 2231.
// Called by compose.ts. The reading side is decodeWords in header.ts.
import { formatAddress } from './address.ts'
import type { Correspondent } from './address-list.ts'

/** As it stands in a Subject: plain where ASCII says it and nobody takes it for an encoded word. RFC 2047 §5 */
export const encodeText = (text: string): string =>
  /^[ -~]*$/.test(text) && !text.includes('=?') ? text : encodedWords(text)

/** As a display name before an address. RFC 5322 §3.2.5 */
export function encodePhrase(name: string): string {
  if (/^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?: [A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*$/.test(name) && !name.includes('=?'))
    return name
  return /^[ -~]*$/.test(name) && !name.includes('=?') ? `"${name.replace(/["\\]/g, '\\$&')}"` : encodedWords(name)
}

/** No word is longer than 75, and none cuts a letter: 45 octets are 60 characters of base64. RFC 2047 §2, §5 */
function encodedWords(text: string): string {
  const words: string[] = []
  for (const piece of text.toWellFormed().match(/.{1,11}/gsu) ?? []) {
    words.push(`=?utf-8?B?${Buffer.from(piece).toString('base64')}?=`)
  }
  return words.join(' ')
}

/** `; name="value"`, or `; name*0*=utf-8''…; name*1*=…` for what a quoted string cannot say. RFC 2231 §3, §4 */
export function encodeParameter(name: string, value: string): string {
  if (/^[ -~]{0,60}$/.test(value) && !/["\\%]|=\?/.test(value)) return `; ${name}="${value}"`
  const octets = [...Buffer.from(value.toWellFormed())].map((octet) => {
    const c = String.fromCharCode(octet)
    return /[A-Za-z0-9._-]/.test(c) ? c : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`
  })
  const sections: string[] = []
  for (let at = 0; at < octets.length; at += 18) sections.push(octets.slice(at, at + 18).join(''))
  return sections.map((text, i) => `; ${name}*${i}*=${i === 0 ? "utf-8''" : ''}${text}`).join('')
}

/** As one stands in From, To or Cc. */
export const formatCorrespondent = ({ name, address }: Correspondent): string =>
  name === null || name === '' ? formatAddress(address) : `${encodePhrase(name)} <${formatAddress(address)}>`
