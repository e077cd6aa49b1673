// A remote account with tokens from its first sign-in to its last, by the operations of the command line: a real provider, a
// scripted POP3 server that takes only tokens of that provider, and what the owner finds in the mailbox.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeviceBegun } from '#/accounts/oauth-device.ts'
import type { RunReport } from '#/pop3-client/types.ts'
import { OauthProvider } from './oauth-provider.ts'
import { operationsRig } from './operations-rig.ts'
import { maildrop, Pop3Remote } from './pop3-remote.ts'

async function rig() {
  const here = await operationsRig()
  const provider = await OauthProvider.open({ rotates: true, now: () => here.context.world.clock.now() })
  const remote = await Pop3Remote.open({
    user: 'ann@far.example',
    sasl: ['XOAUTH2'],
    capabilities: ['UIDL', 'TOP', 'SASL XOAUTH2'],
    messages: maildrop(3),
    get token() {
      return provider.given.at(-1) ?? ''
    },
  })
  await here.run('mailbox.add', { name: 'ann' })
  await here.run('collect.add', {
    name: 'old',
    mailbox: 'ann',
    host: '127.0.0.1',
    port: remote.port,
    tls: 'none',
    plainAuthAllowed: true,
    privateAllowed: true,
    user: 'ann@far.example',
    ...provider.endpoints,
    clientId: provider.clientId,
    scopes: ['mail'],
    first: 'everything',
  })
  const { directory, store } = here.context
  return {
    here,
    provider,
    remote,
    collect: () => here.run('collect.run', { name: 'old' }) as Promise<RunReport>, // its answer
    async signIn() {
      const begun = (await here.run('collect.sign-in-begin', { name: 'old' })) as DeviceBegun // without a redirectUri
      provider.type(begun.userCode, 'approved')
      return here.run('collect.sign-in-finish', { name: 'old', ticket: begun.ticket })
    },
    status: () => here.context.accounts.byName('old')!.status,
    entries: async () => (await store.list(directory.mailbox('ann')!.id)).uids.length,
    async [Symbol.asyncDispose]() {
      await remote[Symbol.asyncDispose]()
      await provider[Symbol.asyncDispose]()
      await here[Symbol.asyncDispose]()
    },
  }
}

test('PC-03 an account is signed in, collects with tokens that rotate, and asks its owner by mail when they end', async () => {
  await using one = await rig()
  assert.equal((await one.collect()).reason, 'sign-in')
  assert.equal(one.remote.connections, 0)
  assert.deepEqual(await one.signIn(), { is: 'signed-in' })
  assert.equal((await one.collect()).fetched, 3)
  one.here.later(4 * 3_600_000)
  one.remote.messages.push(...maildrop(4).slice(3))
  assert.equal((await one.collect()).fetched, 1)
  const before = await one.entries()
  one.here.later(4 * 3_600_000)
  one.provider.withdraw()
  const ended = await one.collect()
  assert.deepEqual([ended.ok, ended.reason], [false, 'sign-in'])
  assert.match(one.status().words, /sign in again/)
  assert.equal(one.status().is, 'stopped')
  assert.equal(await one.entries(), before + 1) // the alert
  assert.deepEqual(await one.signIn(), { is: 'signed-in' })
  assert.equal(one.status().is, 'idle')
  assert.equal((await one.collect()).ok, true)
})

test('PC-03 a provider that does not answer stops nothing: the account is tried later, quietly', async () => {
  await using one = await rig()
  await one.signIn()
  one.here.later(4 * 3_600_000)
  one.provider.mood = 'ill'
  const report = await one.collect()
  assert.deepEqual([report.ok, one.status().is], [false, 'busy'])
  one.provider.mood = 'well'
  assert.equal((await one.collect()).fetched, 3)
})
