// A new certificate for the running server: checked before anything is changed, taken without a restart.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import tls from 'node:tls'
import type { CertificateShown } from '#/operations/certificate.ts'
import { certificateFiles, ensureCertificate, readPair, selfSigned } from '#/world/node/certificate.ts'
import { cliAsync, dataFolder, start } from './serve.ts'
import { operationsRig } from './operations-rig.ts'

function fingerprintAt(at: string): Promise<string> {
  const [host, port] = at.split(':')
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256)
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

test('STL-14 a replaced certificate is used by the next connection, without restart', { timeout: 60_000 }, async () => {
  using folder = dataFolder()
  const served = await start(folder.path, ['pop3s'])
  try {
    const before = await fingerprintAt(served.listening['pop3s']!)
    const pem = await selfSigned(['mail.example.org'])
    const [cert, key] = [join(folder.path, 'new-cert.pem'), join(folder.path, 'new-key.pem')]
    writeFileSync(cert, pem.cert)
    writeFileSync(key, pem.key)
    const refused = await cliAsync(folder.path, ['certificate', 'replace', cert, key])
    assert.match(refused.stderr, /is made for mail\.example\.org, not for /)
    assert.equal(await fingerprintAt(served.listening['pop3s']!), before)
    const ran = await cliAsync(folder.path, ['certificate', 'replace', cert, key, '--any-name', '--json'])
    const { certificate } = JSON.parse(ran.stdout) as CertificateShown
    assert.deepEqual(
      [certificate?.names, certificate?.inUse, certificate?.coversName],
      [['mail.example.org'], true, false],
    )
    assert.equal(await fingerprintAt(served.listening['pop3s']!), certificate?.fingerprint)
    const own = JSON.parse(
      (await cliAsync(folder.path, ['certificate', 'renew-own', '--json'])).stdout,
    ) as CertificateShown
    assert.equal(own.certificate?.coversName, true)
    assert.equal(await fingerprintAt(served.listening['pop3s']!), own.certificate?.fingerprint)
  } finally {
    await served.stop()
  }
})

test('SEC-12 a pair that does not fit is refused in words and changes nothing; the key is for this user only', async () => {
  await using rig = await operationsRig()
  const { folder, hostname } = rig.context
  const files = await ensureCertificate(folder, hostname)
  const before = readPair(files)
  const good = await selfSigned([hostname])
  const locked = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey
  const table: readonly (readonly [{ cert: string; key: string }, RegExp])[] = [
    [{ ...good, key: before.key }, /The key is not the one of this certificate/],
    [{ ...good, cert: 'hello' }, /This is no certificate/],
    [{ ...good, cert: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' }, /This is no certificate/],
    [{ ...good, key: 'hello' }, /This is no private key/],
    [{ ...good, key: locked }, /locked by a password/],
    [await selfSigned(['other.example']), /made for other\.example, not for mx\.example\.net/],
  ]
  for (const [pair, words] of table) await assert.rejects(rig.run('certificate.replace', pair), words)
  rig.later(900 * 86_400_000)
  await assert.rejects(rig.run('certificate.replace', good), /has ended on/)
  rig.later(-1000 * 86_400_000)
  await assert.rejects(rig.run('certificate.replace', good), /begins on/)
  rig.later(100 * 86_400_000)
  assert.deepEqual(readPair(files), before)
  await rig.run('certificate.replace', { cert: good.cert.replaceAll('\n', '\r\n'), key: good.key })
  assert.deepEqual(readPair(files), good)
  for (const file of [files.cert, files.key]) assert.equal(statSync(file).mode & 0o777, 0o600)
})

test('WEB-14 what is shown of a certificate holds no key', async () => {
  await using rig = await operationsRig()
  const shown = JSON.stringify(await rig.run('certificate.renew-own'))
  assert.ok(!shown.includes('PRIVATE'))
})

test('a crash while both files are put in place leaves the old pair or the new one', async () => {
  using folder = dataFolder()
  const files = await ensureCertificate(folder.path, 'mx.example.org')
  const old = readPair(files)
  const next = await selfSigned(['mx.example.org'])
  const [newCert, newKey] = [`${files.cert}.new`, `${files.key}.new`]
  const again = async (): Promise<typeof old> => readPair(await ensureCertificate(folder.path, 'mx.example.org'))

  writeFileSync(newKey, next.key)
  assert.deepEqual(await again(), old)
  writeFileSync(newKey, next.key)
  writeFileSync(newCert, next.cert.slice(0, 99))
  assert.deepEqual(await again(), old)
  writeFileSync(newCert, next.cert)
  writeFileSync(files.key, next.key) // moved, and then the program ended
  assert.deepEqual(await again(), next)
  assert.ok(!existsSync(newCert) && !existsSync(newKey))
  rmSync(certificateFiles(folder.path).cert)
  assert.ok(readFileSync((await ensureCertificate(folder.path, 'mx.example.org')).cert).length > 0)
})
