// Certificates good and bad for tests of TLS clients, signed by an authority that only these tests know.
import { webcrypto } from 'node:crypto'
import type * as X509 from '@peculiar/x509'
import type { Pem } from './receiver.ts'

await import('reflect-metadata') // @peculiar/x509 throws without it
const x509 = await import('@peculiar/x509')

const dayMs = 86_400_000
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
type Keys = webcrypto.CryptoKeyPair
type Wanted = {
  readonly names?: readonly string[]
  readonly subject?: X509.JsonName
  readonly fromMs?: number // from now
  readonly toMs?: number
  readonly selfSigned?: boolean
  readonly weak?: boolean // RSA of 1024 bits
}

const newKeys = (): Promise<Keys> => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

const weakRsa = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-1',
  modulusLength: 1024,
  publicExponent: Uint8Array.of(1, 0, 1),
}
const weakKeys = (): Promise<Keys> => webcrypto.subtle.generateKey(weakRsa, true, ['sign', 'verify'])

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const octets = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key))
  return `-----BEGIN PRIVATE KEY-----\n${octets.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`
}

export class Authority {
  readonly #keys: Keys
  readonly #certificate: X509.X509Certificate

  constructor(keys: Keys, certificate: X509.X509Certificate) {
    this.#keys = keys
    this.#certificate = certificate
  }

  static async create(): Promise<Authority> {
    const keys = await newKeys()
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: 'CN=Test Authority',
      notBefore: new Date(Date.now() - dayMs),
      notAfter: new Date(Date.now() + dayMs),
      signingAlgorithm: algorithm,
      keys,
      extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
    })
    return new Authority(keys, certificate)
  }

  get pem(): string {
    return this.#certificate.toString('pem')
  }

  async issue({
    names = ['mx.far.example'],
    subject,
    fromMs = -dayMs,
    toMs = dayMs,
    selfSigned,
    weak,
  }: Wanted): Promise<Pem> {
    const keys = weak ? await weakKeys() : await newKeys()
    const name = subject ?? [{ CN: [names[0] ?? 'mx.far.example'] }]
    const certificate = await x509.X509CertificateGenerator.create({
      subject: name,
      issuer: selfSigned ? name : this.#certificate.subject,
      notBefore: new Date(Date.now() + fromMs),
      notAfter: new Date(Date.now() + toMs),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: selfSigned ? keys.privateKey : this.#keys.privateKey,
      extensions: names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value })))] : [], // prettier-ignore
    })
    return { cert: certificate.toString('pem'), key: await pemOf(keys.privateKey) }
  }
}

export const fingerprint = ({ cert }: Pem): Promise<string> =>
  new x509.X509Certificate(cert).getThumbprint('SHA-256').then((octets) => Buffer.from(octets).toString('hex'))
