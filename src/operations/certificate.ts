// The certificate of the server: what it says, and a new one in its place without a restart. A key that is given is written and
// never shown. STL-14, SEC-04
import { X509Certificate, createPrivateKey, type KeyObject } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { writePair } from '#/world/node/certificate-files.ts'
import { certificateFiles, selfSigned } from '#/world/node/certificate.ts'
import { Identity, type Pem } from '#/world/node/tls.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'

const pemCharsMax = 262_144

export const replaceRequest = z.strictObject({
  /** The certificate, then its chain. */
  cert: z.string().max(pemCharsMax),
  key: z.string().max(pemCharsMax),
  /** Take it though it is not made for the name of this server. */
  anyName: z.boolean().default(false),
})
export const certificateShown = z.strictObject({
  /** Null: there is none that can be read, and TLS is off. */
  certificate: z
    .strictObject({
      names: z.array(z.string()),
      issuer: z.string(),
      own: z.boolean(), // made here, so that programs do not know it
      from: z.number(),
      until: z.number(),
      fingerprint: z.string(),
      chain: z.int(), // certificates behind the first one
      coversName: z.boolean(),
      /** False: it is used after a restart. */
      inUse: z.boolean(),
    })
    .nullable(),
  hostname: z.string(),
  files: z.strictObject({ cert: z.string(), key: z.string() }),
})
export type CertificateShown = z.infer<typeof certificateShown>

export function showCertificate(context: Context): Promise<CertificateShown> {
  const { folder, hostname, running } = context
  const chain = readCertificates(folder)
  const [first] = chain
  const inUse = running === undefined || running.certificate.fingerprint() === first?.fingerprint256
  const certificate = first
    ? {
        names: namesOf(first),
        issuer: first.issuer.replaceAll('\n', ', '),
        own: isOwn(first),
        from: first.validFromDate.getTime(),
        until: first.validToDate.getTime(),
        fingerprint: first.fingerprint256,
        chain: chain.length - 1,
        coversName: covers(first, hostname),
        inUse,
      }
    : null
  return Promise.resolve({ certificate, hostname, files: certificateFiles(folder) })
}

/** Null when there is none, or none that can be read. */
export const readCertificate = (folder: string): X509Certificate | null => readCertificates(folder)[0] ?? null

function readCertificates(folder: string): X509Certificate[] {
  const { cert } = certificateFiles(folder)
  try {
    return existsSync(cert) ? parsed(readFileSync(cert, 'utf8')) : []
  } catch {
    return [] // reported as none
  }
}

const parsed = (pem: string): X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((one) => new X509Certificate(one))
const namesOf = ({ subjectAltName = '' }: X509Certificate): string[] =>
  [...subjectAltName.matchAll(/(?:DNS|IP Address):([^, ]+)/g)].map((match) => match[1]!)
export const isOwn = ({ issuer, subject }: X509Certificate): boolean => issuer === subject
export const covers = (certificate: X509Certificate, hostname: string): boolean =>
  certificate.checkHost(hostname) !== undefined

/** @throws OperationError that says what does not fit; then nothing is changed. */
export function replaceCertificate(
  context: Context,
  request: z.infer<typeof replaceRequest>,
): Promise<CertificateShown> {
  const { cert, key } = request
  const certificate = readGiven(cert)
  const now = context.world.clock.now()
  refuse(certificate.validToDate.getTime() < now, `This certificate has ended on ${certificate.validTo}`)
  refuse(certificate.validFromDate.getTime() > now, `This certificate begins on ${certificate.validFrom} only`)
  refuse(
    !certificate.checkPrivateKey(readKey(key)),
    'The key is not the one of this certificate; the first certificate must be that of the server, its chain follows',
  )
  refuse(
    !request.anyName && !covers(certificate, context.hostname),
    `This certificate is made for ${namesOf(certificate).join(', ') || 'no name'}, not for ${context.hostname}; it can be taken all the same`,
  )
  return takeOver(context, { cert: ended(cert), key: ended(key) })
}

function readGiven(cert: string): X509Certificate {
  try {
    const [first] = parsed(cert)
    if (first) return first
  } catch {
    // said below
  }
  throw new OperationError('This is no certificate: it begins with -----BEGIN CERTIFICATE-----')
}

function readKey(key: string): KeyObject {
  try {
    return createPrivateKey(key)
  } catch (error) {
    const locked = /ENCRYPTED/.test(key) || (error as { code?: string }).code === 'ERR_MISSING_PASSPHRASE'
    throw new OperationError(
      locked
        ? 'The key is locked by a password: give it without one'
        : 'This is no private key: it begins with -----BEGIN PRIVATE KEY----- or the like',
    )
  }
}

function refuse(when: boolean, words: string): void {
  if (when) throw new OperationError(words)
}

const ended = (pem: string): string => `${pem.replace(/\r\n/g, '\n').trimEnd()}\n`

/** The last check is that of TLS itself. */
function takeOver(context: Context, pem: Pem): Promise<CertificateShown> {
  try {
    new Identity(pem)
  } catch (error) {
    throw new OperationError(`TLS does not take this pair: ${(error as Error).message}`)
  }
  writePair(certificateFiles(context.folder), pem)
  context.running?.certificate.look()
  context.world.log.info('certificate.replaced', { fingerprint: new X509Certificate(pem.cert).fingerprint256 })
  return showCertificate(context)
}

/** A new self-signed one, for all names of this server. */
export async function renewOwn(context: Context): Promise<CertificateShown> {
  const { hostname, settings } = context
  return takeOver(context, await selfSigned([...new Set([hostname, ...settings.now().server.localNames])]))
}
