// Remote accounts that sign in with tokens at a scripted POP3 server: what is saved before a token is shown, and what happens
// when the server does not take it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { enter, type Entered, type EnterParts } from '#/pop3-client/enter.ts'
import { openBoxes } from '#/pop3-client/dial.ts'
import { defaultSettings } from '#/config/settings.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { nodeNet } from '#/world/node/net.ts'
import { accountRig } from './oauth-rig.ts'
import { Pop3Remote } from './pop3-remote.ts'

/** A server that takes the newest token of the provider alone, and runs `onAuth` at each AUTH. */
async function rig(onAuth: () => void = () => undefined) {
  const taken = { newest: () => '' }
  const remote = await Pop3Remote.open({
    user: 'ann@far.example',
    sasl: ['XOAUTH2'],
    capabilities: ['UIDL', 'SASL XOAUTH2'],
    get token() {
      return taken.newest()
    },
    script: { auth: () => void onAuth() },
  })
  const changes = { host: '127.0.0.1', port: remote.port, tls: 'none', plainAuthAllowed: true } as const
  const one = await accountRig({ rotates: true }, changes)
  taken.newest = () => one.provider.given.at(-1) ?? ''
  const openBox = openBoxes({
    world: { clock, random: randomPool(), net: nodeNet(clock) },
    resolver: { addresses: () => Promise.resolve({ is: 'found', records: ['127.0.0.1'], ttlMs: 1000 }) },
    settingsNow: () => defaultSettings,
    own: () => ({ listeners: [], addresses: [] }),
  })
  const parts: EnterParts = { openBox, credentials: one.credentials }
  return {
    ...one,
    remote,
    taken,
    enter: () => enter(parts, one.row, {}),
    auths: () => remote.heard.filter((line) => line.startsWith('AUTH')).length,
    async [Symbol.asyncDispose]() {
      await remote[Symbol.asyncDispose]()
      await one[Symbol.asyncDispose]()
    },
  }
}
async function left(entered: Entered): Promise<string> {
  if (entered.is === 'failed') return `${entered.trouble.is}: ${entered.trouble.words}`
  await entered.box.leave()
  return 'open'
}

test('PC-03 a rotated refresh token is on the disk before any AUTH is sent', async () => {
  const keptThen: Promise<string>[] = []
  await using one = await rig(() => void keptThen.push(one.kept()))
  const before = await one.kept()
  assert.equal(await left(await one.enter()), 'open')
  assert.equal(keptThen.length, 1)
  assert.notEqual(await keptThen[0], before)
  assert.ok(one.provider.isRefreshToken((await keptThen[0])!))
})

test('PC-03 a token that the server refuses before its time is renewed and shown once more', async () => {
  await using one = await rig()
  assert.equal(await left(await one.enter()), 'open')
  one.provider.given.push('what we hold is withdrawn')
  assert.equal(await left(await one.enter()), 'open')
  assert.equal(one.auths(), 3)
  assert.equal(await left(await one.enter()), 'open') // the new one is kept
  assert.equal(one.auths(), 4)
})

test('PC-04 when the new token is refused as well, nobody tries a third time', async () => {
  await using one = await rig()
  one.taken.newest = () => 'none of them'
  assert.match(await left(await one.enter()), /^auth: /)
  assert.equal(one.auths(), 2)
  assert.equal(one.provider.asked.length, 2)
})

test('PC-03 without a token the server is not even connected to', async () => {
  await using one = await rig()
  one.provider.mood = 'ill'
  assert.match(await left(await one.enter()), /^temporary: .*could not be renewed/)
  one.provider.mood = 'well'
  one.provider.withdraw()
  assert.match(await left(await one.enter()), /^sign-in: .*sign in again/)
  assert.equal(one.remote.connections, 0)
})
