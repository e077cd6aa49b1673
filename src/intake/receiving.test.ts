// Messages on their way in: what is written on top, what is taken off, what is refused, and what the mailboxes then hold.
import assert from 'node:assert/strict'
import { rename } from 'node:fs/promises'
import { test } from 'node:test'
import { address, intakeRig, plain, stranger } from './test-rig.ts'
import type { BodyFacts } from './types.ts'

const message =
  'From: x@sender.example\r\nSubject: hello\r\nMessage-ID: <1@sender.example>\r\n\r\nbody\r\n\r\n.\r\nend\r\n'
const ann = ['ann@example.org']
const chunked = (text: string, size: number): string[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size))

/** What stands behind our own fields. */
function original(read: string): string {
  const at = read.indexOf('+0000\r\n')
  return read.slice(at + '+0000\r\n'.length)
}

test('IN-20, AD-05: Return-Path, Delivered-To, X-Original-To and Received stand on top, the message behind them', async () => {
  await using rig = await intakeRig()
  const reply = await rig.send([message], ['Ann+List@Example.ORG'])
  const key = /^250 2\.0\.0 Stored as ([0-9a-z]{26})$/.exec(reply)?.[1]
  const read = await rig.read(rig.ann)
  const [returnPath, deliveredTo, originalTo, received, by, to] = read.split('\r\n')
  assert.equal(returnPath, 'Return-Path: <x@sender.example>')
  assert.equal(deliveredTo, 'Delivered-To: ann@mx.example.org')
  assert.equal(originalTo, 'X-Original-To: Ann+List@example.org')
  assert.equal(received, 'Received: from client.example (unknown [192.0.2.1])')
  assert.equal(by, `\tby mx.example.org with ESMTP id ${key}`)
  assert.equal(to, '\tfor <Ann+List@example.org>;')
  assert.equal(original(read), message)
})

test('IN-20: a reverse name that is known and confirmed stands in Received, and an IPv6 address is written once as one', async () => {
  const known = { is: 'found', records: ['printer.example'], ttlMs: 1 } as const
  await using rig = await intakeRig(new Map([['confirmed 2001:db8::5', known]]))
  await rig.send([message], ann, { client: { ...stranger, address: '2001:db8::5' } })
  assert.match(await rig.read(rig.ann), /^Received: from client\.example \(printer\.example \[IPv6:2001:db8::5\]\)\r$/m)
})

const shapes: readonly [title: string, text: string][] = [
  ['a usual message', message],
  ['a header section alone', 'Subject: x\r\n'],
  ['a header section and an empty line', 'Subject: x\r\n\r\n'],
  ['a body alone', '\r\nbody\r\n'],
  ['text without any field', 'Hello\r\nSubject: no field\r\n'],
  ['nothing', ''],
  ['an empty line', '\r\n'],
  ['folded fields', 'Subject: a\r\n b\r\n\tc\r\nTo: x\r\n\r\nbody\r\n'],
  ['octets above 127', 'Subject: \xff\xfe\r\n\r\n\x80\xff\r\n'],
]

test('the octets of a message do not change, however they are cut on the way', async (t) => {
  await using rig = await intakeRig()
  let uid = 0
  for (const [title, text] of shapes)
    await t.test(title, async () => {
      for (const size of [1, 2, 3, 7, 1000]) {
        assert.match(await rig.send(chunked(text, size), ann), /^250 2\.0\.0 /)
        assert.equal(original(await rig.read(rig.ann, ++uid)), text, `cut at ${size}`)
      }
    })
})

test('IN-21, HDR-04: forged fields are taken off, however the message is cut', async () => {
  await using rig = await intakeRig()
  const forged = `Return-Path: <a@b>\r\nAuthentication-Results:\r\n mx.example.org; spf=pass\r\nDelivered-To: <bob@example.org>\r\nX-Spam-Flag: NO\r\n`
  for (const [i, size] of [1, 5, 64, 10_000].entries()) {
    await rig.send(chunked(forged + message, size), ann)
    assert.equal(original(await rig.read(rig.ann, i + 1)), message)
  }
})

test('AD-09: recipients that lead to one mailbox give one copy with all of them', async () => {
  await using rig = await intakeRig()
  await rig.store.putAddress({ address: 'all@example.org', targets: ['ann', 'bob'], note: '', expiresAt: null })
  await rig.directory.reload()
  await rig.send([message], ['ann@example.org', 'all@example.org', 'ann+x@example.org', 'ann@example.org'])
  assert.equal((await rig.store.mailboxState(rig.ann)).messages, 1)
  const read = await rig.read(rig.ann)
  assert.deepEqual(
    read.match(/^X-Original-To: .*$/gm),
    ['ann', 'all', 'ann+x'].map((local) => `X-Original-To: ${local}@example.org`),
  )
  assert.doesNotMatch(read, /\tfor </) // Bcc would leak
  assert.deepEqual((await rig.read(rig.bob)).match(/^X-Original-To: .*$/gm), ['X-Original-To: all@example.org'])
})

test('AD-09: two messages with one Message-ID are two messages', async () => {
  await using rig = await intakeRig()
  await rig.send([message], ann)
  await rig.send([message], ann)
  assert.equal((await rig.store.mailboxState(rig.ann)).messages, 2)
})

test('AC-13, AD-14: outside recipients are queued, local ones stored, with the rule that allowed them', async () => {
  await using rig = await intakeRig()
  rig.set({ forwarding: true })
  const rule = await rig.allow('192.0.2.1')
  await rig.store.putAddress({
    address: 'away@example.org',
    targets: ['Ann', 'Me@elsewhere.example'],
    note: '',
    expiresAt: null,
  })
  await rig.directory.reload()
  assert.match(await rig.send([message], ['x@outside.example']), /^250 2\.0\.0 Queued as /)
  assert.match(
    await rig.send([message], ['away@example.org', 'X@outside.example']),
    /^250 2\.0\.0 Stored and queued as /,
  )
  const queued = await rig.store.queue.find({ limit: 10 })
  const shown = queued.map(({ to, allowedBy }) => `${to.local}@${to.domain} ${allowedBy}`)
  assert.deepEqual(shown.toSorted(), [
    'Me@elsewhere.example local',
    `X@outside.example access rule ${rule}`,
    `x@outside.example access rule ${rule}`,
  ])
})

test('AD-15: the rest of a domain goes outside under its own rule, or is discarded with a trace and without a copy', async () => {
  await using rig = await intakeRig()
  await rig.store.putDomain({ name: 'out.example', mode: 'by-name', target: 'me@elsewhere.example' })
  await rig.store.putDomain({ name: 'drop.example', mode: 'by-name', target: 'discard' })
  await rig.directory.reload()
  assert.match(await rig.send([message], ['any@out.example']), /^250 2\.0\.0 Queued as /)
  assert.match(await rig.send(chunked(message.repeat(9000), 65_536), ['any@drop.example']), /^250 2\.0\.0 Taken as /)
  assert.match(await rig.send([message], ['any@drop.example', 'ann@example.org']), /^250 2\.0\.0 Stored as /)
  const [queued] = await rig.store.queue.find({ limit: 10 })
  assert.deepEqual([queued?.to.local, queued?.allowedBy], ['me', 'domain catch'])
  const told = (await rig.trace()).filter(({ detail }) => detail['discardedFor'])
  assert.deepEqual(
    told.map(({ step, detail }) => [step, detail['discardedFor'], detail['storedIn']]),
    [
      ['received', ['any@drop.example'], ['ann']],
      ['received', ['any@drop.example'], undefined],
    ],
  )
  const { messages } = await rig.store.facts()
  assert.equal(messages, 1)
  assert.deepEqual((await rig.store.verify()).problems, [])
})

test('what may not be stored is refused after its true end, and nothing of it is kept', async (t) => {
  await using rig = await intakeRig()
  const many = (field: string, count: number): string => `${field.repeat(count)}\r\nbody\r\n`
  const cases: readonly [title: string, text: string, more: Partial<BodyFacts>, reply: RegExp][] = [
    ['IN-04: bare CR or LF', message, { strayLineEnds: true }, /^550 5\.5\.2 .*CR LF/],
    ['NUL', message, { nul: true }, /^550 5\.5\.2 .*NUL/],
    ['IN-10: too big', message, { tooBig: true }, /^552 5\.3\.4 /],
    ['101 hops', many('Received: from a by b\r\n', 101), {}, /^554 5\.4\.6 /],
    ['1001 fields', many('X-A: b\r\n', 1001), {}, /^552 5\.3\.4 /],
    ['a header section over 1 MiB', many(`X-A: ${'b'.repeat(2000)}\r\n`, 600), {}, /^552 5\.3\.4 /],
    ['a header section over 1 MiB without any line end', 'x'.repeat(1_100_000), {}, /^552 5\.3\.4 /],
  ]
  for (const [title, text, more, reply] of cases)
    await t.test(title, async () => {
      for (const size of [4096, 2_000_000])
        assert.match(await rig.send(chunked(text, size), ann, { facts: more }), reply)
    })
  assert.equal((await rig.store.mailboxState(rig.ann)).messages, 0)
  assert.match(await rig.send([many('Received: from a by b\r\n', 100)], ann), /^250 /)
})

test('IN-30: a message that is broken off is not stored', async () => {
  await using rig = await intakeRig()
  const envelope = { from: address('x@sender.example'), parameters: plain, to: [] }
  const receiving = rig.intake.begin(stranger, envelope, [])
  await receiving.write(Buffer.from(message))
  receiving.abort()
  receiving.abort()
  assert.deepEqual(await rig.trace(), [])
})

test('a large message is stored whole', async () => {
  await using rig = await intakeRig()
  const text = message + 'line of text\r\n'.repeat(200_000)
  assert.match(await rig.send(chunked(text, 65_536), ann), /^250 /)
  assert.equal(original(await rig.read(rig.ann)), text)
})

test('the trace tells who sent what to whom, and which rule allowed it', async () => {
  await using rig = await intakeRig()
  await rig.send([`X-Spam: no\r\n${message}`], ann)
  const [event] = await rig.trace()
  assert.partialDeepStrictEqual(event, {
    step: 'received',
    client: '192.0.2.1',
    from: '<x@sender.example>',
    to: ann,
    subject: 'hello',
    messageId: '<1@sender.example>',
    detail: { ehlo: 'client.example', rules: ['local'], removedFields: ['x-spam'] },
  })
})

test('QU-04: a message whose file is held for too long is to be sent again, nothing of it stays, and the next is taken', async () => {
  let held = true
  const waits: number[] = []
  await using rig = await intakeRig(new Map(), {
    async rename(from, to) {
      waits.push(Date.now())
      if (held) throw Object.assign(new Error('EBUSY: it is in use'), { code: 'EBUSY' })
      await rename(from, to)
    },
  })
  const big = [message, `${'x'.repeat(70)}\r\n`.repeat(5000)]
  assert.match(await rig.send(big, ann), /^451 4\.3\.0 /)
  assert.equal(waits.length, 6)
  assert.ok(waits.at(-1)! - waits[0]! < 2000)
  assert.equal((await rig.store.list(rig.ann)).uids.length, 0)
  assert.match(await rig.send([message], ann), /^250 /) // small ones need no file
  held = false
  assert.match(await rig.send(big, ann), /^250 /)
  assert.equal(original(await rig.read(rig.ann, 2)), big.join(''))
  assert.deepEqual((await rig.store.verify()).problems, [])
})
