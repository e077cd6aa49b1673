// Away notices: a whole server, mail by SMTP, a scripted receiver for the answers that leave. Whom a mailbox answers, what it
// says, and how often.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '#/cli/call.ts'
import { startTestServer, zoneOf } from '#/dns/test-server.ts'
import { readByPython } from '#/message/test-parser.ts'
import { tell } from '#/operations/story.ts'
import type { TraceEvent } from '#/storage/store.ts'
import { host, until, type Host, type HostOptions, type Letter } from './notice-rig.ts'
import { Receiver } from './receiver.ts'
import { dataFolder } from './serve.ts'

const [hourMs, dayMs] = [3_600_000, 86_400_000]
const toAnn = 'To: Ann <ann@example.org>'
const letter: Letter = { from: 'bob@far.example', to: ['ann@example.org'], header: [toAnn] }

type Lab = AsyncDisposable & { readonly us: Host; readonly far: Receiver }

async function lab(options: Partial<HostOptions> & { readonly spf?: string } = {}): Promise<Lab> {
  const { spf, ...more } = options
  const record = spf === undefined ? [] : [`far.example TXT ${spf}`]
  const dns = await startTestServer(zoneOf('far.example MX 10 mx.far.example', 'mx.far.example A 127.0.0.1', ...record))
  const far = await Receiver.open()
  const us = await host({ dns: dns.address, mxPort: far.port, ...more })
  return {
    us,
    far,
    async [Symbol.asyncDispose]() {
      await us[Symbol.asyncDispose]()
      await far[Symbol.asyncDispose]()
      await dns[Symbol.asyncDispose]()
    },
  }
}

const set = (us: Host, name: string, change: object): Promise<unknown> =>
  call(us.running.folder, { name: 'mailbox.set', parameters: { name, ...change } })
const away = { text: 'I am away until 3 May.' }

/** What the trace says at the message, once it says something. */
async function said(us: Host, reply: string): Promise<TraceEvent> {
  const ref = reply.split(' ').at(-1)!
  const events = async (): Promise<TraceEvent[]> =>
    (await us.trace()).filter((event) => event.ref === ref && event.step.startsWith('away-'))
  await until(async () => (await events()).length > 0)
  const found = await events()
  assert.equal(found.length, 1)
  return found[0]!
}

const why = async (us: Host, mail: Letter): Promise<unknown> => {
  const reply = await us.submit(mail)
  assert.match(reply, /^250 2\.0\.0 Stored/)
  const { step, detail } = await said(us, reply)
  return step === 'away-answered' ? 'answered' : detail['why']
}

test('LP-05: whoever writes to an owner who is away is answered, as RFC 3834 says', async () => {
  await using l = await lab()
  await set(l.us, 'ann', { away: { text: 'Bin am 3. März zurück.\n.\nViele Grüße' } })
  const thread = ['References: <a@far.example>', ' <b@far.example> nonsense', 'Reply-To: other@far.example']
  const reply = await l.us.submit({ ...letter, header: [toAnn, 'From: Bob <bob@far.example>', ...thread] })
  const { detail } = await said(l.us, reply)
  assert.deepEqual([detail['sender'], detail['mailbox']], ['bob@far.example', 'ann'])
  await l.us.idle()
  const [sent, ...more] = l.far.ledger
  assert.equal(more.length, 0)
  assert.match(sent!.mail, /^MAIL FROM:<>/)
  assert.match(sent!.rcpts[0]!, /^RCPT TO:<bob@far\.example>/)
  const [[part]] = readByPython([Buffer.from(sent!.octets, 'latin1')]) as [[ReturnType<typeof readByPython>[0][0]]]
  const field = (name: string): string | undefined => part!.fields.find(([one]) => one === name)?.[1]
  assert.deepEqual(part!.defects, [])
  assert.equal(field('Auto-Submitted'), 'auto-replied (vacation)')
  assert.equal(field('From'), 'ann@example.org')
  assert.equal(field('To'), 'bob@far.example')
  assert.equal(field('Subject'), 'Auto: lunch')
  assert.equal(field('In-Reply-To'), '<m1@example.org>')
  assert.match(field('References')!.replace(/\s+/g, ' '), /^<a@far\.example> <b@far\.example> <m1@example\.org>$/)
  assert.match(field('Message-ID')!, /^<[^<>]+@mx\.example\.org>$/)
  assert.ok(field('Date') !== undefined && field('MIME-Version') === '1.0')
  assert.equal(Buffer.from(part!.payload, 'base64').toString().trimEnd(), 'Bin am 3. März zurück.\r\n.\r\nViele Grüße')
  assert.match(tell(await l.us.trace(), String), /away notice/)
})

const named = (local: string): Letter => ({ ...letter, from: `${local}@far.example` })
const with_ = (...header: string[]): Letter => ({ ...letter, header: [toAnn, ...header] })
const quiet: readonly [what: string, mail: Letter, why: string][] = [
  ['a notice', { ...letter, from: '' }, 'null-sender'],
  ['a program', with_('Auto-Submitted: auto-generated'), 'automatic'],
  ['an answer', with_('Auto-Submitted: (so it is) Auto-Replied; x=y'), 'automatic'],
  ['a program that says no as well', with_('Auto-Submitted: no', 'Auto-Submitted: auto-notified'), 'automatic'],
  ['a report with a sender', with_('Content-Type: multipart/report; boundary=x'), 'automatic'],
  ['who asks for silence', with_('X-Auto-Response-Suppress: DR, OOF, AutoReply'), 'automatic'],
  ['a list', with_('List-Id: <talk.far.example>'), 'list'],
  ['what can be unsubscribed', with_('List-Unsubscribe: <https://far.example/>'), 'list'],
  ['a list of before', with_('Precedence: list'), 'bulk'],
  ['bulk', with_('PRECEDENCE:\r\n bulk'), 'bulk'],
  ['junk', with_('Precedence: Junk'), 'bulk'],
  ...[
    'noreply',
    'No-Reply',
    'news-noreply',
    'no_reply+7',
    'donotreply',
    'do-not-reply',
    'MAILER-DAEMON',
    'postmaster',
    'owner-talk',
    'talk-request',
    'talk-owner',
    'talk-bounces',
    'talk-bounces+ann=example.org',
    'bounces+42-ann=example.org',
    'bounce',
    'talk-return-17-ann=example.org',
  ].map((local): [string, Letter, string] => [local, named(local), 'no-reply']),
  ['the owner', { ...letter, from: 'ann@example.org' }, 'own-address'],
  ['the owner by another address', { ...letter, from: 'a.smith@example.org' }, 'own-address'],
  ['who names somebody else', { ...letter, header: ['To: admin@example.org', 'Cc: you@far.example'] }, 'not-named'],
  ['a blind copy', { ...letter, header: [] }, 'not-named'],
  [
    'a list of several people here',
    { ...letter, to: ['team@example.org'], header: ['To: team@example.org'] },
    'not-named',
  ],
]
const addresses = [
  '[[address]]\naddress = "a.smith@example.org"\ntargets = ["ann"]',
  '[[address]]\naddress = "team@example.org"\ntargets = ["ann", "admin"]',
].join('\n')

test('LP-05: who is not answered, and what the trace says of it', async (t) => {
  await using l = await lab({ world: addresses })
  await set(l.us, 'ann', { away })
  for (const [what, mail, because] of quiet)
    await t.test(what, async () => assert.equal(await why(l.us, mail), because))
  assert.equal(l.far.connections, 0)
  assert.deepEqual([await l.us.queue(), (await l.us.trace('notified')).length], [[], 0])
  assert.match(tell(await l.us.trace(), String), /no away notice.*\n.*\n *why: It comes from a mailing list\./)
})

const answered: readonly [what: string, mail: Letter][] = [
  ['Auto-Submitted: no', with_('Auto-Submitted: No (a person)')],
  ['Precedence: first-class', { ...named('c1'), header: [toAnn, 'Precedence: first-class'] }],
  ['in Cc', { ...named('c2'), header: ['To: x@far.example', 'Cc: undisclosed:;, "Ann, me" <ANN@Example.ORG>'] }],
  ['sent again', { ...named('c3'), header: ['To: x@far.example', 'Resent-To: ann@example.org'] }],
  ['another address', { ...named('c4'), to: ['a.smith@example.org'], header: ['To: a.smith@example.org'] }],
  ['with a detail', { ...named('c5'), to: ['ann+shop@example.org'], header: ['To: ann+shop@example.org'] }],
  ['a name that only looks so', named('reply-no')],
  ['a person here', { ...letter, from: 'admin@example.org' }],
]

test('LP-05: who is answered, from the address to which it came', async (t) => {
  await using l = await lab({ world: addresses })
  await set(l.us, 'ann', { away })
  for (const [what, mail] of answered) await t.test(what, async () => assert.equal(await why(l.us, mail), 'answered'))
  await l.us.idle()
  const from = l.far.ledger.map(({ octets }) => /^From: (.*)\r$/m.exec(octets)![1]!).toSorted()
  assert.deepEqual(from, [
    'ANN@example.org',
    'a.smith@example.org',
    'ann+shop@example.org',
    'ann@example.org',
    'ann@example.org',
    'ann@example.org',
    'ann@example.org',
  ])
  const here = await l.us.mailbox('admin')
  assert.equal(here.length, 1) // told where it is, like any notice
  assert.match(here[0]!, /^Return-Path: <>\r\n(?:.+\r\n)*Auto-Submitted: auto-replied \(vacation\)\r\n/)
})

test('LP-05: once per sender and week, also after a restart; off and on again begins anew', async () => {
  await using l = await lab({ relay: ['paused = true'] })
  await set(l.us, 'ann', { away })
  assert.equal(await why(l.us, letter), 'answered')
  assert.equal(await why(l.us, { ...letter, from: 'BOB@far.example' }), 'answered')
  l.us.later(7 * dayMs - hourMs)
  await set(l.us, 'ann', { away: { text: 'Other words.' } })
  assert.equal(await why(l.us, letter), 'answered')
  l.us.later(hourMs)
  assert.equal((await l.us.trace('away-answered')).length, 1)
  assert.equal(await why(l.us, letter), 'answered')
  assert.equal((await l.us.trace('away-answered')).length, 2)
  await set(l.us, 'ann', { away: { on: false } })
  assert.match(await l.us.submit(letter), /^250 /)
  await set(l.us, 'ann', { away: { on: true } })
  await why(l.us, letter)
  assert.equal((await l.us.trace('away-answered')).length, 3)
})

test('LP-05: between its dates, also for a mailbox that nobody may sign in to', async () => {
  await using l = await lab()
  await set(l.us, 'ann', { away: { ...away, from: l.us.now() + hourMs, until: l.us.now() + 2 * hourMs } })
  assert.match(await l.us.submit(letter), /^250 /)
  l.us.later(hourMs)
  assert.equal(await why(l.us, letter), 'answered')
  await set(l.us, 'ann', { disabled: 'no-login' })
  assert.equal(await why(l.us, named('carl')), 'answered')
  l.us.later(hourMs)
  assert.match(await l.us.submit(named('dora')), /^250 /)
  await l.us.idle()
  assert.equal(l.far.ledger.length, 2)
  assert.equal((await l.us.trace()).filter(({ step }) => step.startsWith('away-')).length, 2)
})

test('LP-05: so many answers an hour and no more', async () => {
  await using l = await lab({ relay: ['paused = true'] })
  await set(l.us, 'ann', { away })
  for (let n = 0; n < 100; n++) assert.match(await l.us.submit(named(`p${n}`)), /^250 /)
  assert.equal(await why(l.us, named('more')), 'too-many')
  assert.equal((await l.us.queue()).length, 100)
  l.us.later(hourMs)
  assert.equal(await why(l.us, named('more')), 'answered')
})

test('LP-05, AD-14: a mailbox that sends a copy on answers, and whoever gets that copy does not', async () => {
  await using l = await lab()
  await set(l.us, 'ann', { away, forward: { to: ['admin@example.org'], keep: true } })
  await set(l.us, 'admin', { away })
  const reply = await l.us.submit(letter)
  await until(async () => (await l.us.trace()).filter(({ step }) => step.startsWith('away-')).length === 2)
  const events = (await l.us.trace()).filter(({ ref }) => ref === reply.split(' ').at(-1))
  const [one] = events.filter(({ step }) => step === 'away-answered')
  const [other] = events.filter(({ step }) => step === 'away-quiet')
  assert.deepEqual(
    [one!.detail['mailbox'], other!.detail['mailbox'], other!.detail['why']],
    ['ann', 'admin', 'not-named'],
  )
})

test('LP-05: of an answer that nobody can take the message knows nothing', async () => {
  await using l = await lab()
  await set(l.us, 'ann', { away })
  await set(l.us, 'admin', { quotaBytes: 0 })
  assert.equal(await why(l.us, { ...letter, from: 'admin@example.org' }), 'failed')
  assert.equal(await why(l.us, { ...letter, from: 'nobody.here@example.org' }), 'unreachable')
  assert.equal((await l.us.mailbox('ann')).length, 2)
})

for (const undoMs of [0, 2_000])
  test(`LP-05, SE-07: mail that is written here is answered as well, ${undoMs === 0 ? 'at once' : 'when it leaves'}`, async () => {
    await using l = await lab()
    await set(l.us, 'ann', { away })
    const written = { from: 'admin@example.org', to: ['ann@example.org'], subject: 'lunch', text: 'Today?', undoMs }
    await call(l.us.running.folder, { name: 'send', parameters: written })
    if (undoMs > 0) l.us.later(undoMs + 1000)
    await until(async () => (await l.us.mailbox('admin')).length > 0)
    assert.match((await l.us.mailbox('admin'))[0]!, /\r\nSubject: Auto: lunch\r\n/)
    assert.equal((await l.us.trace('away-answered')).length, 1)
    assert.deepEqual([l.far.connections, await l.us.queue()], [0, []])
  })

test('LP-05: mail that is written here while no server runs is answered as well', async () => {
  using folder = dataFolder()
  const ask = (name: string, parameters: object): Promise<unknown> => call(folder.path, { name, parameters })
  for (const name of ['ann', 'admin']) await ask('mailbox.add', { name })
  await ask('domain.add', { name: 'example.org' })
  await ask('mailbox.set', { name: 'ann', away })
  await ask('send', { from: 'admin@example.org', to: ['ann@example.org'], subject: 'lunch', text: 'Today?' })
  const { rows } = (await ask('message.list', { mailbox: 'admin' })) as { rows: { subject: string }[] }
  assert.deepEqual(
    rows.map(({ subject }) => subject),
    ['Auto: lunch'],
  )
})

test('LP-05, LOOP-06, DS-13: a stranger who may have named anybody is answered when SPF says that it was them', async () => {
  await using l = await lab({ access: '192.0.2.0/24', spf: 'v=spf1 ip4:127.0.0.0/8 -all' })
  await set(l.us, 'ann', { away })
  assert.equal(await why(l.us, letter), 'answered')
  await l.us.idle()
  assert.equal(l.far.ledger.length, 1)
  assert.match(String((await l.us.trace('notified'))[0]!.detail['proof']), /^SPF: /)
})

for (const spf of ['v=spf1 ip4:192.0.2.1 -all', 'v=spf1 ~all', undefined])
  test(`LP-05, LOOP-06, DS-13: where SPF does not say so nobody is mailed: ${spf ?? 'no record'}`, async () => {
    await using l = await lab({ access: '192.0.2.0/24', ...(spf !== undefined && { spf }) })
    await set(l.us, 'ann', { away })
    await why(l.us, letter)
    await until(async () => (await l.us.trace('notice-withheld')).length > 0)
    await l.us.idle()
    assert.equal(l.far.connections, 0)
    assert.equal((await l.us.mailbox('ann')).length, 1)
  })
