// Signing in at a provider of tokens, with a device and with a browser: against a real provider on loopback.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { beginBrowser, finishBrowser, type BrowserBegun } from '#/accounts/oauth-browser.ts'
import { beginDevice, finishDevice, type DeviceBegun } from '#/accounts/oauth-device.ts'
import type { NotBegun, SignInClient } from '#/accounts/oauth-sign-in.ts'
import { openSecrets } from '#/accounts/secrets.ts'
import { targetProblem } from '#/dns/targets.ts'
import { randomPool } from '#/world/node/clock.ts'
import { nodeWeb } from '#/world/node/web.ts'
import { OauthProvider, type ProviderOptions } from './oauth-provider.ts'

const random = randomPool()
const secrets = openSecrets(random.bytes(32), random)
const redirectUri = 'http://127.0.0.1:1/back'

async function rig(options: ProviderOptions = {}, change: Partial<SignInClient> = {}) {
  let now = 1_700_000_000_000
  const provider = await OauthProvider.open({ ...options, now: () => now })
  const parts = () => ({ web: nodeWeb(targetProblem), secrets, random, now })
  const client: SignInClient = {
    ...provider.endpoints,
    user: 'ann@far.example',
    clientId: provider.clientId,
    clientSecret: null,
    scopes: ['mail', 'offline_access'],
    privateAllowed: true,
    ...change,
  }
  return {
    provider,
    client,
    parts,
    later: (ms: number) => void (now += ms),
    device: async () => begun(await beginDevice(client, parts()), 'device'),
    poll: (ticket: string) => finishDevice(client, ticket, parts()),
    browser: () => begun(beginBrowser(client, redirectUri, parts()), 'browser'),
    finish: (ticket: string, cameBack: string) => finishBrowser(client, { ticket, cameBack }, parts()),
    [Symbol.asyncDispose]: () => provider[Symbol.asyncDispose](),
  }
}

function begun<Is extends 'device' | 'browser'>(
  answer: DeviceBegun | BrowserBegun | NotBegun,
  is: Is,
): Extract<DeviceBegun | BrowserBegun, { is: Is }> {
  assert.equal(answer.is, is, 'why' in answer ? answer.why : '')
  return answer as Extract<DeviceBegun | BrowserBegun, { is: Is }> // just asserted
}

/** What a browser does: opens the address, is sent back. */
async function visit(address: string): Promise<string> {
  const response = await fetch(address, { redirect: 'manual' })
  return response.headers.get('location') ?? ''
}
const why = (answer: { readonly is: string; readonly why?: string | null }): string =>
  `${answer.is}: ${answer.why ?? ''}`

test('PC-03 with a device: a code is shown, asked for until somebody has typed it, and gives both tokens', async () => {
  await using one = await rig({ intervalSeconds: 7 })
  const shown = await one.device()
  assert.equal(shown.waitMs, 7000)
  assert.equal(shown.addressComplete, `${shown.address}?code=${shown.userCode}`)
  const pending = await one.poll(shown.ticket)
  assert.deepEqual({ ...pending, ticket: '' }, { is: 'waiting', ticket: '', waitMs: 7000, why: null })
  assert.ok(one.provider.type(shown.userCode, 'approved'))
  const done = await one.poll(shown.ticket)
  assert.ok(done.is === 'tokens')
  assert.ok(one.provider.isAccessToken(done.tokens.accessToken))
  assert.ok(one.provider.isRefreshToken(done.tokens.refreshToken))
  assert.equal(one.provider.asked[0]?.form.get('scope'), 'mail offline_access')
})

test('PC-03 with a device: slow_down adds five seconds for good, and a provider that does not answer is asked more seldom', async () => {
  await using one = await rig()
  const shown = await one.device()
  assert.equal(shown.waitMs, 5000) // it did not say
  one.provider.slowDowns = 1
  const slower = await one.poll(shown.ticket)
  assert.ok(slower.is === 'waiting' && slower.waitMs === 10_000)
  one.provider.mood = 'hangs up'
  const silent = await one.poll(slower.ticket)
  assert.ok(silent.is === 'waiting' && silent.waitMs === 15_000 && silent.why !== null)
  one.provider.mood = 'well'
  one.provider.type(shown.userCode, 'approved')
  assert.equal((await one.poll(silent.ticket)).is, 'tokens')
})

const ends: readonly [title: string, (one: Awaited<ReturnType<typeof rig>>, code: string) => void, RegExp][] = [
  ['somebody says no', (one, code) => void one.provider.type(code, 'denied'), /^refused: access_denied/],
  ['the code runs out at the provider', (one) => one.later(899_999), /^waiting/],
  ['the code has run out', (one) => one.later(900_000), /^refused: The time to sign in is over/],
]
test('PC-03 a sign-in with a device ends in words', async (t) => {
  for (const [title, happens, expected] of ends)
    await t.test(title, async () => {
      await using one = await rig()
      const shown = await one.device()
      happens(one, shown.userCode)
      assert.match(why(await one.poll(shown.ticket)), expected)
    })
})

const lies: readonly [title: string, change: object, expected: RegExp | 'device'][] = [
  ['a page without TLS', { verification_uri: 'http://far.example/' }, /^refused/],
  ['a page that only looks like this machine', { verification_uri: 'http://localhost:x@far.example/' }, /^refused/],
  ['a script', { verification_uri: 'javascript:alert(1)' }, /^refused/],
  ['a code that moves the cursor', { user_code: 'A\u001b[2J' }, /^refused/],
  ['an endless code', { user_code: 'A'.repeat(2000) }, /^refused/],
  ['no code for us', { device_code: 7 }, /^refused/],
  ['an interval of years', { interval: 1e9, expires_in: 1e12 }, 'device'],
  ['an interval below zero', { interval: -1, expires_in: -1 }, 'device'],
]
test('PC-36 what a provider wants to be shown is judged before anybody sees or opens it', async (t) => {
  for (const [title, deviceLies, expected] of lies)
    await t.test(title, async () => {
      await using one = await rig({ deviceLies })
      const answer = await beginDevice(one.client, one.parts())
      if (expected !== 'device') return assert.match(answer.is, expected)
      const { waitMs, expiresAt } = begun(answer, 'device')
      assert.ok(waitMs >= 1000 && waitMs <= 60_000)
      assert.ok(expiresAt - one.parts().now >= 60_000 && expiresAt - one.parts().now <= 1_800_000)
    })
})

test('PC-03 with a browser: the code that comes back is exchanged with its proof, once', async () => {
  await using one = await rig()
  const shown = one.browser()
  const query = new URL(shown.address).searchParams
  assert.equal(query.get('kept'), '1') // the endpoint's own
  assert.equal(query.get('redirect_uri'), redirectUri)
  assert.equal(query.get('login_hint'), 'ann@far.example')
  const cameBack = await visit(shown.address)
  const done = await one.finish(shown.ticket, ` ${cameBack}\n`) // as people paste
  assert.ok(done.is === 'tokens' && one.provider.isRefreshToken(done.tokens.refreshToken))
  assert.match(why(await one.finish(shown.ticket, cameBack)), /^refused: invalid_grant/)
})

test('PC-03 a code without its own proof is refused by the provider: PKCE', async () => {
  await using one = await rig()
  const [mine, other] = [one.browser(), one.browser()]
  const cameBack = new URL(await visit(mine.address))
  cameBack.searchParams.set('state', new URL(other.address).searchParams.get('state')!)
  assert.match(why(await one.finish(other.ticket, cameBack.href)), /^refused: invalid_grant: PKCE/)
})

test('PC-03 an answer that belongs to another sign-in is refused before the provider is asked: state', async () => {
  await using one = await rig()
  const [mine, other] = [one.browser(), one.browser()]
  const cameBack = await visit(mine.address)
  assert.match(why(await one.finish(other.ticket, cameBack)), /^refused: This answer belongs to another sign-in/)
  assert.ok(one.provider.asked.every(({ path }) => path !== '/token'))
})

const pasted: readonly [title: string, (state: string) => string, RegExp][] = [
  ['nothing', () => '', /Paste the whole address/],
  ['the code alone', () => 'abc', /Paste the whole address/],
  ['an address without an answer', () => redirectUri, /Paste the whole address/],
  [
    'a refusal',
    (state) => `${redirectUri}?error=access_denied&error_description=No%0D%0Away&state=${state}`,
    /access_denied: No {2}way/,
  ],
  [
    'a refusal in another language',
    (state) => `${redirectUri}?error=access_denied&error_description=f%C3%BCr&state=${state}`,
    /access_denied: für/,
  ],
  ['a refusal of another sign-in', () => `${redirectUri}?error=access_denied`, /another sign-in/],
]
test('PC-03 what is pasted is looked at before it is used', async (t) => {
  for (const [title, text, expected] of pasted)
    await t.test(title, async () => {
      await using one = await rig()
      const { ticket, address } = one.browser()
      const state = new URL(address).searchParams.get('state')!
      assert.match(why(await one.finish(ticket, text(state))), expected)
    })
})

test('PC-37 a ticket shows nothing, serves only the account and the way that it was made for, and ends', async () => {
  await using one = await rig()
  const [device, browser] = [await one.device(), one.browser()]
  const verifierSeen = /verifier|deviceCode|expiresAt/
  for (const { ticket } of [device, browser]) {
    assert.doesNotMatch(Buffer.from(ticket, 'base64').toString('latin1') + ticket, verifierSeen)
  }
  assert.match(why(await one.poll(browser.ticket)), /^refused: This sign-in was begun in another way/)
  const other = { ...one.client, user: 'eve@far.example' }
  assert.match(why(await finishDevice(other, device.ticket, one.parts())), /^refused: .*another account/)
  one.later(1_800_000)
  assert.match(why(await one.finish(browser.ticket, await visit(browser.address))), /^refused: The time/)
})

test('PC-03 a provider that gives no refresh token is told apart at once: it would work for an hour', async () => {
  await using one = await rig({ offlineScope: 'offline_access' }, { scopes: ['mail'] })
  const shown = one.browser()
  assert.match(why(await one.finish(shown.ticket, await visit(shown.address))), /^refused: .*offline_access/)
})

test('SX-06 no step of a sign-in reaches a private address unless that is allowed', async () => {
  await using one = await rig({}, { privateAllowed: false })
  assert.match(why(await beginDevice(one.client, one.parts())), /must not reach/)
  const shown = one.browser()
  const cameBack = await visit(shown.address)
  assert.match(why(await one.finish(shown.ticket, cameBack)), /^later: .*must not reach/)
  assert.ok(one.provider.asked.every(({ path }) => path === '/authorize')) // the browser's own visit
})

test('what the provider lacks is said before it is asked', async () => {
  await using one = await rig({}, { deviceEndpoint: null, authorizationEndpoint: null })
  assert.match(why(await beginDevice(one.client, one.parts())), /sign in with a browser/)
  assert.match(why(beginBrowser(one.client, redirectUri, one.parts())), /code for devices/)
  const back = beginBrowser(
    { ...one.client, authorizationEndpoint: 'https://far.example/' },
    'http://far.example/',
    one.parts(),
  )
  assert.match(why(back), /http:\/\/127\.0\.0\.1/)
})
