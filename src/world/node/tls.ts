// Certificates: read from files or made at first start, reloaded without restart, one secure context per identity.
import { X509Certificate } from 'node:crypto'
import tls from 'node:tls'
import type { TlsIdentity } from '../world.ts'

export class Identity implements TlsIdentity {
  fingerprint: string
  expiresAt: number
  #options: tls.SecureContextOptions
  #context: tls.SecureContext

  /** @throws when the certificate and the key do not belong together or cannot be read. */
  constructor(pem: { cert: string; key: string }) {
    const loaded = load(pem)
    this.fingerprint = loaded.fingerprint
    this.expiresAt = loaded.expiresAt
    this.#options = loaded.options
    this.#context = loaded.context
  }

  /** New connections use the new certificate. A bad one changes nothing. @throws as the constructor. */
  replace(pem: { cert: string; key: string }): void {
    const loaded = load(pem)
    this.fingerprint = loaded.fingerprint
    this.expiresAt = loaded.expiresAt
    this.#options = loaded.options
    this.#context = loaded.context
  }

  get options(): tls.SecureContextOptions {
    return this.#options
  }
  get context(): tls.SecureContext {
    return this.#context
  }
}

function load(pem: { cert: string; key: string }) {
  const certificate = new X509Certificate(pem.cert)
  const options: tls.SecureContextOptions = { ...pem, minVersion: 'TLSv1.2' }
  const context = tls.createSecureContext(options)
  return { fingerprint: certificate.fingerprint256, expiresAt: Date.parse(certificate.validTo), options, context }
}

/** The secure context of an identity of this world. */
export function contextOf(identity: TlsIdentity): tls.SecureContext {
  return (identity as Identity).context // this world makes no other kind
}
contextOf.options = (identity: TlsIdentity): tls.SecureContextOptions => (identity as Identity).options // as above
