// Sealed secrets and the file of their key.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { randomPool } from '#/world/node/clock.ts'
import { openSecretKey, secretKeyFile } from '#/world/node/secret-key.ts'
import { openSecrets, SecretError } from './secrets.ts'

const random = randomPool()
const secrets = openSecrets(random.bytes(32), random)

test('a sealed secret opens again, and two seals of one secret differ', () => {
  for (const secret of ['', 'pass word', 'Grüße ✉', 'x'.repeat(10_000)]) {
    const sealed = secrets.seal(secret, 'smart')
    assert.equal(secrets.open(sealed, 'smart'), secret)
    assert.notEqual(secrets.seal(secret, 'smart'), sealed)
    if (secret !== '') assert.ok(!sealed.includes(secret))
  }
})

test('a secret opens for its own purpose only', () => {
  assert.throws(() => secrets.open(secrets.seal('x', 'one'), 'other'), SecretError)
})

test('a secret that was changed in any place, cut, or sealed with another key gives a sentence', () => {
  const sealed = secrets.seal('secret', 'smart')
  const octets = Buffer.from(sealed.slice(3), 'base64')
  for (const at of octets.keys()) {
    const changed = Buffer.from(octets)
    changed[at]! ^= 1
    assert.throws(() => secrets.open(`v1:${changed.toString('base64')}`, 'smart'), /secret\.key/)
  }
  assert.throws(() => secrets.open('', 'smart'), /not here/)
  for (const bad of ['v1:', 'v2:AAAA', sealed.slice(3), `v1:${octets.subarray(0, 20).toString('base64')}`])
    assert.throws(() => secrets.open(bad, 'smart'), /damaged/)
  assert.throws(() => openSecrets(random.bytes(32), random).open(sealed, 'smart'), SecretError)
})

test('the key is made once, is for its owner only, and a damaged file is told', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netcruiser-key-'))
  try {
    const key = openSecretKey(folder, random)
    assert.equal(key.length, 32)
    assert.deepEqual(Buffer.from(openSecretKey(folder, random)), Buffer.from(key))
    assert.equal(statSync(secretKeyFile(folder)).mode & 0o777, 0o600)
    const text = readFileSync(secretKeyFile(folder), 'latin1')
    for (const bad of ['', text.slice(1), `${text}x`, 'garbage']) {
      writeFileSync(secretKeyFile(folder), bad)
      assert.throws(() => openSecretKey(folder, random), /damaged/)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
