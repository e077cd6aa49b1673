// Where the POP3 Client connects to and whom it believes: certificates, STLS and those who play tricks with it, addresses
// that an account must not reach.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RemoteAccount } from '#/config/remote-accounts.ts'
import { Authority, fingerprint } from './certificates.ts'
import { failure, open, opened, type Opening } from './pop3-client-rig.ts'
import { Pop3Remote, type RemoteOptions, type Script } from './pop3-remote.ts'

const authority = await Authority.create()
const names = ['pop.far.example']
const dayMs = 86_400_000
const good = await authority.issue({ names })
const selfSigned = await authority.issue({ names, selfSigned: true })
const ca = authority.pem

/** How it went, and never a secret where it was not proved to whom. */
async function outcome(options: RemoteOptions, opening: Opening): Promise<string> {
  await using far = await Pop3Remote.open(options)
  const result = await open(far, opening)
  if (result.is === 'open') {
    const { tls } = result.box.facts
    assert.equal(await result.box.leave(), 'committed')
    return tls === null ? 'in clear' : `${tls.version} ${tls.why ?? 'verified'}`
  }
  assert.deepEqual(far.heard.filter((line) => /^(?:USER|PASS|AUTH|APOP)/.test(line)), []) // prettier-ignore
  return `${result.trouble.is}: ${result.trouble.words}`
}

const certificates: readonly [
  title: string,
  tls: RemoteOptions['tls'],
  account: Partial<RemoteAccount>,
  fate: RegExp,
][] = [
  ['a good one', good, { ca }, /^TLSv1.3 verified$/],
  ['one of another authority', good, {}, /^tls: .*authority/],
  ['one for another name', await authority.issue({ names: ['x.example'] }), { ca }, /^tls: .*another name/],
  ['one that has expired', await authority.issue({ names, toMs: -dayMs / 2 }), { ca }, /^tls: .*expired/],
  ['one that is not valid yet', await authority.issue({ names, fromMs: dayMs / 2 }), { ca }, /^tls: .*not valid yet/],
  ['one that signed itself', selfSigned, { ca }, /^tls: .*self-signed/],
  ['one that signed itself and is pinned', selfSigned, { pin: await fingerprint(selfSigned) }, /^TLSv1.3 verified$/],
  ['a good one that is not the pinned one', good, { ca, pin: await fingerprint(selfSigned) }, /^tls: .*not the pinned/],
  ['one that signed itself, where any will do', selfSigned, { anyCertificate: true }, /^TLSv1.3 .*self-signed$/],
  ['another than the pinned one, where any would do', good, { ca, anyCertificate: true, pin: await fingerprint(selfSigned) }, /^tls: .*not the pinned/], // prettier-ignore
]
for (const [title, tls, account, fate] of certificates)
  for (const mode of ['implicit', 'required'] as const)
    test(`PC-01, P3C-09: ${mode} TLS with ${title}`, async () => {
      const options = { tls: tls!, implicitTls: mode === 'implicit' }
      assert.match(await outcome(options, { account: { ...account, tls: mode, plainAuthAllowed: false } }), fate)
    })

const clear = { plainAuthAllowed: true } as const
const capa = (...words: string[]): Script => ({ capa: (_, nth) => (nth === 0 ? { octets: `+OK\r\n${words.map((word) => `${word}\r\n`).join('')}.\r\n` } : undefined) }) // prettier-ignore
const tricks: readonly [title: string, options: RemoteOptions, account: Partial<RemoteAccount>, fate: RegExp][] = [
  [
    'required: STLS is taken out of CAPA',
    { tls: good, script: capa('USER') },
    { tls: 'required', ...clear },
    /verified$/,
  ],
  ['required: CAPA is refused', { tls: good, capabilities: null }, { tls: 'required', ...clear }, /verified$/],
  ['required: STLS is refused', { script: capa('STLS') }, { tls: 'required', ...clear }, /^tls: .*STLS/],
  ['required: +OK and no TLS', { tls: good, script: { stls: { say: '+OK' } } }, { tls: 'required', ...clear }, /^tls: TLS with/], // prettier-ignore
  ['required: answers slipped in behind +OK', { tls: good, script: { stls: { behind: '+OK\r\n+OK\r\n' } } }, { tls: 'required', ...clear }, /^tls: .*octets came/], // prettier-ignore
  ['required: a line dropped at STLS', { tls: good, script: { stls: { octets: '', end: 'close' } } }, { tls: 'required', ...clear }, /^lost: .*STLS/], // prettier-ignore
  ['required: garbage at STLS', { tls: good, script: { stls: { say: 'TLS' } } }, { tls: 'required', ...clear }, /^garbage: .*STLS/], // prettier-ignore
  ['required: a handshake that hangs', { tls: good, script: { stls: { octets: '+OK\r\n', end: 'silence' } } }, { tls: 'required', ...clear }, /^tls: .*too long/], // prettier-ignore
  ['opportunistic: STLS', { tls: good }, { tls: 'opportunistic', plainAuthAllowed: false }, /verified$/],
  ['opportunistic: no STLS', {}, { tls: 'opportunistic', ...clear }, /^in clear$/],
  ['opportunistic: STLS is refused', { script: capa('STLS') }, { tls: 'opportunistic', ...clear }, /^in clear$/],
  ['opportunistic: no STLS and no leave', {}, { tls: 'opportunistic', plainAuthAllowed: false }, /^tls: .*no TLS$/],
  ['opportunistic: nothing proved and no leave', { tls: selfSigned }, { tls: 'opportunistic', plainAuthAllowed: false }, /^tls: .*self-signed$/], // prettier-ignore
  ['opportunistic: nothing proved, a safe secret', { tls: selfSigned, sasl: ['PLAIN', 'SCRAM-SHA-1'] }, { tls: 'opportunistic', plainAuthAllowed: false }, /self-signed$/], // prettier-ignore
  ['opportunistic: answers slipped in behind +OK', { tls: good, script: { stls: { behind: '+OK\r\n' } } }, { tls: 'opportunistic', ...clear }, /^tls: .*octets came/], // prettier-ignore
  ['none: APOP only where the secret must not be shown', { timestamp: '<1@far>' }, { tls: 'none', plainAuthAllowed: false }, /^in clear$/], // prettier-ignore
  ['none: TLS is not asked for', { tls: good }, { tls: 'none', ...clear }, /^in clear$/],
  ['implicit: a server without TLS', {}, { tls: 'implicit', ...clear }, /^tls: /],
]
for (const [title, options, account, fate] of tricks)
  test(`PC-01, P3C-08, P3C-13, STL-15: ${title}`, async () => {
    const settings = { connectMs: /hangs|no TLS$/.test(title) ? 500 : 5000 }
    assert.match(await outcome(options, { account: { ca, ...account }, settings }), fate)
  })

test('PC-01, P3C-08: what CAPA said before TLS does not count behind it', async () => {
  const script = capa('STLS', 'PIPELINING', 'SASL PLAIN', 'LOGIN-DELAY 999')
  await using far = await Pop3Remote.open({ tls: good, script, capabilities: ['USER'] })
  const box = await opened(far, { account: { tls: 'required', ca, plainAuthAllowed: false } })
  assert.deepEqual([box.facts.pipelining, box.facts.loginDelaySeconds], [false, 0])
  assert.deepEqual(far.heard, ['CAPA', 'STLS', 'CAPA', 'USER ann', 'PASS secret'])
  await box.leave()
})

const strict = { privateAllowed: false } as const
const targets: readonly [title: string, opening: Opening, is: string, words: RegExp][] = [
  ['the loopback', { account: strict }, 'forbidden', /pop\.far\.example, which is 127\.0\.0\.1,.*: loopback$/],
  ['the loopback by number', { account: { ...strict, host: '127.0.0.1' } }, 'forbidden', /^127\.0\.0\.1 lies/],
  ['the loopback in IPv6', { account: { ...strict, host: '::1' } }, 'forbidden', /loopback$/],
  ['the loopback mapped to IPv6', { account: strict, addresses: ['::ffff:127.0.0.1'] }, 'forbidden', /loopback$/],
  ['the service of a cloud', { account: { ...strict, host: '169.254.169.254' } }, 'forbidden', /link-local$/],
  ['private networks', { account: strict, addresses: ['10.1.2.3', '192.168.0.1', 'fd00::1'] }, 'forbidden', /private$/],
  ['NAT64 of a private network', { account: strict, addresses: ['64:ff9b::a00:1'] }, 'forbidden', /private$/],
  ['a port of an administrator', { account: { byOwner: true } }, 'forbidden', /^Port \d+ may be used/],
  ['a name that is none', { addresses: { is: 'no-such-name' } }, 'unreachable', /^There is no host pop\.far\.example$/],
  ['a name without addresses', { addresses: { is: 'no-data' } }, 'unreachable', /has no address$/],
  ['a name server that is silent', { addresses: { is: 'trouble', why: 'timeout' } }, 'unreachable', /could not be looked up: timeout$/], // prettier-ignore
]
for (const [title, opening, is, words] of targets)
  test(`PC-38, P3C-10, SX-06, DNS-01: ${title} is not connected to`, async () => {
    await using far = await Pop3Remote.open()
    const trouble = await failure(far, { ...opening, onConnect: () => assert.fail('it was connected to') })
    assert.equal(trouble.is, is)
    assert.match(trouble.words, words)
    assert.equal(far.connections, 0)
  })

test('PC-38: an administrator may let one account, or all, reach this network; owners may use further ports', async () => {
  await using far = await Pop3Remote.open()
  for (const opening of [
    { account: { privateAllowed: true } },
    { account: strict, settings: { allowPrivateTargets: true } },
    { account: { byOwner: true }, settings: { ports: [far.port] } },
  ] satisfies Opening[])
    assert.equal(await (await opened(far, opening)).leave(), 'committed')
})

test('P3C-10, DNS-01: of several addresses only those that are allowed are tried, each once, without asking again', async () => {
  await using far = await Pop3Remote.open()
  const tried: string[] = []
  const addresses = ['192.168.0.1', '::1', '192.0.2.1', '127.0.0.1']
  const opening = { addresses, onConnect: ({ address }: { address: string }) => tried.push(address) }
  const trouble = await failure(far, { ...opening, account: strict, settings: { connectMs: 200 } })
  assert.deepEqual([trouble.is, tried], ['unreachable', ['192.0.2.1']])
  tried.length = 0
  await (await opened(far, { ...opening, addresses: ['::1', '127.0.0.1'] })).leave()
  assert.deepEqual(tried, ['::1', '127.0.0.1'])
})

test('PC-38: a listener of ours is known by its port and every way to its address', async () => {
  await using far = await Pop3Remote.open()
  const { port } = far
  for (const [address, at, ours] of [
    ['127.0.0.1', port, true],
    ['0.0.0.0', port, true],
    ['::', port, true],
    ['0.0.0.0', port + 1, false],
    ['192.0.2.1', port, false],
  ] as const) {
    const box = await opened(far, { own: () => ({ listeners: [{ address, port: at }], addresses: ['192.0.2.7'] }) })
    assert.equal(box.facts.ourselves, ours, `${address} ${at}`)
    await box.leave()
  }
})
