// Who may send what to whom, judged by the real intake over a real store; only DNS is a table.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer } from '#/dns/resolver.ts'
import type { ReversePath } from '#/message/address.ts'
import type { Reply } from '#/message/reply.ts'
import { clock } from '#/world/node/clock.ts'
import { explainAccess, explainAddress } from './explain.ts'
import { address, intakeRig, plain, recipient, stranger, type Rig } from './test-rig.ts'
import type { Accepted, Client, Verdict } from './types.ts'

const someone = address('x@sender.example')
const said = ({ code, status }: Reply): string => `${code} ${status}`
const text = ({ lines }: Reply): string => lines.join(' ')

async function rcpt(
  rig: Rig,
  to: string,
  more: { client?: Client; from?: ReversePath; sizeBytes?: number; accepted?: Accepted[] } = {},
): Promise<Verdict> {
  return rig.intake.judgeRecipient(
    more.client ?? stranger,
    { from: more.from === undefined ? someone : more.from, sizeBytes: more.sizeBytes ?? null },
    recipient(to),
    more.accepted ?? [],
  )
}
async function mail(
  rig: Rig,
  from: ReversePath,
  more: { client?: Client; sizeBytes?: number; smtputf8?: boolean } = {},
): Promise<Reply> {
  const { client = stranger, ...parameters } = more
  return rig.intake.judgeSender(client, { from, parameters: { ...plain, ...parameters } })
}
const asAnn = (rig: Rig): Client => ({ ...stranger, user: rig.ann, userName: 'ann' })

const relayTable: readonly [title: string, forwarding: boolean, listed: boolean, signedIn: boolean, reply: string][] = [
  ['AC-01: forwarding off, a stranger', false, false, false, '550 5.7.1'],
  ['AC-01: forwarding off, a listed client', false, true, false, '550 5.7.1'],
  ['AC-01: forwarding off, a signed-in user', false, false, true, '550 5.7.1'],
  ['AC-02: forwarding on, an empty list', true, false, false, '550 5.7.1'],
  ['AC-03: forwarding on, a listed client', true, true, false, '250 2.1.5'],
  ['RLY-01: forwarding on, a signed-in user', true, false, true, '250 2.1.5'],
]

test('non-local mail is for allowed clients only; local mail is for everyone', async (t) => {
  for (const [title, forwarding, listed, signedIn, reply] of relayTable)
    await t.test(title, async () => {
      await using rig = await intakeRig()
      rig.set({ forwarding })
      if (listed) await rig.allow('192.0.2.*')
      const client = signedIn ? asAnn(rig) : stranger
      for (const from of [someone, null, address('ann@example.org'), address('postmaster@example.org')]) {
        const verdict = await rcpt(rig, 'x@outside.example', { client, from })
        assert.equal(said(verdict.reply), reply)
        if (!verdict.accept) assert.match(text(verdict.reply), /^Relaying denied: /)
        assert.equal(said((await rcpt(rig, 'ann@example.org', { client, from })).reply), '250 2.1.5')
      }
    })
})

test('AC-14, RLY-02, RLY-05: no trick in a local part relays, even from a listed client', async () => {
  await using rig = await intakeRig()
  rig.set({ forwarding: true })
  await rig.allow('192.0.2.*')
  for (const local of [
    'x%outside.example',
    'outside.example!x',
    '"x@outside.example"',
    '"@a,@b:x@outside.example"',
    '|id',
    '"../../x"',
  ])
    assert.equal(said((await rcpt(rig, `${local}@example.org`)).reply), '550 5.1.1', local)
})

test('AC-13, IN-17: each recipient is judged alone', async () => {
  await using rig = await intakeRig()
  const replies = await Promise.all(
    ['ann@example.org', 'x@outside.example', 'nobody@example.org', 'bob@example.org'].map((to) => rcpt(rig, to)),
  )
  assert.deepEqual(
    replies.map(({ reply }) => said(reply)),
    ['250 2.1.5', '550 5.7.1', '550 5.1.1', '250 2.1.5'],
  )
})

test('AC-10, AC-15: neither the sender address nor the EHLO name is a credential', async () => {
  await using rig = await intakeRig()
  rig.set({ forwarding: true })
  await rig.allow('*.friend.example')
  await rig.allow('host.friend.example')
  const client = { ...stranger, ehlo: 'host.friend.example' }
  const verdict = await rcpt(rig, 'x@outside.example', { client, from: address('ann@example.org') })
  assert.equal(said(verdict.reply), '550 5.7.1')
})

test('AC-06, AC-08: a confirmed name relays; DNS in trouble says 451 4.7.1', async () => {
  const found: Answer = { is: 'found', records: ['pc.friend.example'], ttlMs: 1000 }
  const forward: Answer = { is: 'found', records: ['192.0.2.1'], ttlMs: 1000 }
  const answers = new Map<string, Answer>([
    ['192.0.2.1', found],
    ['pc.friend.example', forward],
    ['192.0.2.2', { is: 'trouble', why: 'silence' }],
  ])
  await using rig = await intakeRig(answers)
  rig.set({ forwarding: true })
  await rig.allow('*.friend.example')
  assert.equal(said((await rcpt(rig, 'x@outside.example')).reply), '250 2.1.5')
  assert.equal(
    said((await rcpt(rig, 'x@outside.example', { client: { ...stranger, address: '192.0.2.2' } })).reply),
    '451 4.7.1',
  )
  assert.equal(
    said((await rcpt(rig, 'x@outside.example', { client: { ...stranger, address: '192.0.2.3' } })).reply),
    '550 5.7.1',
  )
})

test('AC-12: an entry may name the senders that its clients may use', async () => {
  await using rig = await intakeRig()
  rig.set({ forwarding: true })
  await rig.allow('192.0.2.1', { senders: ['Scanner@Example.org', '@devices.example'] })
  const reply = async (from: ReversePath): Promise<string> =>
    said((await rcpt(rig, 'x@outside.example', { from })).reply)
  assert.equal(await reply(address('scanner@example.org')), '250 2.1.5')
  assert.equal(await reply(address('any@devices.example')), '250 2.1.5')
  assert.equal(await reply(null), '250 2.1.5')
  assert.equal(await reply(address('ann@example.org')), '550 5.7.1')
  assert.equal(await reply(address('any@sub.devices.example')), '550 5.7.1')
})

test('AC-16, AD-17: a changed rule or address holds for the next recipient', async () => {
  await using rig = await intakeRig()
  rig.set({ forwarding: true })
  assert.equal(said((await rcpt(rig, 'x@outside.example')).reply), '550 5.7.1')
  const id = await rig.allow('192.0.2.1')
  assert.equal(said((await rcpt(rig, 'x@outside.example')).reply), '250 2.1.5')
  await rig.store.removeAccess(id)
  await rig.store.putAddress({ address: 'info@example.org', targets: ['ann'], note: '', expiresAt: null })
  await rig.directory.reload()
  assert.equal(said((await rcpt(rig, 'x@outside.example')).reply), '550 5.7.1')
  assert.equal(said((await rcpt(rig, 'info@example.org')).reply), '250 2.1.5')
})

test('AC-17: uses of an entry are counted', async () => {
  await using rig = await intakeRig()
  rig.set({ forwarding: true })
  const id = await rig.allow('192.0.2.1')
  for (let i = 0; i < 3; i++) await rcpt(rig, 'x@outside.example')
  await rig.intake.close()
  assert.equal((await rig.store.access()).find((row) => row.id === id)?.uses, 3)
})

test('RLY-18, AC-12: a signed-in user sends only as himself, and is told as whom', async () => {
  await using rig = await intakeRig()
  const client = asAnn(rig)
  for (const own of ['ann@example.org', 'ANN@Example.ORG', 'ann+tag@example.org', 'ann@mx.example.org'])
    assert.equal(said(await mail(rig, address(own), { client })), '250 2.1.0', own)
  assert.equal(said(await mail(rig, null, { client })), '250 2.1.0')
  for (const other of ['bob@example.org', 'x@outside.example']) {
    const reply = await mail(rig, address(other), { client })
    assert.equal(said(reply), '553 5.7.1')
    assert.match(text(reply), /ann@example\.org/)
    assert.doesNotMatch(text(reply), /bob/)
  }
  rig.set({ relayOnlyOwnSender: false })
  assert.equal(said(await mail(rig, someone, { client })), '250 2.1.0')
})

test('a submission listener takes nothing before signing in: 530 5.7.0', async () => {
  await using rig = await intakeRig()
  for (const listener of ['submission', 'submissions'] as const) {
    const client = { ...stranger, listener }
    assert.equal(said(await mail(rig, someone, { client })), '530 5.7.0')
    assert.equal(said((await rcpt(rig, 'ann@example.org', { client })).reply), '530 5.7.0')
  }
})

test('IN-10: a declared size over the limit is refused at once: 552 5.3.4', async () => {
  await using rig = await intakeRig()
  rig.set({ messageBytesMax: 100_000 })
  assert.equal(said(await mail(rig, someone, { sizeBytes: 100_000 })), '250 2.1.0')
  assert.equal(said(await mail(rig, someone, { sizeBytes: 100_001 })), '552 5.3.4')
})

test('a UTF-8 sender needs SMTPUTF8: 553 5.6.7', async () => {
  await using rig = await intakeRig()
  assert.equal(said(await mail(rig, address('jürgen@sender.example'))), '553 5.6.7')
  assert.equal(said(await mail(rig, address('jürgen@sender.example'), { smtputf8: true })), '250 2.1.0')
})

test('IN-19: a notice has one recipient, however often it is named', async () => {
  await using rig = await intakeRig()
  const route = { mailboxes: [rig.ann], outside: [], allowedBy: 'local' }
  const first: Accepted[] = [{ recipient: recipient('ann@example.org'), route }]
  const judge = async (from: ReversePath, to: string): Promise<string> =>
    said((await rig.intake.judgeRecipient(stranger, { from, sizeBytes: null }, recipient(to), first)).reply)
  assert.equal(await judge(null, 'ann@EXAMPLE.org'), '250 2.1.5')
  assert.equal(await judge(null, 'bob@example.org'), '550 5.5.3')
  assert.equal(await judge(someone, 'bob@example.org'), '250 2.1.5')
})

test('IN-18: postmaster and abuse are taken from anyone', async () => {
  await using rig = await intakeRig()
  for (const to of ['postmaster@example.org', 'POSTMASTER@mx.example.org', 'abuse@example.org'])
    assert.equal(said((await rcpt(rig, to)).reply), '250 2.1.5', to)
})

test('AD-12: a mailbox that is switched off refuses or defers', async () => {
  await using rig = await intakeRig()
  for (const [disabled, reply] of [
    ['refuse', '550 5.2.1'],
    ['defer', '450 4.2.1'],
    ['no-login', '250 2.1.5'],
  ] as const) {
    await rig.store.changeMailbox(rig.ann, { disabled })
    await rig.directory.reload()
    assert.equal(said((await rcpt(rig, 'ann@example.org')).reply), reply)
  }
})

test('IN-16: what breaks while judging is 451 4.3.0, never "unknown"', async () => {
  await using rig = await intakeRig()
  rig.directory.resolve = () => {
    throw new Error('the disk is gone')
  }
  assert.equal(said((await rcpt(rig, 'ann@example.org')).reply), '451 4.3.0')
})

test('local recipients are judged without a promise', async () => {
  await using rig = await intakeRig()
  assert.ok(!(rig.intake.judgeSender(stranger, { from: someone, parameters: plain }) instanceof Promise))
  assert.ok(
    !(
      rig.intake.judgeRecipient(
        stranger,
        { from: someone, sizeBytes: null },
        recipient('ann@example.org'),
        [],
      ) instanceof Promise
    ),
  )
})

test('AC-17: under attack twenty refusals are rows, the rest is one row with their number', async () => {
  await using rig = await intakeRig()
  const { reply } = await rcpt(rig, 'x@outside.example')
  for (let i = 0; i < 500; i++)
    rig.intake.refused({ ...stranger, address: `2001:db8::${i.toString(16)}` }, someone, 'x@outside.example', reply)
  rig.intake.refused(stranger, undefined, null, reply)
  await rig.intake.close()
  let rows = await rig.trace()
  for (let i = 0; rows.length < 22 && i < 100; i++, rows = await rig.trace()) await clock.sleep(20) // written soon, in a group
  assert.equal(rows.length, 22)
  assert.deepEqual(
    rows.flatMap(({ detail }) => detail['more'] ?? []),
    [480],
  )
})

test('AD-01, AC-03: the explainers tell what the judges would do', async () => {
  await using rig = await intakeRig()
  const id = await rig.allow('192.0.2.*', { senders: ['@example.org'] })
  const access = (client: string, forwarding = true) =>
    explainAccess(
      {
        directory: rig.directory,
        resolver: {
          ptr: unasked,
          addresses: unasked,
          confirmedName: () => null,
        },
        clock,
        forwarding,
      },
      { address: client },
    )
  assert.deepEqual((await access('192.0.2.7')).sentences, [
    `192.0.2.7 may send to other servers: entry ${id} "192.0.2.*" (address).`,
    'Only as @example.org.',
  ])
  assert.deepEqual((await access('198.51.100.1')).sentences, [
    '198.51.100.1 may not send to other servers: no entry matches.',
  ])
  assert.match((await access('192.0.2.7', false)).sentences[0]!, /^Forwarding of non-local mail is off/)
  assert.match(explainAddress(rig.directory, 'ann+x@example.org').at(-1)!, /^Mail goes to mailbox ann\.$/)
  assert.match(explainAddress(rig.directory, 'nobody@example.org').at(-1)!, /550 5\.1\.1/)
  assert.match(explainAddress(rig.directory, 'x@outside.example').at(-1)!, /not of this server/)
  assert.match(explainAddress(rig.directory, 'x')[0]!, /is no address/)
})

const unasked = (): Promise<Answer> => Promise.reject(new Error('nobody asks for names here'))
