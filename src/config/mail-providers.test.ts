// The presets of providers: all of them fit a remote account, and are found by the domain of an address.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { providerFor, providers, userAt } from './mail-providers.ts'
import { remoteAccountSchema } from './remote-accounts.ts'

const found: readonly [address: string, name: string | null][] = [
  ['ann@gmail.com', 'Gmail'],
  ['ann@GoogleMail.com', 'Gmail'],
  ['ann@live.co.uk', 'Outlook.com'],
  ['ann@firm.onmicrosoft.com', 'Microsoft 365'],
  ['"a@web.de"@gmx.de', 'GMX'],
  ['ann@gmx.com', 'GMX International'],
  ['ann@me.com', 'iCloud Mail'],
  ['ann@evil.gmail.com', null],
  ['ann@gmail.com.evil.example', null],
  ['ann@constructor', null],
  ['gmail.com', 'Gmail'],
  ['', null],
]

test('a provider is found by the domain of an address, and nothing that only looks like one', () => {
  for (const [address, name] of found) assert.equal(providerFor(address)?.name ?? null, name, address)
})

test('the user is the address, or what stands before the @', () => {
  assert.equal(userAt(providerFor('ann@web.de')!, 'ann@web.de'), 'ann')
  assert.equal(userAt(providerFor('ann@gmx.de')!, 'ann@gmx.de'), 'ann@gmx.de')
})

test('no domain belongs to two providers', () => {
  const domains = providers.flatMap((one) => one.domains)
  assert.equal(new Set(domains).size, domains.length)
})

test('PC-01, PC-03 what a preset says makes an account over TLS, with tokens where the provider wants them', async (t) => {
  for (const { name, host, oauth, ways, intervalMs } of providers.filter((one) => one.host !== null))
    await t.test(name, () => {
      const password = { kind: 'password', user: 'ann', secret: 'v1:' }
      const auth = oauth === null ? password : { kind: 'oauth', user: 'ann', clientId: 'ours', ...oauth }
      const account = { name: 'old', mailbox: 1, host, port: 995, auth, ...(intervalMs !== null && { intervalMs }) }
      assert.equal(remoteAccountSchema.parse(account).tls, 'implicit')
      assert.equal(oauth !== null, ways.includes('oauth'))
      assert.ok(ways.length > 0)
    })
})

test('PC-31 whoever collects from Gmail is told that Gmail itself may archive or delete what was fetched', () => {
  assert.match(providerFor('ann@gmail.com')!.advice.join(' '), /archive or delete it, whatever is set here/)
})
