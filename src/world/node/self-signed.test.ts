// The certificate that a server makes for itself, as other implementations read it.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import tls from 'node:tls'
import { selfSigned } from './self-signed.ts'

test('OpenSSL reads it: names, time, signature, and the key belongs to it', () => {
  const now = Date.UTC(2026, 0, 31, 12, 30, 5)
  const pair = selfSigned(['mx.example.org', 'mail.example.org'], now)
  const certificate = new X509Certificate(pair.cert)
  assert.equal(certificate.subject, 'CN=mx.example.org')
  assert.equal(certificate.issuer, 'CN=mx.example.org')
  assert.equal(certificate.subjectAltName, 'DNS:mx.example.org, DNS:mail.example.org')
  assert.equal(Date.parse(certificate.validFrom), now - 86_400_000)
  assert.equal(Date.parse(certificate.validTo), now + 825 * 86_400_000)
  assert.equal(BigInt(`0x${certificate.serialNumber}`), BigInt(now))
  assert.ok(certificate.verify(certificate.publicKey))
  assert.ok(certificate.checkPrivateKey(createPrivateKey(pair.key)))
  assert.ok(tls.createSecureContext(pair))
})

test('it is the same with many names, with long ones, and when years need four digits', () => {
  for (const count of [1, 3, 300, 3000]) {
    const names = Array.from({ length: count }, (_, i) => `${'n'.repeat(60)}.host${i}.example`)
    const certificate = new X509Certificate(selfSigned(names, Date.UTC(2049, 6, 1)).cert)
    assert.equal(certificate.subjectAltName?.split(', ').length, count)
    assert.equal(new Date(certificate.validTo).getUTCFullYear(), 2051)
    assert.ok(certificate.verify(certificate.publicKey))
  }
})

test('whatever the clock says, the serial number is a positive one', () => {
  for (const now of [0, 1, 127, 128, 255, 256, 32_768, Date.UTC(2040, 0, 1)]) {
    const { serialNumber } = new X509Certificate(selfSigned(['x'], now).cert)
    assert.equal(BigInt(`0x${serialNumber}`), BigInt(now))
  }
})
