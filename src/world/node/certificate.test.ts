// Certificates: made once, reloaded when renewed, kept when the new ones are bad.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import tls from 'node:tls'
import type { Clock } from '../world.ts'
import { ensureCertificate, readIdentity, readPair, watchCertificate } from './certificate.ts'
import { clock } from './clock.ts'
import { silentLog } from './log.ts'
import { nodeNet } from './net.ts'

/** A clock whose `every` is driven by hand. */
function handClock(): { clock: Clock; tick: () => void } {
  const works: (() => void)[] = []
  const every: Clock['every'] = (_ms, work) => {
    works.push(work)
    return { [Symbol.dispose]: () => undefined }
  }
  return { clock: { ...clock, every }, tick: () => works.forEach((work) => work()) }
}

function fingerprintAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256)
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

test('STL-14: a renewed certificate is taken without restart; a half-written or foreign one changes nothing', async () => {
  const [one, two] = [1, 2].map(() => mkdtempSync(join(tmpdir(), 'netcruiser-tls-')))
  const files = await ensureCertificate(one!, 'mx.example.org')
  assert.deepEqual(await ensureCertificate(one!, 'other.example.org'), files) // made once
  assert.equal(statSync(files.key).mode & 0o777, 0o600)
  const other = readPair(await ensureCertificate(two!, 'mx.example.org'))
  const identity = readIdentity(files)
  const first = identity.fingerprint
  const hand = handClock()
  using _watch = watchCertificate(files, { identities: [identity], world: { clock: hand.clock, log: silentLog } })

  writeFileSync(files.cert, other.cert.slice(0, 200))
  hand.tick()
  assert.equal(identity.fingerprint, first)
  writeFileSync(files.cert, other.cert) // the key is still the old one
  hand.tick()
  assert.equal(identity.fingerprint, first)
  using world = nodeNet(clock)
  const listener = await world.listen({ address: '127.0.0.1', port: 0, tls: identity }, (connection) =>
    connection.end(),
  )
  assert.equal(await fingerprintAt(listener.port), first)
  writeFileSync(files.key, other.key)
  hand.tick()
  assert.notEqual(identity.fingerprint, first)
  assert.equal(await fingerprintAt(listener.port), identity.fingerprint) // also for a client that names no server
  await listener.close()
  for (const folder of [one, two]) rmSync(folder!, { recursive: true })
})
