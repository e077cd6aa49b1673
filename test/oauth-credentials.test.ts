// Passwords and tokens of remote accounts: a real provider on loopback, a real store in a folder of its own.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { remoteAccountSchema, type RemoteAccount } from '#/config/remote-accounts.ts'
import { targetProblem } from '#/dns/targets.ts'
import { openRemoteAccounts } from '#/pop3-client/accounts.ts'
import { openRemoteCredentials } from '#/pop3-client/credentials.ts'
import { clock } from '#/world/node/clock.ts'
import { nodeWeb } from '#/world/node/web.ts'
import type { OauthProvider } from './oauth-provider.ts'
import { accountRig as rig, sealedFor, secrets, shown, tokenOf } from './oauth-rig.ts'

const dayMs = 86_400_000

test('PC-03 an access token is fetched once, used for its life, and renewed before it runs out', async () => {
  await using one = await rig()
  const first = tokenOf(await one.ask())
  assert.ok(one.provider.isAccessToken(first))
  one.later(3600_000 - 120_000)
  assert.equal(tokenOf(await one.ask()), first)
  one.later(1)
  assert.notEqual(tokenOf(await one.ask()), first)
  assert.equal(one.provider.asked.length, 2)
})

test('PC-03 a rotated refresh token is durable before anybody sees the access token, and is used the next time', async () => {
  await using one = await rig({ rotates: true })
  const before = await one.kept()
  const seen = one.ask().then(async (now) => ({ now, keptThen: await one.kept() }))
  const { now, keptThen } = await seen
  tokenOf(now)
  assert.notEqual(keptThen, before)
  assert.ok(one.provider.isRefreshToken(keptThen))
  one.later(3600_000)
  tokenOf(await one.ask())
  assert.equal(one.provider.asked[1]?.form.get('refresh_token'), keptThen)
})

test('PC-03 killed at any moment: an access token that was given out has its refresh token in the store of the next start', async () => {
  await using one = await rig({ rotates: true })
  tokenOf(await one.ask())
  const accounts = await openRemoteAccounts(one.store) // all that the next start sees
  one.later(3600_000)
  const again = openRemoteCredentials({
    accounts,
    secrets,
    clock: { now: () => 1_700_000_000_000 + 3600_000 },
    web: nodeWeb(targetProblem),
  })
  tokenOf(await again.of(accounts.all()[0]!))
})

test('PC-03 when the rotated token cannot be saved the access token is not used', async () => {
  await using one = await rig({ rotates: true })
  one.provider.meanwhile = () => one.store.close()
  await assert.rejects(one.ask())
})

test('PC-03 many who ask at once share one renewal', async () => {
  await using one = await rig({ rotates: true })
  one.provider.mood = 'slow'
  const all = Array.from({ length: 20 }, () => one.ask())
  while (one.provider.asked.length === 0) await clock.sleep(5)
  one.provider.release()
  assert.equal(new Set((await Promise.all(all)).map(tokenOf)).size, 1)
  assert.equal(one.provider.asked.length, 1)
})

test('PC-03 a change that somebody makes during a renewal and the new tokens are both kept', async () => {
  await using one = await rig({ rotates: true })
  let changed: Promise<unknown> = Promise.resolve()
  one.provider.meanwhile = () => {
    changed = one.accounts.edit(one.row.id, (now) => ({ ...now, note: 'mine', name: 'renamed' }))
  }
  tokenOf(await one.ask())
  await changed
  assert.equal(one.accounts.byName('renamed')?.settings.note, 'mine')
  assert.ok(one.provider.isRefreshToken(await one.kept()))
})

test('PC-03 an account that is gone or signs in otherwise meanwhile stays as it is, and the token is not used', async () => {
  await using one = await rig({ rotates: true })
  const auth = { kind: 'password', user: 'ann', secret: '' } as const
  one.provider.meanwhile = () => one.accounts.change(one.row.id, { ...one.row.settings, auth })
  assert.match(shown(await one.ask()), /^later: The account was changed/)
  assert.equal(one.accounts.byId(one.row.id)?.settings.auth.kind, 'password')
})

const passing: readonly [title: string, mood: OauthProvider['mood']][] = [
  ['hangs up', 'hangs up'],
  ['is ill', 'ill'],
  ['never ends', 'endless'],
]
test('PC-03 a provider that cannot be reached throws nothing away: it is tried later with the same token', async (t) => {
  for (const [title, mood] of passing)
    await t.test(title, async () => {
      await using one = await rig({ rotates: true })
      const before = await one.kept()
      one.provider.mood = mood
      assert.match(shown(await one.ask()), /^later: The token of ann@far\.example could not be renewed: /)
      assert.equal(await one.kept(), before)
      one.provider.mood = 'well'
      tokenOf(await one.ask())
    })
})

const sevenDaysMs = 7 * dayMs
const refusals: readonly [title: string, happens: (one: Awaited<ReturnType<typeof rig>>) => void, RegExp][] = [
  ['withdrawn', (one) => one.provider.withdraw(), /^sign-in: .*sign in again.*invalid_grant/],
  [
    'withdrawn after six days',
    (one) => (one.later(6 * dayMs), one.provider.withdraw()),
    /^sign-in: The provider has ended/,
  ],
  [
    'withdrawn after a month',
    (one) => (one.later(30 * dayMs), one.provider.withdraw()),
    /^sign-in: The provider has ended/,
  ],
  ['after seven days', (one) => one.later(sevenDaysMs), /^sign-in: .*seven days.*in testing.*"In production"/],
  ['a day later, after a pause', (one) => one.later(8 * dayMs), /^sign-in: .*seven days/],
]
test('PC-03 invalid_grant asks for a new sign-in; tokens of an app in testing are told apart and explained', async (t) => {
  for (const [title, happens, expected] of refusals)
    await t.test(title, async () => {
      await using one = await rig({ refreshLifeMs: sevenDaysMs })
      happens(one)
      assert.match(shown(await one.ask()), expected)
    })
})

test('PC-03 a client that the provider does not know is no matter of signing in again', async () => {
  await using one = await rig({ clientSecret: 'another' })
  assert.match(shown(await one.ask()), /^sign-in: .*check its client id and client secret/)
})

const description = (octets: Buffer): Buffer =>
  Buffer.concat([Buffer.from('{"error":"invalid_grant","error_description":"'), octets, Buffer.from('"}')])
const words: readonly [title: string, octets: Buffer, said: string][] = [
  ['UTF-8', Buffer.from('Sitzung für 日本 abgelaufen 😀'), 'Sitzung für 日本 abgelaufen 😀'],
  ['escapes of JSON', Buffer.from('f\\u00fcr \\ud83d\\ude00'), 'für 😀'],
  ['octets of another character set', Buffer.from('f\xfcr \xe4\xff', 'latin1'), 'f\\xFCr \\xE4\\xFF'],
  ['both', Buffer.from('\xc3\xbc \xfc', 'latin1'), 'ü \\xFC'],
  ['half a letter', Buffer.from('a\\ud83d b\\udcfc c'), 'a\ufffd b\\xFC c'],
  ['line ends and escapes', Buffer.from('a\\r\\nb\\u001b[2J\\u202e'), 'a  b?[2J?'],
  ['more than is kept', Buffer.from('ü'.repeat(600)), 'ü'.repeat(485)],
]
test('PC-36 what a provider says stays as it was said: in UTF-8, or as \\xE4 where its octets spell no letter', async (t) => {
  for (const [title, octets, said] of words)
    await t.test(title, async () => {
      await using one = await rig({ refusal: description(octets) })
      one.provider.withdraw()
      const [, heard] = shown(await one.ask()).split('It says: ')
      assert.equal(heard, `invalid_grant: ${said}`)
    })
})

test('PC-37 no secret stands in the row or in words, though the provider repeats what it was sent', async () => {
  await using one = await rig({ rotates: true })
  const refreshToken = await one.kept()
  one.provider.withdraw()
  const words = shown(await one.ask())
  assert.match(words, /Token \*\*\* has been {2}expired/)
  const [json] = await one.store.collected.accounts()
  for (const secret of [refreshToken, 'hush']) {
    assert.ok(!words.includes(secret))
    assert.ok(!json!.settings.includes(secret))
  }
})

test('PC-37 a password opens for its own server and user only', async () => {
  await using one = await rig()
  const auth = { kind: 'password', user: 'ann', secret: '' } as const
  const draft = remoteAccountSchema.parse({ ...one.row.settings, auth })
  const settings = { ...draft, auth: { ...auth, secret: sealedFor(draft, 'password', 'pass') } }
  const ask = async (account: RemoteAccount) => shown(await one.credentials.of({ id: null, settings: account }))
  const good = '{"user":"ann","password":"pass"}'
  assert.equal(await ask(settings), good)
  assert.equal(await ask({ ...settings, name: 'renamed', port: 110 }), good)
  const moved = { ...settings, host: 'pop.evil.example' }
  assert.match(await ask(moved), /^sign-in: .*give the secret anew/)
})

test('PC-03 an unsaved draft signs in as it is, but its tokens are renewed only where the new ones have a place', async () => {
  await using one = await rig({ rotates: true })
  const draft = { ...one.row.settings, port: 110 }
  tokenOf(await one.credentials.of({ id: null, settings: draft })) // those of the row
  assert.ok(one.provider.isRefreshToken(await one.kept()))
  const homeless = {
    ...draft,
    auth: { ...draft.auth, refreshToken: sealedFor(draft, 'refreshToken', 'x') } as typeof draft.auth,
  }
  assert.match(shown(await one.credentials.of({ id: null, settings: homeless })), /^later: .*save it/)
  assert.equal(one.provider.asked.length, 1)
})

test('PC-03 an account waits until somebody has signed in, and works from then on', async () => {
  await using one = await rig({}, { name: 'new' })
  await one.accounts.edit(one.row.id, (now) => ({
    ...now,
    auth: { ...now.auth, refreshToken: null } as typeof now.auth,
  }))
  assert.match(shown(await one.ask()), /^sign-in: Nobody has signed in/)
  const { settings } = one.accounts.byId(one.row.id)!
  const begun = await one.signIn.device(settings)
  assert.ok(begun.is === 'device')
  assert.equal((await one.signIn.finish(one.row.id, { ticket: begun.ticket, cameBack: null })).is, 'waiting')
  one.provider.type(begun.userCode, 'approved')
  assert.deepEqual(await one.signIn.finish(one.row.id, { ticket: begun.ticket, cameBack: null }), { is: 'signed-in' })
  tokenOf(await one.ask())
  assert.ok(one.provider.isRefreshToken(await one.kept()))
})

test('PC-03 a sign-in with a browser ends in the row; not in one that was changed meanwhile', async () => {
  await using one = await rig()
  const begin = () => {
    const begun = one.signIn.browser(one.row.settings, 'http://localhost/')
    assert.ok(begun.is === 'browser')
    return begun
  }
  const visit = async (address: string) => (await fetch(address, { redirect: 'manual' })).headers.get('location') ?? ''
  const first = begin()
  const cameBack = await visit(first.address)
  assert.deepEqual(await one.signIn.finish(one.row.id, { ticket: first.ticket, cameBack }), { is: 'signed-in' })
  const second = begin()
  const back = await visit(second.address)
  one.provider.meanwhile = () =>
    one.accounts.edit(one.row.id, (now) => ({ ...now, auth: { ...now.auth, user: 'eve' } })).then(() => undefined)
  const late = await one.signIn.finish(one.row.id, { ticket: second.ticket, cameBack: back })
  assert.ok(late.is === 'refused' && /changed meanwhile/.test(late.why))
})

test('SX-06 a token endpoint in this network is asked only for an account that may reach it', async () => {
  await using one = await rig({}, { privateAllowed: false })
  assert.match(shown(await one.ask()), /^later: .*must not reach/)
  assert.equal(one.provider.asked.length, 0)
})

test('what has no tokens has no sign-in, and an account that is gone has none either', async () => {
  await using one = await rig()
  const auth = { kind: 'password', user: 'ann', secret: '' } as const
  const answer = one.signIn.browser({ ...one.row.settings, auth }, 'http://localhost/')
  assert.ok(answer.is === 'refused' && /password/.test(answer.why))
  await one.accounts.remove(one.row.id)
  const gone = await one.signIn.finish(one.row.id, { ticket: '', cameBack: null })
  assert.ok(gone.is === 'refused' && /no such account/.test(gone.why))
})
