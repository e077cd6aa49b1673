// The collector among others: several accounts, our own server as the remote side, one box for a domain, hosts that it must
// not reach, servers that play tricks with TLS.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLogins } from '#/accounts/logins.ts'
import { setPassword } from '#/accounts/passwords.ts'
import type { RemoteAccount } from '#/config/remote-accounts.ts'
import { pop3Server } from '#/pop3-server/server.ts'
import { acceptance } from '#/storage/contract.ts'
import { Authority, fingerprint } from './certificates.ts'
import { CollectRig, dayMs, scripted } from './collect-rig.ts'
import { maildrop, Pop3Remote, type RemoteMessage, type RemoteOptions } from './pop3-remote.ts'

const letters = (count: number): string[] => maildrop(count).map(({ octets }) => octets)

test('PC-05, P3C-14 three old mailboxes fold into one, side by side; a dead one and a slow one delay nobody', async () => {
  await using rig = await CollectRig.open({ settings: { replyMs: 2000 } })
  const drops = [0, 1, 2].map((n) => maildrop(20).map(({ octets }, i) => ({ octets: `X-Box: ${n}\r\n${octets}`, uid: `${i}` }))) // prettier-ignore
  await using one = await Pop3Remote.open({ messages: drops[0]! })
  await using two = await Pop3Remote.open({ messages: drops[1]! })
  await using slow = await Pop3Remote.open({ messages: drops[2]!, script: { retr: { delayMs: 20 } } })
  await using dead = await Pop3Remote.open({ script: { greeting: { octets: '', end: 'silence' } } })
  const remotes = [one, two, slow, dead]
  const ids: number[] = []
  for (const [i, remote] of remotes.entries()) ids.push(await rig.account(remote, { host: `pop${i}.far.example` }))
  rig.collector.start()
  const begun = performance.now()
  while (one.messages.length + two.messages.length > 0) await new Promise((go) => setTimeout(go, 10))
  assert.ok(performance.now() - begun < 5000)
  while (slow.messages.length > 0) await new Promise((go) => setTimeout(go, 10))
  while (rig.collector.progress().length > 0) await new Promise((go) => setTimeout(go, 10))
  await rig.check(remotes, { mailboxes: [rig.ann] })
  assert.deepEqual((await rig.mail()).toSorted(), drops.flat().map(({ octets }) => octets).toSorted()) // prettier-ignore
  assert.ok(remotes.every(({ sessionsMax }) => sessionsMax <= 1))
  assert.equal(rig.accounts.byId(ids[3]!)!.status.is, 'failing')
})

test('PC-05, P3C-14 two accounts of one remote mailbox, a run by hand and a look never meet there', async () => {
  await using rig = await CollectRig.open()
  await using remote = await Pop3Remote.open({ messages: maildrop(30), script: { retr: { delayMs: 3 } } })
  const [first, second] = [await rig.account(remote), await rig.account(remote)]
  const runs = [first, second, first, second].map((id) => rig.collector.run(id))
  while (remote.logins === 0) await new Promise((go) => setTimeout(go, 1))
  await assert.rejects(rig.collector.browse(first, { before: null, limit: 5 }), /is at work/)
  await Promise.all(runs)
  assert.equal(remote.sessionsMax, 1)
  await rig.check([remote], { mailboxes: [rig.ann] })
  assert.deepEqual(await rig.mail(), letters(30))
})

for (const byHand of [false, true])
  test(`PC-05, P3C-14 an account that waits for its mailbox${byHand ? ', by hand,' : ''} takes no place from others`, async () => {
    await using rig = await CollectRig.open({ settings: { connectionsMax: 2 } })
    await using shared = await Pop3Remote.open({ messages: maildrop(15), script: { retr: { delayMs: 30 } } })
    await using other = await Pop3Remote.open({ messages: maildrop(1) })
    const ids = [await rig.account(shared), await rig.account(shared)]
    await rig.account(other, { host: 'other.far.example' })
    const runs = byHand ? ids.map((id) => rig.collector.run(id)) : []
    rig.collector.start()
    while (other.messages.length > 0) await new Promise((go) => setTimeout(go, 5))
    assert.ok(shared.messages.length > 0, 'the others are not over yet')
    await Promise.all(runs)
    while (shared.messages.length > 0 || rig.collector.progress().length > 0)
      await new Promise((go) => setTimeout(go, 5))
  })

test('PC-05 a clock that is set back or forward loses no turn', async () => {
  await using rig = await CollectRig.open()
  await using remote = await Pop3Remote.open()
  await rig.account(remote)
  rig.collector.start()
  for (const jump of [0, 40 * dayMs, -80 * dayMs, 3 * dayMs]) {
    const before = remote.logins
    rig.later(jump)
    rig.collector.wake()
    for (let i = 0; i < 500 && remote.logins === before; i++) await new Promise((go) => setTimeout(go, 10))
    assert.ok(remote.logins > before, `${jump}`)
    while (rig.collector.progress().length > 0) await new Promise((go) => setTimeout(go, 5))
  }
})

/** Our POP3 Server over the mailboxes of the rig. */
async function ourServer(rig: CollectRig): Promise<AsyncDisposable & { readonly port: number }> {
  const { store, directory, world, settingsNow } = rig
  for (const id of [rig.ann, rig.bob]) {
    await setPassword(store, world.random, { id, password: 'secret' })
    await store.changeMailbox(id, { pop3: true })
  }
  await directory.reload()
  const logins = await openLogins({ directory, store, settingsNow, world })
  const server = pop3Server({
    store,
    directory,
    logins,
    settingsNow,
    world,
    identity: null,
    hostname: 'mx.example.org',
  })
  const listener = await server.listen({ address: '127.0.0.1', port: 0, implicitTls: false })
  const close = async (): Promise<void> => {
    const closed = listener.close()
    await server.drain(0)
    await closed
  }
  return { port: listener.port, [Symbol.asyncDispose]: close }
}
const as = (user: string): Pick<RemoteAccount, 'auth'> => ({ auth: { kind: 'password', user, secret: '' } })
const letter = 'Subject: once\r\n\r\nx\r\n'

for (const leave of [false, true])
  test(`LP-06 an account that collects from the very mailbox into which it collects is stopped, messages ${leave ? 'left' : 'deleted'}`, async () => {
    const listening: string[] = []
    await using rig = await CollectRig.open({ listening: () => listening })
    await using server = await ourServer(rig)
    listening.push(`127.0.0.1:${server.port}`)
    await rig.store.accept(await acceptance(rig.store, [rig.ann], letter))
    const id = await rig.account(server, { ...as('ann'), leave })
    for (let i = 0; i < 3; i++) await rig.collector.run(id)
    const { is, reason } = rig.accounts.byId(id)!.status
    assert.deepEqual([is, reason], ['stopped', 'loop'])
    const texts = (await rig.whole()).filter((text) => text.includes('Subject: once'))
    assert.deepEqual(texts.length, 1)
  })

for (const leave of [false, true])
  for (const known of [false, true])
    test(`LP-06 two mailboxes collecting from each other end, messages ${leave ? 'left' : 'deleted'}, ${known ? 'a listener of ours' : 'by a way that we do not know'}`, async () => {
      const listening: string[] = []
      await using rig = await CollectRig.open({ listening: () => listening })
      await using server = await ourServer(rig)
      if (known) listening.push(`127.0.0.1:${server.port}`)
      await rig.store.accept(await acceptance(rig.store, [rig.ann], letter))
      const intoBob = await rig.account(server, { ...as('ann'), leave, mailbox: rig.bob })
      const intoAnn = await rig.account(server, { ...as('bob'), leave })
      for (let i = 0; i < 6; i++) for (const id of [intoBob, intoAnn]) await rig.collector.run(id)
      const count = async (): Promise<number> => (await rig.whole()).concat(await rig.whole(rig.bob)).length
      const after = await count()
      assert.ok(after >= 1 && after <= 3, `${after}`)
      for (const id of [intoBob, intoAnn]) await rig.collector.run(id)
      assert.equal(await count(), after)
      assert.equal((await rig.store.facts()).waiting, 0)
    })

test('PC-13, PC-15 our own server as the remote side: what was there is here, byte for byte', async () => {
  await using there = await CollectRig.open()
  await using here = await CollectRig.open()
  await using server = await ourServer(there)
  const texts = letters(40)
  for (const text of texts) await there.store.accept(await acceptance(there.store, [there.ann], text))
  const whole = await there.whole()
  const id = await here.account(server)
  await here.collector.run(id)
  await here.collector.run(id)
  assert.deepEqual(await here.mail(), whole)
  assert.deepEqual(await there.whole(), [])
})

const sent = (fields: string): RemoteMessage => ({ uid: 'a', octets: `${fields}Subject: x\r\n\r\nx\r\n` })
type Sorting = readonly [
  title: string,
  fields: string,
  distribution: Partial<NonNullable<RemoteAccount['distribution']>>,
  to: 'ann' | 'bob' | 'unmatched',
]
const sortings: readonly Sorting[] = [
  ['the address in the field', 'Delivered-To: bob@example.org\r\n', {}, 'bob'],
  ['the second field', 'Delivered-To: ann@example.org\r\nDelivered-To: bob@example.org\r\n', { position: 2 }, 'bob'],
  ['a forged field below is not looked at', 'Delivered-To: ann@example.org\r\nDelivered-To: bob@example.org\r\n', {}, 'ann'],
  ['nobody here', 'Delivered-To: nobody@example.org\r\n', {}, 'unmatched'],
  ['an address elsewhere', 'Delivered-To: victim@elsewhere.example\r\n', {}, 'unmatched'],
  ['a mapping that leads outside', 'Delivered-To: out@example.org\r\n', {}, 'unmatched'],
  ['no field', 'To: bob@example.org\r\n', {}, 'unmatched'],
  ['no field, and To may be guessed from', 'To: x@elsewhere.example, bob@example.org\r\n', { guess: true }, 'bob'],
  ['rubbish', `Delivered-To: ${'<'.repeat(500)}@@\r\n`, {}, 'unmatched'],
  ['a detail of an address', 'X-Original-To: <bob@example.org>\r\n', { header: 'X-Original-To' }, 'bob'],
] // prettier-ignore
for (const [title, fields, distribution, to] of sortings)
  test(`PC-26, P3C-12, LP-06 one box for a domain, by ${title}: to ${to}, and to nobody else, and never sent on`, async () => {
    await using rig = await CollectRig.open()
    await rig.store.putAddress({ address: 'out@example.org', targets: ['victim@elsewhere.example'], note: '', expiresAt: null })
    const unmatched = await rig.mailbox()
    const message = sent(fields)
    await using remote = await Pop3Remote.open({ messages: [message] })
    const rule = { header: 'Delivered-To', position: 1, guess: false, ...distribution }
    const id = await rig.account(remote, { mailbox: unmatched, distribution: rule })
    await rig.collector.run(id)
    const boxes = { ann: rig.ann, bob: rig.bob, unmatched }
    for (const [name, box] of Object.entries(boxes)) assert.deepEqual(await rig.mail(box), name === to ? [message.octets] : [], name)
    await rig.check([remote], { mailboxes: Object.values(boxes) })
    assert.deepEqual(remote.removed, ['a'])
  }) // prettier-ignore

test('PC-26 the trace tells by what a mailbox was found, or what names nobody here', async () => {
  await using rig = await CollectRig.open()
  const rule = { header: 'Delivered-To', position: 1, guess: true }
  for (const [fields, found, named] of [
    ['Delivered-To: bob@example.org\r\nTo: x@far.example\r\n', 'bob', ['Delivered-To: bob@example.org', undefined]],
    ['To: bob@example.org\r\n', 'bob', ['To or Cc: bob@example.org', undefined]],
    ['Delivered-To: who@far.example\r\n', 'ann', [undefined, 'Delivered-To: who@far.example']],
    ['', 'ann', [undefined, 'no Delivered-To']],
  ] as const) {
    await using remote = await Pop3Remote.open({ messages: [sent(fields)] })
    await rig.collector.run(await rig.account(remote, { distribution: rule, leave: true }))
    const [event] = await rig.store.trace({ limit: 1 })
    const { distributedBy, unmatched, storedIn } = event!.detail
    assert.deepEqual([storedIn, distributedBy, unmatched], [[found], ...named])
  }
}) // prettier-ignore

test('PC-26, PC-23 one box for a domain: the full mailbox of one does not keep mail from the others', async () => {
  await using rig = await CollectRig.open()
  const to = (name: string, uid: string): RemoteMessage => ({ uid, octets: `Delivered-To: ${name}@example.org\r\n\r\n${uid}\r\n` })
  const all = [to('bob', '1'), to('ann', '2'), to('bob', '3'), to('nobody', '4')]
  await using remote = await Pop3Remote.open({ messages: all })
  const quota = async (quotaBytes: number | null): Promise<void> => {
    await rig.store.changeMailbox(rig.bob, { quotaBytes })
    await rig.directory.reload()
  }
  await quota(0)
  const id = await rig.account(remote, { distribution: { header: 'Delivered-To', position: 1, guess: false } })
  for (let i = 0; i < 4; i++) await rig.collector.run(id)
  const { reason, words, is } = rig.accounts.byId(id)!.status
  assert.deepEqual([is, reason, words], ['failing', 'mailbox', 'The mailbox bob is full'])
  assert.deepEqual([(await rig.mail()).length, remote.messages.map(({ uid }) => uid)], [2, ['1', '3']])
  await quota(null)
  await rig.collector.run(id)
  assert.deepEqual([(await rig.mail(rig.bob)).length, remote.messages], [2, []])
  assert.equal(rig.accounts.byId(id)!.status.is, 'idle')
}) // prettier-ignore

test('PC-26, PC-23 one box for a domain: a full mailbox keeps its mail there', async () => {
  await using rig = await CollectRig.open()
  await using remote = await Pop3Remote.open({ messages: [sent('Delivered-To: bob@example.org\r\n')] })
  await rig.store.changeMailbox(rig.bob, { quotaBytes: 0 })
  await rig.directory.reload()
  const rule = { header: 'Delivered-To', position: 1, guess: false }
  const id = await rig.account(remote, { distribution: rule })
  await rig.collector.run(id)
  assert.equal(rig.accounts.byId(id)!.status.reason, 'mailbox')
  assert.equal(remote.messages.length, 1)
  await rig.check([remote], { mailboxes: [rig.ann, rig.bob] })
})

const twice = (id: string): RemoteMessage[] =>
  ['a', 'b'].map((hop) => ({
    uid: hop,
    octets: `Received: from ${hop} by x; Mon, 1 Jan 2024 00:00:00 +0000\r\nDelivered-To: ${hop}@far.example\r\nMessage-ID: ${id}\r\nFrom: x@far.example\r\nSubject: twice\r\n\r\nthe same\r\n`,
  }))
for (const duplicates of ['keep', 'leave'] as const)
  test(`PC-27 copies of one message that came by two aliases, "${duplicates}": none is lost, and the choice can be undone`, () =>
    scripted({ messages: twice('<1@x>'), account: { duplicates, leave: true } }, async (script) => {
      await script.run()
      await script.run()
      assert.equal((await script.mail()).length, duplicates === 'keep' ? 2 : 1)
      await script.change({ leave: false })
      await script.run(2)
      assert.equal(script.remote.messages.length, duplicates === 'keep' ? 0 : 1)
      if (duplicates === 'keep') return
      await script.change({ duplicates: 'keep' })
      await script.rig.collector.act(script.id, ['a', 'b'], 'again')
      await script.run(2)
      assert.deepEqual([(await script.mail()).length, script.remote.messages.length], [2, 0])
    }))

test('PC-27 one Message-ID with other octets is another message', () =>
  scripted({ messages: [...twice('<1@x>').slice(1), { uid: 'c', octets: 'Message-ID: <1@x>\r\nSubject: other\r\n\r\ny\r\n' }], account: { duplicates: 'leave' } }, async (script) => {
    await script.run()
    assert.equal((await script.mail()).length, 2)
  })) // prettier-ignore

for (const dateFromHeader of [true, false])
  test(`PC-24 old mail is dated ${dateFromHeader ? 'by its header' : 'by when it came'}; nothing is sent because of it`, () =>
    scripted({ messages: [{ uid: 'a', octets: `Date: Mon, 01 Jan 2024 10:00:00 +0000\r\nReturn-Path: <x@far.example>\r\nTo: ann@example.org\r\nSubject: old ${dateFromHeader}\r\nDisposition-Notification-To: x@far.example\r\n\r\nx\r\n` }], account: { dateFromHeader } }, async (script) => {
      const away = { on: true, text: 'x', subject: null, from: null, until: null }
      for (const { id } of await script.rig.store.mailboxes()) await script.rig.store.changeMailbox(id, { away })
      await script.rig.directory.reload()
      await script.run()
      assert.equal((await script.mail()).length, 1)
      const events = await script.rig.store.trace({ text: `old ${dateFromHeader}`, limit: 10 })
      assert.deepEqual(events.map(({ step }) => step), ['collected'])
    })) // prettier-ignore

/** The collector's resolver knows addresses only: it cannot ask for the SPF record of anybody. */
const spam =
  'Return-Path: <x@spam.example>\r\nReceived: from relay.far.example (relay.far.example [192.0.2.7]) by mx.far.example; Mon, 01 Jan 2024 10:00:00 +0000\r\nReceived-SPF: fail (spam.example)\r\nX-Spam-Flag: YES\r\nX-Spam-Score: 99\r\nSubject: not asked for\r\n\r\nbuy\r\n'
for (const leave of [true, false])
  test(`PC-25 what a provider marked as spam is kept like all else, nobody is answered${leave ? ', and it stays there' : ''}`, () =>
    scripted({ messages: [{ uid: 'a', octets: spam }], account: { leave } }, async (script) => {
      await script.run()
      assert.deepEqual(await script.mail(), [spam])
      assert.deepEqual(await script.rig.store.queue.find({ limit: 10 }), [])
      assert.equal(script.remote.messages.length, leave ? 1 : 0)
    }))

const closed: readonly [string, Partial<RemoteAccount>][] = [
  ['loopback', { host: '127.0.0.1' }],
  ['IPv6 loopback', { host: '::1' }],
  ['cloud metadata', { host: '169.254.169.254' }],
  ['a private network', { host: '10.1.2.3' }],
  ['IPv4-mapped IPv6', { host: '::ffff:127.0.0.1' }],
  ['NAT64', { host: '64:ff9b::7f00:1' }],
  ['a name that leads home', { host: 'home.far.example' }],
  ['a database, by the owner of a mailbox', { host: '192.0.2.1', port: 5432, byOwner: true }],
  ['an SMTP port, by the owner of a mailbox', { host: '192.0.2.1', port: 25, byOwner: true }],
]
for (const [title, changes] of closed)
  test(`DNS-01, SX-06, PC-38, P3C-10 ${title}: not even connected to, and said in words`, async () => {
    await using rig = await CollectRig.open({ hosts: { 'home.far.example': ['127.0.0.1', '::1', '0.0.0.0'] } })
    const id = await rig.account({ port: 110 }, { privateAllowed: false, ...changes })
    const { ok, words } = await rig.collector.run(id)
    await assert.rejects(rig.collector.browse(id, { before: null, limit: 1 }))
    await rig.collector.test(rig.accounts.byId(id)!.settings)
    assert.deepEqual(rig.connects, [])
    assert.deepEqual([ok, rig.accounts.byId(id)!.status.is], [false, 'stopped'])
    assert.match(words, /may not reach|administrators only/)
  })

const authority = await Authority.create()
const good = await authority.issue({ names: ['pop.far.example'] })
const evil = await Authority.create()
const forged = await evil.issue({ names: ['pop.far.example'] })
const required = { tls: 'required', ca: authority.pem, plainAuthAllowed: false } as const

type Trick = readonly [title: string, server: RemoteOptions, account: Partial<RemoteAccount>, fetched: number]
const tricks: readonly Trick[] = [
  ['STLS as it should be', { tls: good }, required, 2],
  ['implicit TLS as it should be', { tls: good, implicitTls: true }, { ...required, tls: 'implicit' }, 2],
  ['STLS missing', {}, required, 0],
  ['STLS stripped from CAPA', { tls: good, script: { capa: { octets: '+OK\r\nUSER\r\nUIDL\r\n.\r\n' } } }, required, 2],
  ['STLS refused', { tls: good, script: { stls: { say: '-ERR no' } } }, required, 0],
  ['+OK to STLS and then clear text', { script: { stls: { say: '+OK begin' } } }, required, 0],
  ['a reply in clear behind the +OK to STLS', { tls: good, script: { stls: { say: '+OK begin', behind: '+OK\r\n+OK\r\n+OK\r\n' } } }, required, 0],
  ['another authority', { tls: forged }, required, 0],
  ['another name', { tls: good }, { ...required, host: 'other.far.example' }, 0],
  ['another authority, pinned', { tls: forged }, { ...required, pin: await fingerprint(forged) }, 2],
  ['a wrong pin', { tls: good }, { ...required, pin: await fingerprint(forged) }, 0],
  ['any certificate is good enough, by choice', { tls: forged }, { ...required, anyCertificate: true }, 2],
  ['nothing but clear text, and the password may not be read', {}, { tls: 'none', plainAuthAllowed: false }, 0],
  ['an APOP timestamp that is an attack', { timestamp: '<a\x01b>' }, { tls: 'none', plainAuthAllowed: false }, 0],
] // prettier-ignore
for (const [title, server, account, fetched] of tricks)
  test(`PC-01, STL-15, P3C-08, P3C-09, P3C-13 ${title}: ${fetched > 0 ? 'collected' : 'no password is said'}`, () =>
    scripted({ messages: maildrop(2), ...server, account, settings: { connectMs: 1500 } }, async (script) => {
      await script.run()
      assert.equal((await script.mail()).length, fetched)
      const said = script.remote.heard.filter((line) => /^(?:PASS|AUTH|APOP|USER)/.test(line))
      assert.equal(said.length > 0, fetched > 0, said.join())
    }))

test('two accounts at once: the collector tells how many are at work', async () => {
  await using rig = await CollectRig.open()
  await using first = await Pop3Remote.open({ messages: maildrop(3) })
  await using second = await Pop3Remote.open({ messages: maildrop(3) })
  const accounts = [await rig.account(first), await rig.account(second)]
  await Promise.all(accounts.map((id) => rig.collector.run(id)))
  assert.deepEqual(rig.busy, [1, 2, 1, 0])
})
