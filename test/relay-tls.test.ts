// TLS towards other hosts: every kind of certificate, policies, handshakes that break, octets slipped in before TLS; and
// signing in over it.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { Authority, fingerprint } from './certificates.ts'
import { Receiver, type Move, type ReceiverOptions } from './receiver.ts'
import { deliver, dial, fates, mailTo, quickTimes, type Plan } from './relay-rig.ts'

const authority = await Authority.create()
const good = await authority.issue({})
const clientTls = { servername: 'mx.far.example', verify: 'name', ca: authority.pem } as const
const dayMs = 86_400_000

/** What became of a mail: its fate and the TLS it went over, or how the session failed. */
async function attempt(options: ReceiverOptions, plan: Partial<Plan>): Promise<string> {
  await using far = await Receiver.open(options)
  const dialled = await dial(far.port, { plan: { clientTls, ...plan }, implicitTls: options.implicitTls ?? false })
  if (!dialled.ok) {
    const { stage, reply, retryInClear } = dialled.failure
    assert.ok(reply.code < 500)
    assert.equal(far.ledger.length, 0)
    return `${reply.status} ${stage}${retryInClear ? ' retry' : ''}: ${reply.lines.join()}`
  }
  const result = await dialled.live.deliver(mailTo(['bob@far.example']))
  await dialled.live.close()
  assert.equal(far.ledger[0]?.tls, result.tls !== null)
  if (result.tls === null) return `${fates(result).join()} in clear`
  return `${fates(result).join()} ${result.tls.version} ${result.tls.why ?? 'verified'}`
}

const kinds: readonly [name: string, wanted: Parameters<Authority['issue']>[0], why: RegExp][] = [
  ['good', {}, /^verified$/],
  ['wildcard', { names: ['*.far.example'] }, /^verified$/],
  ['wildcard of another level', { names: ['*.mx.far.example'] }, /for another name/],
  ['of another name', { names: ['near.example'] }, /for another name/],
  ['self-signed', { selfSigned: true }, /self-signed/],
  ['expired', { fromMs: -2 * dayMs, toMs: -dayMs }, /expired/],
  ['not yet valid', { fromMs: dayMs, toMs: 2 * dayMs }, /not valid yet/],
  ['without any name', { names: [], subject: [] }, /for another name|does not verify/],
  [
    'with a NUL in its name',
    { names: [], subject: [{ CN: ['mx.far.example\0.evil.example'] }] },
    /for another name|does not verify/,
  ],
  [
    'with a NUL in an alternative name',
    { names: ['mx.far.example\0.evil.example'] },
    /for another name|does not verify/,
  ],
  ['with quotes and commas in a name', { names: ['", DNS:mx.far.example, "'] }, /for another name|does not verify/],
  ['with a key of 1024 bits', { weak: true }, /does not verify/],
  ['with 2,000 names', { names: Array.from({ length: 2000 }, (_, i) => `n${i}.example`) }, /for another name/],
]
for (const [name, wanted, why] of kinds)
  test(`OTL-03, OTL-10: a certificate ${name}`, async () => {
    const tls = { ...(await authority.issue(wanted)), ciphers: 'DEFAULT@SECLEVEL=0' }
    const taken = await attempt({ tls }, { tls: 'required' })
    assert.match(taken.replace(/^250 dot TLSv1\.3 /, ''), why) // required is not verified, but it is told
    const checked = await attempt({ tls }, { tls: 'verified' })
    if (name === 'good' || name === 'wildcard') assert.equal(checked, '250 dot TLSv1.3 verified')
    else assert.match(checked, /^4\.7\.5 starttls: TLS with far\.example: the certificate /)
  })

test('OTL-10: a pinned certificate verifies whoever made it, and no other does', async () => {
  const tls = await authority.issue({ selfSigned: true, names: ['other.example'] })
  const pin = (pinSha256: string): Partial<Plan> => ({ tls: 'verified', clientTls: { ...clientTls, pinSha256 } })
  assert.equal(await attempt({ tls }, pin(await fingerprint(tls))), '250 dot TLSv1.3 verified')
  assert.match(await attempt({ tls }, pin(await fingerprint(good))), /not the pinned one$/)
})

test('RO-25: implicit TLS is verified before the greeting', async () => {
  assert.equal(await attempt({ tls: good, implicitTls: true }, { tls: 'verified' }), '250 dot TLSv1.3 verified')
  const bad = await authority.issue({ names: ['near.example'] })
  assert.match(await attempt({ tls: bad, implicitTls: true }, { tls: 'verified' }), /^4\.7\.5 connect: .*another name/)
})

type Break = readonly [name: string, options: ReceiverOptions, opportunistic: string, required: RegExp]
const answer = (starttls: Move, tls: ReceiverOptions['tls'] = good): ReceiverOptions => ({ tls, script: { starttls } })
const old = { ...good, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
const chain = { ...good, cert: `${good.cert}\n${`${authority.pem}\n`.repeat(2000)}` }
const breaks: readonly Break[] = [
  ['not offered', {}, '250 dot in clear', /^4\.7\.4 starttls: /],
  ['refused for now', answer({ say: '454 4.7.0 not now' }), '250 dot in clear', /^4\.7\.5 starttls: .*454/],
  ['refused for good', answer({ say: '502 5.5.1 no' }), '250 dot in clear', /^4\.7\.5 starttls: .*502/],
  ['answered by garbage', answer({ octets: 'hello\r\n' }), '4.7.5 starttls retry', /^4\.7\.5 starttls: /],
  ['answered by a close', answer({ end: 'close' }), '4.7.5 starttls retry', /^4\.7\.5 starttls: /],
  [
    'answered by a second reply in clear',
    answer({ say: '220 go\r\n250-far.example\r\n250 AUTH PLAIN' }),
    '4.7.5 starttls retry',
    /before TLS/,
  ],
  [
    'a handshake that is reset',
    answer({ octets: '220 go\r\n', end: 'reset', delayMs: 20 }),
    '4.7.5 starttls retry',
    /^4\.7\.5 starttls: /,
  ],
  ['a handshake that hangs', answer({ octets: '220 go\r\n', end: 'silence' }), '4.7.5 starttls retry', /took too long/],
  ['a chain of a megabyte', { tls: chain }, '4.7.5 starttls retry', /handshake failed/],
  ['a version that is too old', { tls: old }, '4.7.5 starttls retry', /handshake failed/],
]
for (const [name, options, opportunistic, required] of breaks)
  test(`RO-13, OTL-01, OTL-02, OTL-03: STARTTLS: ${name}`, async () => {
    const times = { ...quickTimes, tlsMs: 300 }
    const seen = await attempt(options, { tls: 'opportunistic', times })
    assert.equal(seen.startsWith('250') ? seen : seen.slice(0, seen.indexOf(':')), opportunistic)
    const strict = await attempt(options, { tls: 'required', times })
    assert.match(strict, required)
    assert.doesNotMatch(strict, /retry|clear/)
  })

test('RO-13: opportunistic TLS takes any certificate, and says what is wrong with it', async () => {
  const tls = await authority.issue({ selfSigned: true })
  assert.equal(await attempt({ tls }, { tls: 'opportunistic' }), '250 dot TLSv1.3 the certificate is self-signed')
})

const account = { user: 'ann', password: 'ann secret' }
const right = '235 2.7.0 welcome'
const wrong = '535 5.7.8 no'
/** What an honest server says to each mechanism. */
const honest: NonNullable<ReceiverOptions['auth']> = (mechanism) => {
  let turn = 0
  return (message) => {
    turn++
    if (mechanism === 'PLAIN') return message === '\0ann\0ann secret' ? right : wrong
    if (mechanism === 'LOGIN')
      return turn === 1 ? 'Username:' : turn === 2 ? 'Password:' : message === 'ann secret' ? right : wrong
    if (mechanism === 'CRAM-MD5') {
      const digest = createHmac('md5', 'ann secret').update('<1@far.example>').digest('hex')
      return turn === 1 ? '<1@far.example>' : message === `ann ${digest}` ? right : wrong
    }
    if (turn === 1) return message.includes('Bearer token\x01') ? right : '{"status":"401"}'
    return message === (mechanism === 'XOAUTH2' ? '' : '\x01') ? wrong : '501 5.5.2 what?'
  }
}

async function signIn(offered: string, auth: ReceiverOptions['auth'], plan: Partial<Plan> = {}): Promise<string> {
  const extensions = offered === '' ? [] : [`AUTH ${offered}`]
  const notes: string[] = []
  const far = await Receiver.open({ tls: good, extensions, auth })
  await using _far = far
  const note = (line: string): void => void notes.push(line)
  const dialled = await dial(far.port, { plan: { clientTls, tls: 'verified', credentials: account, note, ...plan } })
  assert.doesNotMatch(notes.join('\n'), /secret|c2VjcmV0|token/)
  if (!dialled.ok) return `${dialled.failure.reply.code}${dialled.failure.authRefused ? ' refused' : ''}`
  await dialled.live.close()
  return far.heard.find((line) => line.startsWith('AUTH '))!.split(' ')[1]!
}

const choices: readonly [offered: string, plan: Partial<Plan>, wanted: string][] = [
  ['LOGIN PLAIN CRAM-MD5', {}, 'CRAM-MD5'],
  ['LOGIN PLAIN', {}, 'PLAIN'],
  ['login', {}, 'LOGIN'],
  ['GSSAPI', {}, '454 refused'],
  ['', {}, '454 refused'],
  ['PLAIN', { credentials: { user: 'ann', password: 'no' } }, '535 refused'],
  ['LOGIN PLAIN', { tls: 'none' }, '454 refused'], // never in clear
  ['PLAIN', { tls: 'required', clientTls: { servername: 'mx.far.example', verify: 'name' } }, '454 refused'], // nor to just anybody
  ['PLAIN', { tls: 'none', plainAuthAllowed: true }, 'PLAIN'],
  ['PLAIN XOAUTH2', { credentials: { user: 'ann', accessToken: 'token' } }, 'XOAUTH2'],
  ['XOAUTH2 OAUTHBEARER', { credentials: { user: 'ann', accessToken: 'token' } }, 'OAUTHBEARER'],
  ['XOAUTH2', { credentials: { user: 'ann', accessToken: 'old' } }, '535 refused'],
  ['OAUTHBEARER', { credentials: { user: 'ann', accessToken: 'old' } }, '535 refused'],
  ['XOAUTH2', { credentials: { user: 'ann', accessToken: 'x'.repeat(2000) } }, '535 refused'], // too long for the command line
]
for (const [offered, plan, wanted] of choices)
  test(`RO-27, RO-28, OUT-11: offered ${offered || 'nothing'}: ${wanted}`, async () =>
    assert.equal(await signIn(offered, honest, plan), wanted))

const hostile: readonly [name: string, offered: string, auth: ReceiverOptions['auth'], wanted: string][] = [
  ['asks for ever', 'LOGIN', () => () => 'more', '454 refused'],
  [
    'says yes before the password',
    'LOGIN',
    () =>
      (_, turn = '235 2.7.0 yes') =>
        turn,
    '454 refused',
  ],
  ['says yes before its proof', 'SCRAM-SHA-256', () => () => '235 2.7.0 yes', '454 refused'],
  ['proves nothing', 'SCRAM-SHA-256', () => () => 'r=x,s=AAAA,i=4096', '454 refused'],
  ['is busy', 'PLAIN', () => () => '454 4.7.0 later', '454'],
]
for (const [name, offered, auth, wanted] of hostile)
  test(`OUT-11: a host that ${name} gets no mail`, async () => assert.equal(await signIn(offered, auth), wanted))

test('OUT-11: a challenge that is no base64 ends the sign-in', async () => {
  await using far = await Receiver.open({ extensions: ['AUTH LOGIN'], script: { auth: { say: '334 not base64!' } } })
  const dialled = await dial(far.port, { plan: { credentials: account, plainAuthAllowed: true } })
  assert.ok(!dialled.ok && dialled.failure.authRefused)
})

test('OTL-02: what was offered before TLS is forgotten, and a host that hangs up behind it is not tried with HELO', async () => {
  const second = (move: Move) => (_: string, nth: number) => (nth === 1 ? move : undefined)
  const plan = { clientTls, tls: 'verified', credentials: account } as const
  const extensions = ['AUTH PLAIN']
  await using forgetful = await Receiver.open({ tls: good, extensions, script: { ehlo: second({ say: '502 what?' }) } })
  const dialled = await dial(forgetful.port, { plan })
  assert.ok(!dialled.ok)
  assert.equal(dialled.failure.reply.lines.join().includes('offers no sign-in'), true)
  assert.equal(
    forgetful.heard.some((line) => line.startsWith('AUTH')),
    false,
  )
  await using gone = await Receiver.open({ tls: good, extensions, script: { ehlo: second({ end: 'close' }) } })
  const closed = await dial(gone.port, { plan })
  assert.ok(!closed.ok && closed.failure.stage === 'ehlo' && !closed.failure.retryWithHelo)
})

test('OTL-11: no TLS session is resumed', async () => {
  const resumed: boolean[] = []
  await using far = await Receiver.open({ tls: good, onSecure: (socket) => resumed.push(socket.isSessionReused()) })
  for (let i = 0; i < 3; i++) await deliver(far, mailTo(['bob@far.example']), { clientTls, tls: 'verified' })
  assert.deepEqual(resumed, [false, false, false])
})
