// The certificate of the server: self-signed at a first start, so that STARTTLS, STLS, 465 and 995 work at once; watched for
// a new one. Called by main and operations.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { World } from '../world.ts'
import { finishMove, writePair, type CertificateFiles } from './certificate-files.ts'
import { Identity, type Pem } from './tls.ts'

const madeWithinMs = 60_000

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

/** A certificate that nobody vouches for, made for these names; the first one is its subject. By a program of its own: what its library
 *  takes, 12 MB, would stay with a server that needs it once. @throws when it cannot be started. */
export async function selfSigned(names: readonly string[]): Promise<Pem> {
  const program = fileURLToPath(new URL('./self-signed-program.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...names], { timeout: madeWithinMs })
  return JSON.parse(stdout) as Pem // what that program prints
}
