// The client's side of SCRAM-SHA-1 and SCRAM-SHA-256 as pure steps; the slow key derivation is asked of the caller, who has
// `derive` do it beside the main thread. Used by sasl-client.ts. RFC 5802, RFC 7677
import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { decodeBase64, encodeBase64 } from './base64.ts'

export type ScramHash = 'sha1' | 'sha256'
export type Derivation = {
  readonly password: string
  readonly salt: Uint8Array
  readonly iterations: number
  readonly hash: ScramHash
  readonly keyBytes: number
}

const pbkdf2Beside = promisify(pbkdf2)
/** Beside the main thread: what the caller of a mechanism answers. */
export const derive = ({ password, salt, iterations, keyBytes, hash }: Derivation): Promise<Buffer> =>
  pbkdf2Beside(password, salt, iterations, keyBytes, hash)

const iterationsMin = 4096 // RFC 7677 §4
const iterationsMax = 1_000_000 // no RFC: a server must not keep us busy for ever. OUT-11

export const bareFirst = (user: string, nonce: string): string =>
  `n=${user.normalize('NFKC').replace(/=/g, '=3D').replace(/,/g, '=2C')},r=${nonce}`

/** What the server's first message asks to derive, null when it is none or not an answer to our nonce. */
export function parseServerFirst(
  text: string,
  nonce: string,
): { serverNonce: string; salt: Buffer; iterations: number } | null {
  const match = /^r=([!-+\--~]{1,1024}),s=([A-Za-z0-9+/=]{1,1024}),i=([1-9][0-9]{0,6})(?:,|$)/.exec(text)
  const salt = decodeBase64(match?.[2] ?? '')
  const [serverNonce, iterations] = [match?.[1] ?? '', Number(match?.[3])]
  if (salt === null || !serverNonce.startsWith(nonce) || serverNonce.length === nonce.length) return null
  return iterations >= iterationsMin && iterations <= iterationsMax ? { serverNonce, salt, iterations } : null
}

export type Proof = { readonly final: string; readonly serverSignature: Buffer }

export function prove(
  salted: Uint8Array,
  exchange: { bare: string; first: string; nonce: string; hash: ScramHash },
): Proof {
  const { bare, first, nonce, hash } = exchange
  const hmac = (key: Uint8Array, text: string): Buffer => createHmac(hash, key).update(text).digest()
  const withoutProof = `c=${encodeBase64('n,,')},r=${nonce}`
  const message = `${bare},${first},${withoutProof}`
  const clientKey = hmac(salted, 'Client Key')
  const signature = hmac(createHash(hash).update(clientKey).digest(), message)
  const proof = Buffer.from(clientKey.map((octet, i) => octet ^ signature[i]!))
  return {
    final: `${withoutProof},p=${proof.toString('base64')}`,
    serverSignature: hmac(hmac(salted, 'Server Key'), message),
  }
}

/** Whether the server knows the password too. */
export function isGenuine(text: string, { serverSignature }: Proof): boolean {
  const signature = decodeBase64(/^v=([^,]*)/.exec(text)?.[1] ?? '')
  return signature?.length === serverSignature.length && timingSafeEqual(signature, serverSignature)
}
