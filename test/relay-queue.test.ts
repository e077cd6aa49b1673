// The outbound queue at work on real sockets: who is tried when, with whom, how often, and what one destination costs another.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fate } from '#/storage/queue.ts'
import { acceptance } from '#/storage/contract.ts'
import { Lab, saying } from './relay-lab.ts'
import type { Move, Script } from './receiver.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const counts = (ledger: readonly { rcpts: readonly string[] }[]): number[] => ledger.map(({ rcpts }) => rcpts.length)
const people = (count: number, domain = 'far.example'): string[] =>
  Array.from({ length: count }, (_, i) => `x${i}@${domain}`)

test('QU-01 each recipient has a fate of its own; who has the message does not get it again', async () => {
  await using lab = await Lab.open()
  const says: Readonly<Record<string, Move>> = { later: { say: '450 4.2.1 later' }, never: { say: '550 5.1.1 no' } }
  let healed = false
  const rcpt = (line: string): Move | undefined => (healed ? undefined : says[/<(\w+)@/.exec(line)![1]!])
  const far = await lab.host({ script: { rcpt } })
  lab.domain('far.example', far)
  const key = await lab.send(['now@far.example', 'later@far.example', 'never@far.example'])
  assert.deepEqual(await lab.fates(key), ['delivered 250', 'waiting 450', 'failed 550'])
  healed = true
  lab.later(6 * minuteMs)
  assert.deepEqual(await lab.fates(key, 2), ['delivered 250', 'delivered 250', 'failed 550'])
  assert.deepEqual(
    far.ledger.map(({ rcpts }) => rcpts.map((line) => /<(\w+)@/.exec(line)![1])),
    [['now'], ['later']],
  )
})

test('QU-02 an attempt is written down before anybody is called', async () => {
  await using lab = await Lab.open()
  lab.domain('far.example', await lab.host({ script: { greeting: { say: '220 hello', delayMs: 500 } } }))
  const key = await lab.send(['x@far.example'])
  const [row] = await lab.rows(key)
  assert.deepEqual([row!.state, row!.attempts, row!.lease !== null], ['leased', 1, true])
  assert.deepEqual(await lab.fates(key), ['delivered 250'])
})

test('QU-05, QU-17 retries come after 5, 10, 20, 40, 80 and then each 180 minutes, with the same octets', async () => {
  await using lab = await Lab.open()
  const far = await lab.host(saying('dot', '451 4.3.0 later'))
  lab.domain('far.example', far)
  const key = await lab.send(['x@far.example'])
  const waits: number[] = []
  for (let attempt = 1; attempt <= 8; attempt++) {
    const [row] = await lab.tried(key, attempt)
    const waitMs = row!.memo.retryAt! - lab.now()
    waits.push(Math.round(waitMs / minuteMs))
    lab.later(waitMs - 1000)
    await sleep(20)
    assert.equal((await lab.rows(key))[0]!.attempts, attempt) // not a second too early
    lab.later(1000)
  }
  assert.deepEqual(waits, [5, 10, 20, 40, 80, 180, 180, 180])
})

test('QU-06, OUT-13 at the end of the lifetime mail is tried once more, and then sent back', async () => {
  await using lab = await Lab.open({ settings: { 'mailRelay.lifetimeMs': hourMs } })
  const far = await lab.host(saying('rcpt', '450 4.2.1 later'))
  lab.domain('far.example', far)
  const key = await lab.send(['x@far.example'])
  for (let attempt = 1; ; attempt++) {
    const [row] = await lab.tried(key, attempt)
    if (row!.state === 'failed') break
    lab.later(row!.memo.retryAt! - lab.now())
  }
  const attempts = (await lab.events(key)).filter(({ step }) => step === 'deferred' || step === 'failed')
  assert.equal(attempts.length, 5) // after 0, 5, 15, 35 and 60 minutes
  assert.equal(far.heard.filter((line) => line.startsWith('RCPT')).length, 5)
  assert.ok(attempts.at(-1)!.at - (await lab.rows(key))[0]!.acceptedAt >= hourMs)
  assert.equal((await lab.inbox('ann')).length, 1)
})

test('QU-06, QU-07 a week switched off sends nothing back', async () => {
  await using lab = await Lab.open()
  lab.domain('far.example', lab.address())
  const key = await lab.send(['x@far.example'])
  await lab.tried(key)
  lab.later(7 * dayMs)
  assert.deepEqual(await lab.fates(key, 2), ['waiting 451'])
})

test('QU-07, CLK-02 a clock that is set back makes nobody wait for it', async () => {
  await using lab = await Lab.open()
  const dead = lab.address()
  lab.domain('far.example', dead)
  lab.later(dayMs)
  const key = await lab.send(['x@far.example'])
  await lab.tried(key)
  await lab.host({ address: dead })
  lab.later(-dayMs)
  assert.deepEqual(await lab.fates(key, 2), ['delivered 250'])
})

test('QU-08, OUT-14 slow destinations take their share of the connections, and no more', async () => {
  await using lab = await Lab.open({ settings: { 'mailRelay.connectionsMax': 6, 'mailRelay.perDestinationMax': 2 } })
  const slow = [await lab.host({ script: { greeting: { say: '220 hello', delayMs: 800 } } }), await lab.host()]
  lab.domain('slow.example', slow[0]!)
  lab.domain('far.example', slow[1]!)
  await Promise.all(Array.from({ length: 12 }, () => lab.send(['x@slow.example'])))
  const from = Date.now()
  await lab.tried(await lab.send(['x@far.example']))
  assert.ok(Date.now() - from < 400, `${Date.now() - from} ms`)
  assert.equal(slow[0]!.connections, 2)
})

test('QU-08 a destination where nobody answers is called by one mail, the others hear what it heard', async () => {
  await using lab = await Lab.open()
  const dead = await lab.host({ script: { greeting: { end: 'close' } } })
  lab.domain('far.example', dead)
  for (let i = 0; i < 10; i++) assert.deepEqual(await lab.fates(await lab.send(['x@far.example'])), ['waiting 451'])
  assert.equal(dead.connections, 1)
})

test('QU-09 recipients of one host share a transaction of at most a hundred', async () => {
  await using lab = await Lab.open()
  const far = await lab.host()
  lab.domain('far.example', far)
  await lab.tried(await lab.send(people(250)))
  assert.deepEqual(
    counts(far.ledger).toSorted((a, b) => b - a),
    [100, 100, 50],
  )
})

for (const say of ['452 4.5.3 too many recipients', '552 too many recipients'])
  test(`QU-09 ${say}: the rest goes at once, in the same attempt`, async () => {
    await using lab = await Lab.open()
    let taken = 0
    const mail = (): undefined => void (taken = 0)
    const rcpt = (): Move | undefined => (++taken > 3 ? { say } : undefined)
    const far = await lab.host({ script: { mail, rcpt } })
    lab.domain('far.example', far)
    const rows = await lab.tried(await lab.send(people(10)))
    assert.deepEqual(new Set(rows.map(({ state, attempts }) => `${state} ${attempts}`)), new Set(['delivered 1']))
    assert.deepEqual(counts(far.ledger), [3, 3, 3, 1])
  })

for (const say of ['421 4.7.0 too many recipients', '421 4.3.2 closing'])
  for (const [what, isRefused] of [
    ['at the fourth recipient', (_line: string, nth: number) => nth > 3],
    ['at one of them', (line: string) => line.includes('<x3@')],
  ] as const)
    test(`QU-09 ${say}, ${what}: the others have their turn in a later transaction`, async () => {
      await using lab = await Lab.open()
      let nth = 0
      const mail = (): undefined => void (nth = 0)
      const rcpt = (line: string): Move | undefined => (isRefused(line, ++nth) ? { say, end: 'close' } : undefined)
      const far = await lab.host({ script: { mail, rcpt } })
      lab.domain('far.example', far)
      const key = await lab.send(people(10))
      let rows = await lab.tried(key)
      for (let attempt = 2; attempt <= 4; attempt++) {
        lab.later(hourMs)
        rows = await lab.tried(key, attempt)
      }
      const waiting = rows.filter(({ state }) => state === 'waiting').map(({ to }) => to.local)
      assert.deepEqual(waiting, what === 'at one of them' ? ['x3'] : [])
      assert.equal(new Set(far.ledger.flatMap(({ rcpts }) => rcpts)).size, 10 - waiting.length)
    })

test('QU-09 domains with the same exchangers get one copy, those that want other TLS another', async () => {
  await using lab = await Lab.open({ settings: { 'mailRelay.tlsRequiredFor': ['strict.example'] } })
  const far = await lab.host()
  lab.publish(`mx.provider.example A ${far.at}`)
  for (const name of ['a', 'b', 'strict']) lab.publish(`${name}.example MX 10 mx.provider.example`)
  const key = await lab.send(['x@a.example', 'x@b.example', 'x@strict.example'])
  assert.deepEqual(await lab.fates(key), ['delivered 250', 'delivered 250', 'waiting 451'])
  assert.deepEqual(counts(far.ledger), [2])
})

test('QU-10 one connection takes one mail after another, as many as allowed', async () => {
  await using lab = await Lab.open({ settings: { 'mailRelay.messagesPerConnectionMax': 3 } })
  const rcpt = (_: string, nth: number): Move | undefined => (nth === 1 ? { say: '550 5.1.1 no' } : undefined)
  const far = await lab.host({ script: { rcpt } })
  lab.domain('far.example', far)
  for (let i = 0; i < 7; i++) await lab.tried(await lab.send(['x@far.example']))
  assert.deepEqual([far.connections, far.ledger.length], [3, 5]) // each refuses the second of its mails
  assert.equal(far.heard.filter((line) => line === 'RSET').length, 2)
})

const once = (move: Move): (() => Move | undefined) => {
  let made = 0
  return () => (made++ === 0 ? move : undefined)
}
const bye: Move = { say: '421 4.3.2 bye', end: 'close' }
const breaks: readonly [what: string, script: () => Script, code: number][] = [
  ['421 at a recipient', () => ({ rcpt: once(bye) }), 421],
  ['a drop at a recipient', () => ({ rcpt: once({ end: 'close' }) }), 451],
  ['a drop at DATA', () => ({ data: once({ end: 'close' }) }), 451],
  ['421 to the message', () => ({ dot: once(bye) }), 421],
]
for (const [what, script, code] of breaks)
  test(`QU-10, OUT-16 ${what}: only what was not answered is tried again`, async () => {
    await using lab = await Lab.open()
    const [far, other] = [await lab.host(), await lab.host({ script: script() })]
    lab.domain('far.example', far)
    lab.domain('other.example', other)
    const key = await lab.send(['a@other.example', 'b@other.example', 'c@far.example'])
    assert.deepEqual(await lab.fates(key), [`waiting ${code}`, `waiting ${code}`, 'delivered 250'])
    lab.later(6 * minuteMs)
    assert.deepEqual(await lab.fates(key, 2), ['delivered 250', 'delivered 250', 'delivered 250'])
    assert.deepEqual([counts(far.ledger), counts(other.ledger)], [[1], [2]])
  })

test('QU-03 what waits when the program ends goes out after the next start', async () => {
  await using lab = await Lab.open()
  const dead = lab.address()
  lab.domain('far.example', dead)
  const key = await lab.send(['x@far.example'])
  await lab.tried(key)
  await lab.restart()
  await lab.host({ address: dead })
  lab.later(6 * minuteMs)
  assert.deepEqual(await lab.fates(key, 2), ['delivered 250'])
})

test('QU-08, QU-10 a destination with a single connection gets one mail after another', async () => {
  await using lab = await Lab.open({ settings: { 'mailRelay.perDestinationMax': 1 } })
  const far = await lab.host({ script: { mail: { say: '250 ok', delayMs: 100 } } })
  lab.domain('far.example', far)
  const keys = await Promise.all(people(4).map((to) => lab.send([to])))
  for (const key of keys) assert.deepEqual(await lab.fates(key), ['delivered 250'])
  assert.equal(far.connections, 1)
})

test('QU-02, QU-03 a stop in order is no crash: what had not begun is as if nothing had been', async () => {
  await using lab = await Lab.open({ settings: { 'mailRelay.perDestinationMax': 1 } })
  const far = await lab.host({ script: { mail: { say: '250 ok', delayMs: 500 } } })
  lab.domain('far.example', far)
  const keys = await Promise.all(people(3).map((to) => lab.send([to])))
  await lab.restart()
  for (const key of keys) {
    const [row] = await lab.tried(key)
    assert.deepEqual([row!.state, row!.attempts, row!.memo.crashes], ['delivered', 1, undefined])
  }
  assert.equal(far.ledger.length, 3)
})

test('OUT-19, QU-17 a message that the disk has damaged is never sent, and the postmaster hears of it', async () => {
  await using lab = await Lab.open({ settings: { 'mailRelay.paused': true } })
  const far = await lab.host()
  lab.domain('far.example', far)
  const line = `${'x'.repeat(70)}\r\n`
  const key = await lab.send(['x@far.example'], { text: `Subject: x\r\n\r\n${line.repeat(6000)}` })
  const folder = join(lab.folder, 'content')
  const [name = ''] = readdirSync(folder)
  const octets = readFileSync(join(folder, name))
  octets[300_000]! ^= 1
  writeFileSync(join(folder, name), octets)
  await lab.set({ 'mailRelay.paused': false })
  const [row] = await lab.tried(key)
  assert.equal(row!.state, 'waiting')
  assert.match(row!.memo.hold?.why ?? '', /damaged/)
  assert.deepEqual([far.ledger.length, await lab.inbox('ann')], [0, []])
  assert.equal((await lab.inbox('postmaster')).length, 1)
})

test('QU-14 a delivery that another node has taken over meanwhile is left to it', async () => {
  await using lab = await Lab.open()
  lab.domain('far.example', await lab.host({ script: { greeting: { say: '220 hello', delayMs: 300 } } }))
  const key = await lab.send(['x@far.example'])
  const [row] = await lab.rows(key)
  const taken: Fate = { ...row!, lease: { node: 'another', until: lab.now() + hourMs } }
  await lab.store.queue.move({ at: lab.now(), moves: [{ row: row!, to: taken }] })
  await sleep(600)
  const [after] = await lab.rows(key)
  assert.deepEqual([after!.state, after!.lease?.node], ['leased', 'another'])
})

test(
  'QU-18, QU-08 while 20,000 deliveries wait for dead destinations, new mail leaves at once and memory stays small',
  { timeout: 60_000 },
  async () => {
    await using lab = await Lab.open({ settings: { 'mailRelay.paused': true } })
    const dead = lab.address()
    const domains = Array.from({ length: 200 }, (_, i) => lab.domain(`dead${i}.example`, dead))
    for (let i = 0; i < 200; i++) {
      const made = await acceptance(lab.store, [])
      const to = domains.slice(0, 100).map((_, j) => {
        const domain = domains[(i + j) % domains.length]!
        return { to: { local: `x${i}`, domain }, parameters: { notify: null, orcpt: null }, allowedBy: 'test' } as never // a well-formed address
      })
      await lab.store.accept({ ...made, remote: to, lease: null })
    }
    const before = process.memoryUsage().heapUsed
    await lab.set({ 'mailRelay.paused': false })
    await sleep(300)
    const far = await lab.host()
    lab.domain('far.example', far)
    const from = Date.now()
    await lab.tried(await lab.send(['x@far.example']))
    const took = Date.now() - from
    const grown = process.memoryUsage().heapUsed - before
    assert.ok(took < 1500, `${took} ms`)
    assert.ok(grown < 150_000_000, `${grown} octets`)
  },
)

test('QU-13 a relay that is paused sends nothing, and everything when it goes on', async () => {
  await using lab = await Lab.open({ settings: { 'mailRelay.paused': true } })
  const far = await lab.host()
  lab.domain('far.example', far)
  const keys = [await lab.send(['x@far.example']), await lab.send(['y@far.example'])]
  await sleep(100)
  assert.equal(far.connections, 0)
  await lab.set({ 'mailRelay.paused': false })
  for (const key of keys) assert.deepEqual(await lab.fates(key), ['delivered 250'])
})
