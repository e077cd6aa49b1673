// `collect sign-in` against a provider of tokens on loopback: with a code, with a browser, and what an account is before and after.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Begun } from '#/operations/collect-sign-in.ts'
import type { ShownAccount } from '#/operations/collect-shown.ts'
import { OauthProvider } from './oauth-provider.ts'
import { operationsRig, type Operations } from './operations-rig.ts'
import { Pop3Remote } from './pop3-remote.ts'
import { cli, cliAsync, dataFolder } from './serve.ts'

const redirectUri = 'http://127.0.0.1/'
const tokens = ({ endpoints, clientId }: OauthProvider): object => ({
  ...endpoints,
  clientId,
  scopes: ['mail', 'offline_access'],
})

async function rigWith(provider: OauthProvider): Promise<Operations> {
  const rig = await operationsRig()
  await rig.run('mailbox.add', { name: 'ann' })
  const where = { mailbox: 'ann', host: 'pop.far.example', user: 'ann@far.example', privateAllowed: true }
  await rig.run('collect.add', { name: 'old', ...where, ...tokens(provider), first: 'everything' })
  return rig
}
const begin = async (rig: Operations, more: object = {}): Promise<Begun> =>
  (await rig.run('collect.sign-in-begin', { name: 'old', ...more })) as Begun // its answer

test('PC-03 an account with tokens says that somebody must sign in, and no more when somebody has', async () => {
  await using provider = await OauthProvider.open()
  await using rig = await rigWith(provider)
  const warnings = async (): Promise<string> =>
    ((await rig.run('collect.show', { name: 'old' })) as { warnings: string[] }).warnings.join() // its shape
  assert.match(await warnings(), /nobody has signed in yet: netcruiser collect sign-in old/)
  const { id } = rig.context.accounts.byName('old')!
  await rig.context.accounts.setStatus(id, { is: 'stopped', reason: 'sign-in', words: 'Sign in again' })
  const begun = await begin(rig, { redirectUri })
  assert.ok(begun.is === 'browser')
  const cameBack = (await fetch(begun.address, { redirect: 'manual' })).headers.get('location')
  const answer = { name: 'old', ticket: begun.ticket, cameBack }
  assert.deepEqual(await rig.run('collect.sign-in-finish', answer), { is: 'signed-in' })
  assert.equal(await warnings(), '')
  const [account] = (await rig.run('collect.list')) as ShownAccount[] // one account
  assert.deepEqual([account?.state, account?.signsIn], ['idle', 'token'])
})

test('PC-03 with a device the answer is "waiting" until somebody has typed the code', async () => {
  await using provider = await OauthProvider.open()
  await using rig = await rigWith(provider)
  const begun = await begin(rig)
  assert.ok(begun.is === 'device')
  const finish = (ticket: string): Promise<unknown> => rig.run('collect.sign-in-finish', { name: 'old', ticket })
  const waiting = (await finish(begun.ticket)) as { is: string; ticket: string } // its shape
  assert.equal(waiting.is, 'waiting')
  provider.type(begun.userCode, 'approved')
  assert.deepEqual(await finish(waiting.ticket), { is: 'signed-in' })
})

test('PC-03 what cannot be signed in says why, and an account with a password has nothing to sign in', async () => {
  await using provider = await OauthProvider.open()
  await using rig = await rigWith(provider)
  const begun = await begin(rig)
  assert.ok(begun.is === 'device')
  provider.type(begun.userCode, 'denied')
  await assert.rejects(
    rig.run('collect.sign-in-finish', { name: 'old', ticket: begun.ticket }),
    /old is not signed in: .*denied/,
  )
  await assert.rejects(rig.run('collect.sign-in-finish', { name: 'old', ticket: 'x' }), /begin anew/)
  await rig.run('collect.set', { name: 'old', password: 'secret' })
  await assert.rejects(begin(rig), /signs in with a password/)
})

test('PC-03, PC-37 tokens of another client, user or host are dropped: somebody signs in there first', async () => {
  await using provider = await OauthProvider.open()
  await using rig = await rigWith(provider)
  const tokensNow = (): unknown[] => {
    const { auth } = rig.context.accounts.byName('old')!.settings
    return auth.kind === 'oauth' ? [auth.refreshToken, auth.accessToken, auth.signedInAt] : []
  }
  for (const change of [{ clientId: 'another' }, { user: 'bob@far.example' }, { host: 'pop.evil.example' }]) {
    await rig.run('collect.set', { name: 'old', refreshToken: provider.signedIn() })
    assert.notEqual(tokensNow()[0], null)
    await rig.run('collect.set', { name: 'old', note: 'kept' })
    assert.notEqual(tokensNow()[0], null)
    await rig.run('collect.set', { name: 'old', ...change })
    assert.deepEqual(tokensNow(), [null, null, null], JSON.stringify(change))
  }
})

for (const way of ['device', 'browser'] as const)
  test(`PC-03 collect sign-in with a ${way} from the command line, and the server is shown a token`, async () => {
    await using provider = await OauthProvider.open({ intervalSeconds: 1 })
    await using remote = await Pop3Remote.open({ sasl: ['XOAUTH2'] })
    using data = dataFolder()
    cli(data.path, ['mailbox', 'add', 'ann'])
    const where = `--into ann --user ann --host 127.0.0.1 --port ${remote.port} --tls none --plain-login --private`
    const add = ['collect', 'add', 'old', ...where.split(' '), '--first', 'everything', '--token-stdin']
    const added = await cliAsync(data.path, add, JSON.stringify(tokens(provider)))
    assert.equal(added.status, 0, added.stderr)
    const args = ['collect', 'sign-in', 'old', '--data', data.path, ...(way === 'browser' ? ['--browser'] : [])]
    const child = spawn('./netcruiser', args, { timeout: 30_000 })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      const before = said
      said += String(chunk)
      const code = / and type ([A-Z0-9-]+), until/.exec(said)?.[1]
      if (code !== undefined && !/ and type/.test(before)) provider.type(code, 'approved')
      const address = /^ {2}(http\S+)$/m.exec(said)?.[1]
      if (said.endsWith('Address: ') && address !== undefined)
        void fetch(address, { redirect: 'manual' }).then((answer) =>
          child.stdin.end(`${answer.headers.get('location')}\n`),
        )
    })
    const [status] = (await once(child, 'close')) as [number] // its exit code
    assert.equal(status, 0, said)
    await cliAsync(data.path, ['collect', 'run', 'old'])
    const shown = remote.heard.map((line) => Buffer.from(line.split(' ').at(-1)!, 'base64').toString('latin1'))
    const token = shown.map((text) => /Bearer ([!-~]+)/.exec(text)?.[1]).find((one) => one !== undefined)
    assert.ok(token !== undefined && provider.isAccessToken(token))
  })
