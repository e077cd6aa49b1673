// xtext: printable ASCII with + and = as +XX, RFC 3461 §4; and the escapes of Unicode addresses, RFC 6533 §3
import { decodeUtf8 } from './address.ts'

const form = /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/

/** Null when it is no xtext or decodes to more than printable ASCII, which RFC 3461 §4.2 and §4.4 demand. CMD-12 */
export function decodeXtext(text: string): string | null {
  if (!form.test(text)) return null
  const decoded = text.replace(/\+([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return /^[ -~]*$/.test(decoded) ? decoded : null
}

/** Of printable ASCII, as `decodeXtext` gives it. */
export const encodeXtext = (text: string): string =>
  text.replace(/[^!-*,-<>-~]/g, (c) => `+${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)

/** The ASCII form of an address: \x{F6} for ö, and for + = \ and what is not printable. RFC 6533 §3, utf-8-addr-xtext */
export const encodeUnicodeAddress = (text: string): string =>
  text.replace(/[^!-*,-<>-[\]-~]/gu, (c) => `\\x{${c.codePointAt(0)!.toString(16).toUpperCase().padStart(2, '0')}}`)

const escape = /\\x\{(10[0-9A-F]{4}|[0-9A-F]{2,5})\}/gi
const unicodeForm = new RegExp(`^(?:[!-*,-<>-[\\]-~\u0080-\uffff]|${escape.source})+$`, 'i')

/** Both forms that stand behind `utf-8;`: escapes, and raw UTF-8 as latin1 octets. Null when it is neither. RFC 6533 §3 */
function decodeUnicodeAddress(octets: string): string | null {
  const text = decodeUtf8(octets)
  if (text === null || !unicodeForm.test(text)) return null
  const decoded = text.replace(escape, (_all, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
  return decoded.isWellFormed() && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(decoded) ? decoded : null
}

/** The value of ORCPT as text, `type;address`; null when it is none. RFC 3461 §4.2, RFC 6533 §3 */
export function decodeOrcpt(octets: string): string | null {
  const unicode = /^utf-8;([^+=]+)$/is.exec(octets) // with + it is plain xtext, which some write
  const address = unicode && decodeUnicodeAddress(unicode[1]!)
  if (unicode && address === null) return null
  const text = unicode ? `utf-8;${address}` : decodeXtext(octets)
  return text !== null && /^[A-Za-z0-9-]+;./.test(text) ? text : null
}

/** For the next server, whether it takes SMTPUTF8 or not. */
export const encodeOrcpt = (orcpt: string): string =>
  /^utf-8;/i.test(orcpt) ? `utf-8;${encodeUnicodeAddress(orcpt.slice(6))}` : encodeXtext(orcpt)
