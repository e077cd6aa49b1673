// TLS on the way out as the settings want it, destination by destination: never weaker than a rule says, and never a reason to
// keep mail where no rule wants it. On real sockets.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Authority } from './certificates.ts'
import { Lab } from './relay-lab.ts'
import type { ReceiverOptions } from './receiver.ts'

const authority = await Authority.create()
const tls = await authority.issue({ names: ['smart.example'] })
const policies = ['opportunistic', 'required', 'verified', 'none'] as const

/** What the exchanger does, and how mail arrives there under each policy. */
const hosts: readonly [what: string, options: ReceiverOptions, ...arrives: string[]][] = [
  ['a certificate that nobody knows', { tls }, 'tls', 'tls', 'waits', 'clear'],
  ['no STARTTLS, or stripped on the way', {}, 'clear', 'waits', 'waits', 'clear'],
  ['454 to STARTTLS', { tls, script: { starttls: { say: '454 4.7.0 not now' } } }, 'clear', 'waits', 'waits', 'clear'],
  ['554 to STARTTLS', { tls, script: { starttls: { say: '554 5.7.0 no' } } }, 'clear', 'waits', 'waits', 'clear'],
  ['garbage to STARTTLS', { tls, script: { starttls: { octets: 'what\r\n' } } }, 'clear', 'waits', 'waits', 'clear'],
  ['a drop at STARTTLS', { tls, script: { starttls: { end: 'close' } } }, 'clear', 'waits', 'waits', 'clear'],
  [
    'a handshake that fails',
    { tls: { ...tls, minVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_CCM_8_SHA256' } },
    'clear',
    'waits',
    'waits',
    'clear',
  ],
]

for (const [column, policy] of policies.entries())
  test(`RO-13, OTL-01: TLS ${policy}`, async (t) => {
    const rule = { required: 'tlsRequiredFor', verified: 'tlsVerifiedFor' }[policy as string]
    const settings = rule ? { [`mailRelay.${rule}`]: ['*.example'] } : { 'mailRelay.tls': policy }
    await using lab = await Lab.open({ settings })
    for (const [i, [what, options, ...arrives]] of hosts.entries())
      await t.test(`${what}: ${arrives[column]}`, async () => {
        const host = await lab.host(options)
        const key = await lab.send([`x@${lab.domain(`c${i}.example`, host)}`])
        const [row] = await lab.tried(key)
        const how = host.ledger[0]?.tls ? 'tls' : host.ledger.length > 0 ? 'clear' : 'waits'
        assert.equal(how, arrives[column])
        assert.equal(row!.state, how === 'waits' ? 'waiting' : 'delivered')
        assert.ok(how !== 'waits' || row!.lastReply!.status!.startsWith('4.7.'))
        const { detail } = (await lab.events(key)).at(-1)!
        assert.equal(/TLSv1\.3/.test(String(detail['tls'])), how === 'tls')
      })
  })

test('RO-13 where TLS is required a host without it is passed over for one that has it', async () => {
  await using lab = await Lab.open({ settings: { 'mailRelay.tls': 'required' } })
  const [without, withIt] = [await lab.host(), await lab.host({ tls })]
  lab.domain('far.example', without, withIt)
  assert.deepEqual(await lab.fates(await lab.send(['x@far.example'])), ['delivered 250'])
  assert.deepEqual([without.ledger.length, withIt.ledger[0]?.tls], [0, true])
})

test('RO-13 a rule for one destination binds no other', async () => {
  await using lab = await Lab.open({ settings: { 'mailRelay.tlsRequiredFor': ['strict.example'] } })
  const far = await lab.host()
  lab.domain('far.example', far)
  lab.domain('strict.example', far)
  const key = await lab.send(['x@far.example', 'x@strict.example'])
  assert.deepEqual(await lab.fates(key), ['delivered 250', 'waiting 451'])
})

const smarts: readonly [what: string, options: ReceiverOptions, row: object, arrives: boolean][] = [
  ['the name that the operator wrote is proved', { tls }, { tls: 'required', ca: authority.pem }, true],
  ['by an authority that nobody trusts', { tls }, { tls: 'required' }, false],
  ['TLS from the start', { tls, implicitTls: true }, { tls: 'implicit', ca: authority.pem }, true],
  ['no STARTTLS, or stripped on the way', {}, { tls: 'required', ca: authority.pem }, false],
  [
    'a handshake that fails',
    { tls, script: { starttls: { end: 'close' } } },
    { tls: 'required', ca: authority.pem },
    false,
  ],
]
for (const [what, options, row, arrives] of smarts)
  test(`RO-25, RO-26 the alternate server: ${what}: ${arrives ? 'taken' : 'waits, and the postmaster hears of it'}`, async () => {
    await using lab = await Lab.open({ settings: { 'mailRelay.mx': false, 'mailRelay.alternate': 'smart' } })
    const smart = await lab.smart(options, row)
    const [sent] = await lab.tried(await lab.send(['x@far.example']))
    assert.equal(sent!.state, arrives ? 'delivered' : 'waiting')
    assert.deepEqual(
      smart.ledger.map((taken) => taken.tls),
      arrives ? [true] : [],
    )
    assert.deepEqual(await lab.inbox('postmaster'), arrives ? [] : ['Not usable: smart'])
  })
