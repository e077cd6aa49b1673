// xtext: printable ASCII with + and = as +XX, RFC 3461 §4; and the escapes of Unicode addresses, RFC 6533 §3

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
