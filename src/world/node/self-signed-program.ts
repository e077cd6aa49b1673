// The program that makes a self-signed certificate for the names in its arguments, prints it and its key as JSON, and ends.
// Started by certificate.ts. RFC 5280 §4.1
import type { Pem } from './tls.ts'

const validMs = 825 * 86_400_000

async function make(names: readonly string[]): Promise<Pem> {
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

process.stdout.write(JSON.stringify(await make(process.argv.slice(2))))
