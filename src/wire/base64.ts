// Strict base64, because Buffer skips over garbage in silence. RFC 4954 §4, RFC 4648 §4

const form = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Null for a foreign alphabet, missing padding or blanks inside. AUT-03 */
export const decodeBase64 = (text: string): Buffer | null => (form.test(text) ? Buffer.from(text, 'base64') : null)

export const encodeBase64 = (octets: Uint8Array | string): string =>
  Buffer.from(octets as Uint8Array).toString('base64') // strings too
