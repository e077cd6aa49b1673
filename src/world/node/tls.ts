// A certificate with its key, renewed without restart: connections that come later use the new one.
import { X509Certificate } from 'node:crypto'
import tls from 'node:tls'
import type { TlsIdentity } from '../world.ts'

export type Pem = { readonly cert: string; readonly key: string }
type Loaded = {
  readonly fingerprint: string
  readonly expiresAt: number
  readonly options: tls.SecureContextOptions
  readonly context: tls.SecureContext
}

export class Identity implements TlsIdentity {
  #loaded: Loaded
  readonly #renewals: (() => void)[] = []

  /** @throws when the certificate and the key do not belong together or cannot be read. */
  constructor(pem: Pem) {
    this.#loaded = load(pem)
  }

  /** A bad pair changes nothing. @throws as the constructor. */
  replace(pem: Pem): void {
    this.#loaded = load(pem)
    for (const renewal of this.#renewals) renewal()
  }

  onRenewal(work: () => void): void {
    this.#renewals.push(work)
  }

  get fingerprint(): string {
    return this.#loaded.fingerprint
  }
  get expiresAt(): number {
    return this.#loaded.expiresAt
  }
  get options(): tls.SecureContextOptions {
    return this.#loaded.options
  }
  get context(): tls.SecureContext {
    return this.#loaded.context
  }
}

function load(pem: Pem): Loaded {
  const certificate = new X509Certificate(pem.cert)
  const options: tls.SecureContextOptions = { ...pem, minVersion: 'TLSv1.2' }
  const context = tls.createSecureContext(options)
  return { fingerprint: certificate.fingerprint256, expiresAt: Date.parse(certificate.validTo), options, context }
}

/** This world makes no other kind of identity. */
export const identityOf = (identity: TlsIdentity): Identity => identity as Identity
