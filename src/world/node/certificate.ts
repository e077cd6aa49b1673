// The certificate of the server: self-signed at a first start, so that STARTTLS, STLS, 465 and 995 work at once; watched for
// a new one. Called by main and operations.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { World } from '../world.ts'
import { finishMove, writePair, type CertificateFiles } from './certificate-files.ts'
import { Identity, type Pem } from './tls.ts'

const validMs = 825 * 86_400_000

export const certificateFiles = (folder: string): CertificateFiles => ({
  cert: join(folder, 'tls', 'cert.pem'),
  key: join(folder, 'tls', 'key.pem'),
})

/** Makes the pair when there is none. @throws when the disk does not take it. */
export async function ensureCertificate(folder: string, hostname: string): Promise<CertificateFiles> {
  const files = certificateFiles(folder)
  finishMove(files)
  if (existsSync(files.cert) && existsSync(files.key)) return files
  writePair(files, await selfSigned([hostname]))
  return files
}

/** @throws when the files cannot be read or do not belong together. */
export const readIdentity = (files: CertificateFiles): Identity => new Identity(readPair(files))

const watchMs = 10_000

export type Watched = { readonly identities: readonly Identity[]; readonly world: Pick<World, 'clock' | 'log'> }

/** `look` does at once what is done every ten seconds. */
export type Watching = Disposable & { readonly look: () => void }

/** Takes renewed files without restart. Half-written or wrong ones change nothing and are told once. */
export function watchCertificate(files: CertificateFiles, { identities, world }: Watched): Watching {
  let seen = changedAt(files)
  const look = (): void => {
    const now = changedAt(files)
    if (now === seen) return
    seen = now
    try {
      const pair = readPair(files)
      for (const identity of identities) identity.replace(pair)
      world.log.info('certificate.renewed', { fingerprint: identities[0]?.fingerprint })
    } catch (error) {
      world.log.error('certificate.unusable', { error })
    }
  }
  const timer = world.clock.every(watchMs, look)
  return { look, [Symbol.dispose]: () => timer[Symbol.dispose]() }
}

function changedAt({ cert, key }: CertificateFiles): string {
  const times = [cert, key].map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0)
  return times.join(' ')
}

export const readPair = (files: CertificateFiles): Pem => ({
  cert: readFileSync(files.cert, 'utf8'),
  key: readFileSync(files.key, 'utf8'),
})

/** A certificate that nobody vouches for, made for these names; the first one is its subject. */
export async function selfSigned(names: readonly string[]): Promise<Pem> {
  await import('reflect-metadata') // @peculiar/x509 throws without it
  const x509 = await import('@peculiar/x509')
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const now = Date.now()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: now.toString(16),
    name: `CN=${names[0]}`,
    notBefore: new Date(now - 86_400_000),
    notAfter: new Date(now + validMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns' as const, value })))],
  })
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { cert: `${certificate.toString('pem')}\n`, key: pem('PRIVATE KEY', pkcs8) }
}

function pem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
