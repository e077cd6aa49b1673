// The conversation of the POP3 Client on real sockets against a scripted server: what it sends, whom it believes, how each
// order ends.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer as Addresses } from '#/dns/resolver.ts'
import { clock } from '#/world/node/clock.ts'
import { fetched, Kept, listed, open, opened } from './pop3-client-rig.ts'
import { maildrop, Pop3Remote, type At, type Move, type RemoteMessage } from './pop3-remote.ts'
import { pop3Rig } from './pop3-rig.ts'

const three = maildrop(3)
const tooMuch = 'x'.repeat(70_000)

test('PC-07, PC-15, PC-18: messages come as they are, and what was removed is gone at QUIT, in one group of commands', async () => {
  await using far = await Pop3Remote.open({ messages: three })
  const box = await opened(far)
  const { messages, warnings } = await listed(box)
  assert.deepEqual(
    messages,
    three.map(({ octets, uid }, i) => ({ number: i + 1, sizeBytes: octets.length, uid })),
  )
  assert.deepEqual(warnings, [])
  const segments = far.segments
  const answers = await Promise.all([fetched(box, 1), box.head(2), box.remove(1), box.remove(9), box.leave()])
  assert.equal(far.segments, segments + 1)
  const [message, head, removed, missing, left] = answers
  assert.deepEqual([message.is, message.text], ['whole', three[0]!.octets])
  assert.ok(head.is === 'head')
  assert.equal(Buffer.from(head.octets).toString(), three[1]!.octets.split('\r\n\r\n')[0] + '\r\n\r\n')
  assert.deepEqual([removed.is, missing.is, left], ['done', 'refused', 'committed'])
  assert.deepEqual(far.removed, ['uid-0'])
})

test('PC-02: without PIPELINING one command is out at a time', async () => {
  await using far = await Pop3Remote.open({ messages: three, capabilities: ['UIDL', 'TOP'] })
  const box = await opened(far)
  assert.equal(box.facts.pipelining, false)
  const answers = await Promise.all([listed(box), fetched(box, 1), fetched(box, 2), box.remove(2), box.leave()])
  assert.deepEqual(
    answers.slice(1, 3).map((answer) => (answer as { text: string }).text), // they were fetched
    [three[0]!.octets, three[1]!.octets],
  )
  assert.equal(far.segments, far.heard.length)
  assert.deepEqual(far.removed, ['uid-1'])
})

const odd: readonly [title: string, message: RemoteMessage][] = [
  ['listed too small', { octets: three[0]!.octets, uid: 'a', sizeBytes: 1 }],
  ['listed with 10^15 octets', { octets: three[0]!.octets, uid: 'a', sizeBytes: 1e15 }],
  ['empty', { octets: '', uid: 'a' }],
  ['nothing but dots', { octets: '.\r\n..\r\n.\r\n', uid: 'a' }],
  ['with line ends of other systems', { octets: 'a\nb\r.\n.\nc\r\n', uid: 'a' }],
  ['with NUL and 8-bit octets', { octets: 'a\0\xff\r\n.\xe4\r\n', uid: 'a' }],
]
for (const [title, message] of odd)
  test(`PC-17, P3C-07: a message ${title} ends at its dot`, async () => {
    await using far = await Pop3Remote.open({ messages: [message] })
    const box = await opened(far)
    const got = await fetched(box, 1)
    assert.deepEqual([got.is, got.text], ['whole', message.octets])
    assert.equal(await box.leave(), 'committed')
  })

test('P3C-02, PC-17: a message that goes on beyond its limit ends the session, and nothing behind it is sent on', async () => {
  await using far = await Pop3Remote.open({
    messages: three,
    script: { retr: (_, nth) => (nth === 0 ? undefined : { octets: '+OK\r\n', flood: 'endless\r\n'.repeat(1000) }) },
  })
  const box = await opened(far)
  const kept = new Kept()
  const [first, endless, behind, left] = await Promise.all([
    fetched(box, 1),
    box.fetch(2, kept, 20_000),
    fetched(box, 3),
    box.leave(),
  ])
  assert.deepEqual([first.is, endless.is, behind.is, left], ['whole', 'too-big', 'broken', 'doubtful'])
  assert.ok(kept.text.length <= 20_000)
  assert.equal((await box.list()).is, 'broken')
})

test('P3C-02: a message of just the limit is whole', async () => {
  await using far = await Pop3Remote.open({ messages: three })
  const box = await opened(far)
  const { length } = three[0]!.octets
  assert.equal((await fetched(box, 1, length)).is, 'whole')
  assert.equal((await fetched(box, 2, length - 1)).is, 'too-big')
})

test('PC-09, PC-32: TOP that is refused is known from then on', async () => {
  await using far = await Pop3Remote.open({
    messages: three,
    capabilities: null,
    script: { top: { say: '-ERR what?' } },
  })
  const box = await opened(far)
  assert.equal(box.facts.top, true)
  assert.equal((await box.head(1)).is, 'refused')
  assert.equal(box.facts.top, false)
  await box.leave()
})

test('PC-32: TOP that is granted once is not given up for a message that is missing', async () => {
  await using far = await Pop3Remote.open({ messages: three })
  const box = await opened(far)
  assert.deepEqual([(await box.head(1)).is, (await box.head(7)).is, box.facts.top], ['head', 'refused', true])
  await box.leave()
})

const heads: readonly [title: string, sent: string, head: string][] = [
  ['without an empty line', 'A: b\r\n', 'A: b\r\n\r\n'],
  ['with all of the message', 'A: b\r\n\r\nbody\r\n\r\nmore\r\n', 'A: b\r\n\r\n'],
  ['of nothing', '', '\r\n'],
  ['of a message without fields', '\r\nbody\r\n', '\r\n'],
]
for (const [title, sent, head] of heads)
  test(`PC-32: a header section ${title} ends with one empty line`, async () => {
    await using far = await Pop3Remote.open({ messages: three, script: { top: { octets: `+OK\r\n${sent}.\r\n` } } })
    const box = await opened(far)
    const answer = await box.head(1)
    assert.ok(answer.is === 'head')
    assert.equal(Buffer.from(answer.octets).toString('latin1'), head)
    await box.leave()
  })

test('P3C-02: of a header section without end a part is kept, and the server is not listened to for ever', async () => {
  const line = `X: ${'x'.repeat(990)}\r\n`
  const [long, endless] = [
    { octets: `+OK\r\n${line.repeat(2000)}\r\n.\r\n` },
    { octets: '+OK\r\n', flood: line.repeat(100) },
  ]
  await using far = await Pop3Remote.open({
    messages: three,
    script: { top: (_, nth) => (nth === 0 ? long : endless) },
  })
  const box = await opened(far)
  const answer = await box.head(1)
  assert.ok(answer.is === 'head')
  assert.equal(answer.octets.length, 1_048_576)
  const broken = await box.head(1)
  assert.deepEqual([broken.is, 'trouble' in broken && broken.trouble.is], ['broken', 'garbage'])
})

const at: readonly At[] = ['list', 'uidl', 'top', 'retr', 'dele', 'quit']
const moves: readonly [title: string, move: Move, answer: string][] = [
  ['-ERR', { say: '-ERR no' }, 'refused'],
  ['-ERR [SYS/TEMP]', { say: '-ERR [SYS/TEMP] no' }, 'refused'],
  ['closing before the answer', { octets: '', end: 'close' }, 'broken lost'],
  ['a reset before the answer', { octets: '', end: 'reset' }, 'broken lost'],
  ['closing in the answer', { cutAt: 2 }, 'broken lost'],
  ['garbage', { say: 'what is this?' }, 'broken garbage'],
  ['a line without end', { octets: '+OK', flood: tooMuch }, 'broken garbage'],
  ['silence', { octets: '', end: 'silence' }, 'broken timeout'],
]
for (const verb of at)
  for (const [title, move, answer] of moves)
    test(`P3C-01, P3C-04, PC-15: ${title} at ${verb.toUpperCase()} is told, and removals count only if they did`, async () => {
      await using far = await Pop3Remote.open({ messages: three, script: { [verb]: move } })
      const box = await opened(far, { settings: { replyMs: 300, loginReplyMs: 300 } })
      const answers = await Promise.all([box.list(), box.head(1), fetched(box, 1), box.remove(1), box.leave()])
      const [list, head, message, removed, left] = answers
      const got = { list, uidl: list, top: head, retr: message, dele: removed, quit: left }[verb as 'list'] // all keys are there
      if (verb === 'quit') assert.equal(left, 'doubtful')
      else if (verb === 'uidl' && answer === 'refused') {
        assert.ok(got.is === 'listed')
        assert.deepEqual([got.listing.messages.map(({ uid }) => uid), got.listing.warnings.length], [[null, null, null], 1]) // prettier-ignore
      } else assert.equal('trouble' in got && `${got.is}${got.is === 'broken' ? ` ${got.trouble.is}` : ''}`, answer)
      if (left === 'committed') assert.deepEqual(far.removed, removed.is === 'done' ? ['uid-0'] : [])
      else assert.ok(far.removed.length <= 1) // the server may have heard it
    })

test('PC-15: a QUIT whose answer is lost is doubtful, whatever the server did', async () => {
  for (const counts of [true, false]) {
    await using far = await Pop3Remote.open({ messages: three, script: { quit: { octets: '', end: 'close', counts } } })
    const box = await opened(far)
    await box.remove(1)
    assert.equal(await box.leave(), 'doubtful')
    assert.equal(far.removed.length, counts ? 1 : 0)
  }
})

test('PC-05, PC-16: a session is over when the server has hung up behind its goodbye, and a moment later where it never does', async () => {
  const goodbye = { octets: '+OK bye\r\n', counts: true, end: 'silence' } as const
  await using far = await Pop3Remote.open({ messages: three, script: { quit: goodbye } })
  const box = await opened(far)
  await box.remove(1)
  const leaving = box.leave()
  assert.equal(await Promise.race([leaving, clock.sleep(200).then(() => 'still there')]), 'still there')
  assert.deepEqual(far.removed, ['uid-0'])
  assert.equal(await leaving, 'committed')
})

test('P3C-02, PC-07: a listing goes to its limit, and one that never ends is given up', async () => {
  const script = { list: (_: string, nth: number) => (nth === 0 ? undefined : { octets: '+OK\r\n', flood: '1 1\r\n'.repeat(5000) }) } // prettier-ignore
  await using far = await Pop3Remote.open({ messages: maildrop(1200, 1), script })
  const box = await opened(far, { settings: { messagesListedMax: 1000 } })
  const { messages, warnings } = await listed(box)
  assert.equal(messages.length, 1000)
  assert.deepEqual(warnings, ['LIST has 200 messages more than are looked at'])
  const endless = await box.list()
  assert.ok(endless.is === 'broken')
  assert.equal(endless.trouble.is, 'garbage')
})

test('P3C-03: lines too long for a UID and UIDs of 4,000 octets: one is skipped, the other kept', async () => {
  const uids = [`+OK\r\n1 ${'u'.repeat(5000)}\r\n2 ${'v'.repeat(4000)}\r\n3 \x01\xff\r\n.\r\n`]
  await using far = await Pop3Remote.open({ messages: three, script: { uidl: { octets: uids.join('') } } })
  const box = await opened(far)
  const { messages, warnings } = await listed(box)
  assert.deepEqual(messages.map(({ uid }) => uid), [null, 'v'.repeat(4000), '\x01\xff']) // prettier-ignore
  assert.deepEqual(warnings, ['UIDL has a line that makes no sense: too-long'])
  await box.leave()
})

test('P3C-03: warnings of a listing full of nonsense are few and printable', async () => {
  await using far = await Pop3Remote.open({
    script: { list: { octets: `+OK\r\n${'\x1b]0;<b>\xff\r\n'.repeat(5000)}.\r\n` } },
  })
  const box = await opened(far)
  const { messages, warnings } = await listed(box)
  assert.deepEqual([messages.length, warnings.length], [0, 100])
  for (const words of warnings) assert.doesNotMatch(words, /[^ -~]/)
  await box.leave()
})

test('PC-06: 100,000 messages are listed within seconds', async () => {
  await using far = await Pop3Remote.open({ messages: maildrop(100_000, 1) })
  const box = await opened(far)
  const startedAt = performance.now()
  assert.equal((await listed(box)).messages.length, 100_000)
  assert.ok(performance.now() - startedAt < 10_000)
  await box.leave()
})

test('PC-06: a message that stops in its middle is given up, and what came of it is no message', async () => {
  const script = { retr: { octets: '+OK\r\nA: b\r\n', end: 'silence' } } as const
  await using far = await Pop3Remote.open({ messages: three, script })
  const box = await opened(far, { settings: { replyMs: 300 } })
  const got = await fetched(box, 1)
  assert.deepEqual([got.is, 'trouble' in got && got.trouble.is, got.text], ['broken', 'timeout', 'A: b\r\n'])
})

test('PC-13: a message that cannot be kept here breaks the session off, and nothing is removed', async () => {
  await using far = await Pop3Remote.open({ messages: three })
  const box = await opened(far)
  const full = { write: () => Promise.reject(new Error('disk full')) }
  const [removed, message, left] = await Promise.allSettled([box.remove(1), box.fetch(2, full, 1000), box.leave()])
  assert.deepEqual(removed, { status: 'fulfilled', value: { is: 'done' } })
  assert.equal(message.status === 'rejected' && String(message.reason), 'Error: disk full')
  assert.deepEqual(left, { status: 'fulfilled', value: 'doubtful' })
})

test('PC-22: breaking off ends all that is under way with its reason, and removes nothing', async () => {
  await using far = await Pop3Remote.open({ messages: three, script: { retr: { octets: '+OK\r\nA', end: 'silence' } } })
  const box = await opened(far)
  const waiting = [box.remove(1), fetched(box, 2), box.remove(3), box.leave()] as const
  await waiting[0]
  box.destroy({ is: 'stopped', words: 'enough' })
  const [removed, message, behind, left] = await Promise.all(waiting)
  assert.deepEqual([removed.is, message.is, behind, left], ['done', 'broken', { is: 'broken', trouble: { is: 'stopped', words: 'enough' } }, 'doubtful']) // prettier-ignore
  assert.deepEqual(far.removed, [])
})

test('PC-22: opening can be stopped, at the look-up of the host and in the conversation', async () => {
  await using far = await Pop3Remote.open({ script: { capa: { octets: '', end: 'silence' } } })
  const stopped = { is: 'failed', trouble: { is: 'stopped', words: 'It was stopped' } }
  const stop = new AbortController()
  const opening = open(far, { signal: stop.signal, note: (line) => line === 'C: CAPA' && stop.abort() })
  assert.deepEqual(await opening, stopped)
  const { promise, resolve } = Promise.withResolvers<Addresses>()
  const stop2 = new AbortController()
  const looking = open(far, { signal: stop2.signal, addresses: promise })
  stop2.abort()
  assert.deepEqual(await looking, stopped)
  assert.deepEqual(await open(far, { signal: stop2.signal, addresses: promise }), stopped) // stopped before it began
  resolve({ is: 'no-data' })
})

test('PC-06: a server that waits for us hears now and then that we are there', async () => {
  await using far = await Pop3Remote.open({ messages: three })
  let tick = (): void => assert.fail('nobody asked to be called')
  const every = (_ms: number, work: () => void): Disposable => {
    tick = work
    return { [Symbol.dispose]: () => (tick = () => undefined) }
  }
  const box = await opened(far, { clock: { ...clock, every } })
  tick()
  assert.equal((await listed(box)).messages.length, 3)
  tick()
  tick() // one is under way already
  assert.equal((await fetched(box, 2)).text, three[1]!.octets)
  await box.leave()
  tick()
  assert.deepEqual(far.heard.slice(3), ['NOOP', 'LIST', 'UIDL', 'NOOP', 'RETR 2', 'QUIT'])
})

test('PC-02: our own POP3 Server is a server like others, and known as ours', async () => {
  await using rig = await pop3Rig()
  const texts = three.map(({ octets }) => octets)
  await rig.deliver(...texts)
  const own = { listeners: [{ address: '0.0.0.0', port: rig.port }], addresses: [] }
  const box = await opened(rig, { credentials: { user: 'ann', password: 'ann secret' }, own: () => own })
  assert.deepEqual([box.facts.pipelining, box.facts.top, box.facts.ourselves], [true, true, true])
  const { messages } = await listed(box)
  const got = await Promise.all(messages.map(({ number }) => fetched(box, number)))
  assert.deepEqual(got.map(({ text }) => text.slice(text.indexOf('From:'))), texts) // prettier-ignore
  const head = await box.head(1)
  assert.equal(head.is, 'head')
  assert.equal((await box.remove(2)).is, 'done')
  assert.equal(await box.leave(), 'committed')
  const again = await opened(rig, { credentials: { user: 'ann', password: 'ann secret' } })
  assert.deepEqual([(await listed(again)).messages.map(({ uid }) => uid), again.facts.ourselves], [[messages[0]!.uid, messages[2]!.uid], false]) // prettier-ignore
  await again.leave()
})
