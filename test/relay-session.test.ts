// The outgoing conversation on real sockets against a scripted receiver: what it sends, whom it believes, how it ends.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noMailParameters } from '#/message/envelope.ts'
import { Receiver, type Move, type Script } from './receiver.ts'
import { connected, deliver, dial, fates, mailTo, quickTimes, text } from './relay-rig.ts'

const [bob, cyd, dan] = ['bob@far.example', 'cyd@far.example', 'dan@far.example'] as const
const only = (who: string, move: Move): Script => ({ rcpt: (line) => (line.includes(who) ? move : undefined) })

test('RO-21, RO-24: a mail arrives as it is, its dots doubled and undone, in one group of commands', async () => {
  await using far = await Receiver.open()
  const result = await deliver(far, mailTo([bob, cyd]))
  assert.deepEqual(fates(result), ['250 dot', '250 dot'])
  assert.equal(result.pipelined, true)
  assert.equal(far.ledger[0]?.octets, text)
  assert.equal(far.ledger[0]?.rcpts.length, 2)
  assert.equal(far.segments, 4) // EHLO; MAIL, RCPT, RCPT, DATA; the message with its dot; QUIT
})

test('RO-24: whatever the chunks and the last line end, the octets arrive, with a CRLF at the end', async () => {
  await using far = await Receiver.open()
  const live = await connected(far.port)
  const whole = '.\r\n..\r\nx\r\n.y\r\n\r\n.z'
  for (const size of [1, 2, 3, 5, 100])
    for (const content of [whole, `${whole}\r`, `${whole}\r\n`, '', '.']) {
      const octets = Buffer.from(content)
      const parts = Array.from({ length: Math.ceil(octets.length / size) }, (_, i) =>
        octets.subarray(i * size, i * size + size),
      )
      async function* slowly(): AsyncGenerator<Uint8Array> {
        for (const part of parts) yield await Promise.resolve(part)
      }
      for (const chunks of [() => parts, slowly]) {
        await live.deliver(mailTo([bob], { chunks }))
        const wanted = content === '' || content.endsWith('\r\n') ? content : `${content}\r\n`
        assert.equal(far.ledger.at(-1)?.octets, wanted)
      }
    }
  await live.close()
  assert.equal(far.connections, 1)
})

test('RO-14: three recipients, three fates; nobody is asked again and the connection goes on', async () => {
  const rcpt = (line: string): Move | undefined =>
    line.includes('bob') ? { say: '450 4.2.1 later' } : line.includes('cyd') ? { say: '550 5.1.1 nobody' } : undefined
  await using far = await Receiver.open({ script: { rcpt } })
  assert.deepEqual(fates(await deliver(far, mailTo([bob, cyd, dan]))), ['450 rcpt', '550 rcpt', '250 dot'])
  assert.equal(far.ledger.length, 1)
})

for (const usePipelining of [true, false])
  test(`RO-14, RO-21: all refused: no message, ${usePipelining ? 'a lone dot if the host asks for one' : 'no DATA'}`, async () => {
    const data: Move = { say: '354 go on' }
    await using far = await Receiver.open({
      script: { rcpt: (_, n) => (n < 2 ? { say: '550 no' } : undefined), data, dot: { say: '554 no recipients' } },
    })
    const live = await connected(far.port, { plan: { usePipelining } })
    assert.deepEqual(fates(await live.deliver(mailTo([bob, cyd]))), ['550 rcpt', '550 rcpt'])
    assert.equal(far.heard.includes('DATA'), usePipelining)
    assert.deepEqual(fates(await live.deliver(mailTo([bob]))), ['554 dot']) // still in step
    await live.close()
  })

test('RO-21: PIPELINING is used only if offered', async () => {
  await using far = await Receiver.open({ extensions: ['8BITMIME'] })
  const result = await deliver(far, mailTo([bob]))
  assert.deepEqual([result.pipelined, ...fates(result)], [false, '250 dot'])
})

const tooMany: readonly [says: string, fate: string][] = [
  ['452 4.5.3 too many', '452 rcpt again'],
  ['452 too many', '452 rcpt again'],
  ['552 too many', '552 rcpt again'],
  ['552 5.5.3 too many', '552 rcpt again'],
  ['452 4.2.2 full', '452 rcpt'],
  ['552 5.2.2 full', '552 rcpt'],
]
for (const [says, fate] of tooMany)
  test(`QU-09: ${says}: behind an accepted recipient it is ${fate}`, async () => {
    await using far = await Receiver.open({ script: only('cyd', { say: says }) })
    assert.deepEqual(fates(await deliver(far, mailTo([bob, cyd]))), ['250 dot', fate])
    assert.deepEqual(fates(await deliver(far, mailTo([cyd, bob]))), [fate.replace(' again', ''), '250 dot'])
  })

test('QU-10: one connection takes many mails; RSET is said only where a transaction was left open', async () => {
  const rcpt = (_: string, n: number): Move | undefined => (n === 1 ? { say: '550 no' } : undefined)
  await using far = await Receiver.open({ script: { rcpt } })
  const live = await connected(far.port)
  const seen = []
  for (let i = 0; i < 4; i++) seen.push(...fates(await live.deliver(mailTo([bob]))))
  await live.close()
  assert.deepEqual(seen, ['250 dot', '550 rcpt', '250 dot', '250 dot'])
  assert.equal(far.heard.filter((line) => line === 'RSET').length, 1)
  assert.equal(far.heard.at(-1), 'QUIT')
  assert.equal(far.connections, 1)
})

test('OUT-16: a kept connection that the host has closed is stale: nothing was sent', async () => {
  await using far = await Receiver.open({ script: { dot: { say: '250 ok', end: 'close', record: true } } })
  const live = await connected(far.port)
  assert.deepEqual(fates(await live.deliver(mailTo([bob]))), ['250 dot'])
  await new Promise((go) => setTimeout(go, 30))
  assert.equal((await live.deliver(mailTo([cyd]))).stale, true)
  assert.equal(far.ledger.length, 1)
  assert.deepEqual(await live.ended, { is: 'done' })
  assert.equal(live.idle, false)
})

test('OUT-16: a 421 that lies ready on a kept connection is a goodbye, not an attempt', async () => {
  await using far = await Receiver.open({
    script: { dot: { octets: '250 2.0.0 ok\r\n421 4.4.2 idle\r\n', record: true } },
  })
  const live = await connected(far.port)
  assert.deepEqual(fates(await live.deliver(mailTo([bob]))), ['250 dot'])
  assert.equal((await live.deliver(mailTo([cyd]))).stale, true)
})

const outOfCount: readonly [name: string, script: Script][] = [
  ['one reply too many', only('bob', { say: '550 no\r\n550 no' })],
  ['a yes too many', only('bob', { say: '250 ok\r\n250 ok' })],
  ['a reply too many behind 354', { data: { say: '354 go\r\n250 taken' } }],
  ['replies in another order', { mail: { say: '354 go' }, data: { say: '250 ok' } }],
  ['354 to a recipient', only('cyd', { say: '354 go' })],
  ['250 in place of 354', { data: { say: '250 ok' } }],
]
for (const [name, script] of outOfCount)
  test(`OUT-08, RO-19: ${name}: nobody is done or failed, pipelining is not for this host`, async () => {
    await using far = await Receiver.open({ script })
    const result = await deliver(far, mailTo([bob, cyd]))
    assert.deepEqual(
      new Set(result.outcomes.map(({ reply }) => `${reply.code} ${reply.status}`)),
      new Set(['451 4.5.0']),
    )
    assert.equal(result.outOfStep, true)
    assert.equal(far.ledger.length, 0)
  })

test('OUT-08: a reply too few is waited for, and then nobody is done', async () => {
  await using far = await Receiver.open({ script: only('bob', {}) })
  const times = { ...quickTimes, commandMs: 300, dataInitMs: 300 }
  const result = await deliver(far, mailTo([bob, cyd]), { times })
  assert.deepEqual(new Set(result.outcomes.map(({ reply }) => reply.code)), new Set([451]))
})

test('OUT-12: 251 is a yes and 551 a no: the address that they name is not written to', async () => {
  const rcpt = (line: string): Move => ({ say: line.includes('bob') ? '251 <x@else.example>' : '551 <y@else.example>' })
  await using far = await Receiver.open({ script: { rcpt } })
  assert.deepEqual(fates(await deliver(far, mailTo([bob, cyd]))), ['250 dot', '551 rcpt'])
  assert.equal(far.heard.filter((line) => line.includes('else')).length, 0)
})

const big = (count: number): (() => AsyncGenerator<Uint8Array>) =>
  async function* chunks() {
    for (let i = 0; i < count; i++) yield await Promise.resolve(Buffer.alloc(65_536, 'x'))
  }
const early: readonly [name: string, data: Move, fate: string][] = [
  ['a refusal is believed', { say: '354 go', delayMs: 0 }, '552 data'],
  ['a yes is not', { say: '354 go' }, '451 data ours'],
]
for (const [name, data, fate] of early)
  test(`OUT-07: a reply before the end of the message: ${name}`, async () => {
    const say = fate.startsWith('552') ? '552 5.3.4 too big' : '250 2.0.0 taken'
    await using far = await Receiver.open({ script: { data: { ...data, late: say } } })
    const result = await deliver(far, mailTo([bob], { chunks: big(1000), sizeBytes: 1000 }))
    assert.deepEqual(fates(result), [fate])
    assert.equal(far.ledger.length, 0)
  })

test('RO-15: a host that goes in the middle of a long message has not got it', async () => {
  await using far = await Receiver.open({ script: { data: { say: '354 go', late: '' } } })
  const result = await deliver(far, mailTo([bob], { chunks: big(1000), sizeBytes: 1000 }))
  assert.deepEqual(fates(result), ['451 data ours'])
})

test('RO-12: a host that hangs up at EHLO is to be tried with HELO', async () => {
  await using far = await Receiver.open({ script: { ehlo: { end: 'close' } } })
  const first = await dial(far.port)
  assert.ok(!first.ok && first.failure.retryWithHelo)
  assert.deepEqual(fates(await deliver(far, mailTo([bob]), { hello: 'HELO' })), ['250 dot'])
})

test('LP-03: a host that is ourselves ends the session for good', async () => {
  await using far = await Receiver.open()
  const dialled = await dial(far.port, { plan: { isOurs: (greeting) => greeting.startsWith('far.example ') } })
  assert.ok(!dialled.ok)
  assert.deepEqual([dialled.failure.loop, dialled.failure.reply.status], [true, '5.4.6'])
})

test('RO-22, OUT-10: over the announced size nothing is sent; nonsense announces nothing', async () => {
  const sizes: readonly [string, string][] = [['10', '552 mail ours'], ['99999999999999999999', '250 dot'], ['-1', '250 dot'], ['0', '250 dot'], ['x', '250 dot'], ['', '250 dot']] // prettier-ignore
  for (const [size, fate] of sizes) {
    await using far = await Receiver.open({ extensions: [`SIZE ${size}`] })
    assert.deepEqual(fates(await deliver(far, mailTo([bob]))), [fate], size)
    assert.equal(
      far.heard.some((line) => line.startsWith('MAIL')),
      fate === '250 dot',
    )
  }
})

test('RO-23, OUT-09: 8-bit text goes as it is, or converted, or not at all', async () => {
  const content = 'Subject: x\r\n\r\n\xc3\xa4\r\n'
  const needs = { eightBit: true, smtputf8: false }
  await using able = await Receiver.open()
  assert.deepEqual(fates(await deliver(able, mailTo([bob], { content, needs }))), ['250 dot'])
  assert.equal(able.ledger[0]?.octets, content)
  assert.match(able.ledger[0].mail, / BODY=8BITMIME/)
  await using unable = await Receiver.open({ extensions: ['PIPELINING'] })
  assert.deepEqual(fates(await deliver(unable, mailTo([bob], { content, needs }))), ['554 mail ours'])
  const sevenBit = () => ({ sizeBytes: 4, chunks: () => [Buffer.from('=C3\n')] })
  assert.deepEqual(fates(await deliver(unable, mailTo([bob], { content, needs, sevenBit: () => null }))), [
    '554 mail ours',
  ])
  assert.deepEqual(fates(await deliver(unable, mailTo([bob], { content, needs, sevenBit }))), ['250 dot'])
  assert.doesNotMatch(unable.ledger[0]!.mail, /BODY|SIZE/)
})

test('RO-23: without SMTPUTF8 only those fail who need it', async () => {
  await using unable = await Receiver.open({ extensions: ['8BITMIME'] })
  const one = await deliver(unable, mailTo(['jörg@far.example', bob]))
  assert.deepEqual(fates(one), ['553 rcpt ours', '250 dot'])
  assert.equal(one.outcomes[0]?.reply.status, '5.6.7')
  const all = await deliver(unable, mailTo([bob], { needs: { eightBit: true, smtputf8: true } }))
  assert.deepEqual(fates(all), ['553 mail ours'])
  await using able = await Receiver.open()
  assert.deepEqual(fates(await deliver(able, mailTo(['jörg@far.example']))), ['250 dot'])
  assert.match(able.ledger[0]!.mail, / SMTPUTF8/)
  assert.equal(able.ledger[0]?.rcpts[0], 'RCPT TO:<j\xc3\xb6rg@far.example>')
  await deliver(able, mailTo([bob]))
  assert.doesNotMatch(able.ledger[1]!.mail, / SMTPUTF8/)
})

test('DS-10: DSN parameters are passed on where they are offered, and nowhere else', async () => {
  const parameters = { ...noMailParameters, ret: 'HDRS', envid: 'a+b' } as const
  const [{ address }] = mailTo([bob]).recipients as [ReturnType<typeof mailTo>['recipients'][0]] // one was given
  const recipients = [{ address, parameters: { notify: ['SUCCESS', 'DELAY'] as const, orcpt: 'rfc822;a=b@x.example' } }]
  await using able = await Receiver.open()
  assert.equal((await deliver(able, mailTo([bob], { parameters, recipients }))).dsn, true)
  assert.match(able.ledger[0]!.mail, / RET=HDRS ENVID=a\+2Bb$/)
  assert.match(able.ledger[0]!.rcpts[0]!, / NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a\+3Db@x\.example$/)
  await using unable = await Receiver.open({ extensions: ['SIZE'] })
  assert.equal((await deliver(unable, mailTo([bob], { parameters, recipients }))).dsn, false)
  assert.deepEqual([unable.ledger[0]?.mail, unable.ledger[0]?.rcpts[0]], [`MAIL FROM:<ann@us.example> SIZE=${text.length}`, `RCPT TO:<${bob}>`]) // prettier-ignore
})

test('OUT-01: a greeting without end is given up, in lines, in octets and in time', async () => {
  const line = '220-more\r\n'
  const floods: readonly Move[] = [
    { octets: line.repeat(10_000) },
    { octets: 'x'.repeat(200_000) },
    { octets: `220-${'x'.repeat(9000)}\r\n`.repeat(8) },
  ]
  for (const greeting of floods) {
    await using far = await Receiver.open({ script: { greeting } })
    const dialled = await dial(far.port)
    assert.ok(!dialled.ok)
    assert.equal(dialled.failure.reply.status, '4.5.0')
  }
})

test('a content that cannot be read rejects, and the host gets no final dot', async () => {
  await using far = await Receiver.open()
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from('half'))
    throw new Error('disk')
  }
  const live = await connected(far.port)
  await assert.rejects(live.deliver(mailTo([bob], { chunks: broken })), /disk/)
  assert.equal((await live.ended).is, 'failed')
  assert.equal(far.ledger.length, 0)
})

test('a connection takes one mail at a time; a goodbye waits for it, a break does not', async () => {
  await using far = await Receiver.open({
    script: { dot: (_, n) => (n === 0 ? { delayMs: 60, say: '250 ok' } : { end: 'silence' }) },
  })
  const live = await connected(far.port)
  const first = live.deliver(mailTo([bob]))
  assert.throws(() => live.deliver(mailTo([cyd])), /one mail at a time/)
  await Promise.all([live.close(), first])
  assert.deepEqual(fates(await first), ['250 dot'])
  const other = await connected(far.port)
  await other.deliver(mailTo([bob]))
  const lost = other.deliver(mailTo([bob]))
  await new Promise((go) => setTimeout(go, 60))
  other.destroy()
  assert.deepEqual(fates(await lost), ['451 dot uncertain ours'])
  assert.deepEqual(await other.ended, { is: 'done' })
})
