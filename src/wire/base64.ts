// Strict base64, because Buffer skips over garbage in silence. RFC 4954 §4, RFC 4648 §4

const form = /^[A-Za-z0-9+/]*={0,2}$/ // no group is repeated: a long text needs no stack

/** Null for a foreign alphabet, missing padding or blanks inside. AUT-03 */
export const decodeBase64 = (text: string): Buffer | null =>
  text.length % 4 === 0 && form.test(text) ? Buffer.from(text, 'base64') : null

export const encodeBase64 = (octets: Uint8Array | string): string =>
  Buffer.from(octets as Uint8Array).toString('base64') // strings too
