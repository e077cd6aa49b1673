// The server's side of SCRAM-SHA-256 as pure steps. RFC 5802, RFC 7677
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { decodeBase64 } from './base64.ts'

export type ClientFirst = { readonly name: string; readonly nonce: string; readonly gs2: string; readonly bare: string }
export type KeyPair = {
  readonly storedKey: Uint8Array
  readonly serverKey: Uint8Array
  /** Told back when it is this one that was proved. */
  readonly id?: string
}
export type ServerKeys = KeyPair & {
  readonly iterations: number
  readonly salt: Uint8Array
  /** Further passwords of the same name: of the same salt and iterations, which are told before any is proved. */
  readonly others?: readonly KeyPair[]
}
/** The server's final message, and whose password it was. */
export type Proved = { readonly signature: string; readonly id: string | null }

/** `n,,n=user,r=nonce`, perhaps with extensions, which are signed and not understood (RFC 5802 §5.1; `m=` is refused). Channel binding (`p=`) is not offered and refused; `y` is fine. Null when malformed. */
export function parseClientFirst(text: string): ClientFirst | null {
  const match = /^([ny],(?:a=[^,]*)?,)(n=([^,]+),r=([!-+\--~]{1,200})(?:,.*)?)$/.exec(text)
  if (!match) return null
  const [, gs2, bare, saslName, nonce] = match as unknown as [string, string, string, string, string] // four groups, all there
  if (/=(?!2C|3D)/.test(saslName)) return null
  const authzid = /a=([^,]*)/.exec(gs2)?.[1]
  if (authzid !== undefined && authzid !== saslName) return null
  return { name: saslName.replace(/=2C/g, ',').replace(/=3D/g, '='), nonce, gs2, bare }
}

export function serverFirst(client: ClientFirst, serverNonce: string, keys: ServerKeys): string {
  return `r=${client.nonce}${serverNonce},s=${Buffer.from(keys.salt).toString('base64')},i=${keys.iterations}`
}

/** Null when no password is proved or the message is malformed. Constant time in the proof. */
export function verifyClientFinal(
  text: string,
  exchange: { client: ClientFirst; first: string; keys: ServerKeys },
): Proved | null {
  const { client, first, keys } = exchange
  const match = /^(c=([^,]*),r=([^,]*)(?:,[a-lnoq-zA-Z]=[^,]+)*),p=([^,]*)$/.exec(text)
  const proof = decodeBase64(match?.[4] ?? '')
  const nonce = /^r=([^,]*),/.exec(first)?.[1]
  if (!match || proof?.length !== 32 || match[3] !== nonce) return null
  if (match[2] !== Buffer.from(client.gs2).toString('base64')) return null
  const message = `${client.bare},${first},${match[1]}`
  const [pair] = [keys, ...(keys.others ?? [])].filter((one) => isProved(proof, message, one)) // all are tried
  return pair ? { signature: `v=${hmac(pair.serverKey, message).toString('base64')}`, id: pair.id ?? null } : null
}

function isProved(proof: Uint8Array, message: string, { storedKey }: KeyPair): boolean {
  const signature = hmac(storedKey, message)
  const clientKey = proof.map((octet, i) => octet ^ signature[i]!)
  return timingSafeEqual(createHash('sha256').update(clientKey).digest(), storedKey)
}

const hmac = (key: Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest()
