// SASL PLAIN: authzid NUL name NUL password, in strict UTF-8. RFC 4616 §2

export type PlainMessage = { readonly authzid: string; readonly name: string; readonly password: string }

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Null when malformed: not two NULs, an empty name or password, control characters, bad UTF-8. AUT-02, AUT-13 */
export function parsePlain(octets: Uint8Array): PlainMessage | null {
  const text = decodeSasl(octets)
  const parts = text?.split('\0')
  if (parts?.length !== 3) return null
  const [authzid, name, password] = parts as [string, string, string] // just counted
  return name === '' || password === '' || hasControl(name) || hasControl(authzid) ? null : { authzid, name, password }
}

/** Text of a SASL message, null when it is no UTF-8. */
export function decodeSasl(octets: Uint8Array): string | null {
  try {
    return utf8.decode(octets)
  } catch {
    return null
  }
}

export const hasControl = (text: string): boolean => /[\u0000-\u001f\u007f]/.test(text)
