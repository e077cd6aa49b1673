// The client's half of a TLS handshake and its judgement of the certificate, in words. Used by connection.ts. Whatever
// certificate comes, it answers: nothing here throws. OTL-03
import { isIP, type Socket } from 'node:net'
import tls from 'node:tls'
import type { ClientTls, TlsUp } from '../world.ts'

type Failed = { readonly ok: false; readonly why: string }
export type Handshake = { readonly ok: true; readonly socket: tls.TLSSocket; readonly up: TlsUp } | Failed

export const plaintextBehindStartTls: Failed = {
  ok: false,
  why: 'octets came behind the answer to STARTTLS, before TLS: somebody may be interfering', // OTL-02
}

/** No session is given, so none is resumed with another host (OTL-11). */
export async function shakeHands(plain: Socket, options: ClientTls, timeoutMs: number): Promise<Handshake> {
  const socket = begin(plain, options)
  const why = await outcome(socket, timeoutMs)
  if (why !== null) return refuse(socket, why)
  const against = objection(socket, options)
  if (against !== null && options.verify === 'name') return refuse(socket, against)
  return { ok: true, socket, up: factsOf(socket, against) }
}

function begin(socket: Socket, options: ClientTls): tls.TLSSocket {
  const name = options.servername.replace(/\.$/, '')
  return tls.connect({
    socket,
    ...(isIP(name) === 0 && { servername: name }), // RFC 6066 §3: no addresses
    ...(options.ca !== undefined && { ca: options.ca }),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: false, // judged below, so that the reason can be told
    checkServerIdentity: (_host, certificate) => identityProblem(name, certificate),
  })
}

/** Null when the handshake is done, else why it is not. */
function outcome(socket: tls.TLSSocket, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const settle = (why: string | null): void => {
      clearTimeout(timer)
      socket.removeListener('close', closed)
      resolve(why)
    }
    const closed = (): void => settle('the connection was closed during the TLS handshake')
    const timer = setTimeout(() => settle('the TLS handshake took too long'), timeoutMs)
    socket.once('close', closed)
    socket.on('error', (error) => settle(`the TLS handshake failed: ${wordsOf(error)}`))
    socket.once('secureConnect', () => settle(null))
  })
}

function refuse(socket: tls.TLSSocket, why: string): Failed {
  socket.destroy()
  return { ok: false, why }
}

/** Strange alternative names make node throw out of an event: here they are a name that does not match. */
function identityProblem(name: string, certificate: tls.PeerCertificate): Error | undefined {
  try {
    return tls.checkServerIdentity(name, certificate)
  } catch (error) {
    return error as Error // node throws nothing else
  }
}

/** Why the certificate does not prove the name, null when it does. */
function objection(socket: tls.TLSSocket, { pinSha256, servername }: ClientTls): string | null {
  if (pinSha256 !== undefined) {
    const print = hexOf(socket.getPeerX509Certificate()?.fingerprint256 ?? '')
    return print === hexOf(pinSha256) ? null : 'the certificate is not the pinned one'
  }
  if (socket.authorized) return null
  const code = String(socket.authorizationError)
  return sentences.get(code) ?? `the certificate does not verify for ${servername}: ${plain(code)}`
}

const sentences: ReadonlyMap<string, string> = new Map([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'the certificate is self-signed'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'the certificate comes from an authority that is not trusted here'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'the certificate comes from an authority that is not known here'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'the certificate comes from an authority that is not known here'],
  ['CERT_HAS_EXPIRED', 'the certificate has expired'],
  ['CERT_NOT_YET_VALID', 'the certificate is not valid yet'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'the certificate is for another name'],
])

function factsOf(socket: tls.TLSSocket, why: string | null): TlsUp {
  const version = socket.getProtocol() ?? 'TLS'
  return { ok: true, version, cipher: socket.getCipher()?.name ?? 'unknown', verified: why === null, why }
}

/** OpenSSL's `reason` is a sentence; without one the code says it shortest. */
function wordsOf(error: NodeJS.ErrnoException & { reason?: string }): string {
  return plain(error.reason ?? error.code ?? error.message)
}
const plain = (text: string): string => text.replace(/[^ -~]/g, '?').slice(0, 200)
const hexOf = (text: string): string => text.replace(/[^0-9a-fA-F]/g, '').toLowerCase()
