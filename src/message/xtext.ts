// xtext: printable ASCII with + and = as +XX. RFC 3461 §4

const form = /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/

/** Null when it is no xtext or would decode to a control character, which has no place in a header field. CMD-12 */
export function decodeXtext(text: string): string | null {
  if (!form.test(text)) return null
  const decoded = text.replace(/\+([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return /[\u0000-\u001f\u007f]/.test(decoded) ? null : decoded
}

export const encodeXtext = (text: string): string =>
  text.replace(/[^!-*,-<>-~]/g, (c) => `+${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
