// Whatever a server answers: the session never throws, answers each order once and in its order, has an end, and says no
// secret where it must not.
import assert from 'node:assert/strict'
import { pbkdf2Sync } from 'node:crypto'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { ClientWireEffect, Line, WireEffect } from '#/wire/session.ts'
import { plan } from './session-test-rig.ts'
import { clientSession } from './session.ts'
import type { Order, OrderAnswer, OwnEffect, SessionEnd, SessionPlan } from './session-types.ts'

const usual = fc.constantFrom('+OK', '+OK', '+OK 2 messages', '-ERR no', '.', '1 a', '2 77', '+ eA==')
const odd = fc.oneof(
  fc.constantFrom('PIPELINING', 'STLS', 'SASL PLAIN XOAUTH2 SCRAM-SHA-256 LOGIN', 'EXPIRE 0 USER', '+', '', '..'),
  fc.constantFrom('-ERR [IN-USE] x', '-ERR [', '-ERR [AUTH/', '+OK <a@b>', '220 hi', '0 0', '9999999999 1', '1'),
  fc.string({ unit: 'binary-ascii', maxLength: 20 }),
)
const line: fc.Arbitrary<Line> = fc.oneof(
  { weight: 20, arbitrary: usual.map((text): Line => ({ is: 'line', text })) },
  { weight: 5, arbitrary: odd.map((text): Line => ({ is: 'line', text })) },
  { weight: 1, arbitrary: fc.constantFrom<Line>({ is: 'closed' }, { is: 'timeout' }, { is: 'endless' }, { is: 'too-long' }) }, // prettier-ignore
)
const capabilities = fc.constantFrom(
  ['-ERR'],
  ['+OK', '.'],
  ['+OK', 'PIPELINING', '.'],
  ['+OK', 'SASL PLAIN SCRAM-SHA-256 XOAUTH2', '.'],
)
const sink = { write: (): undefined => undefined }
const facts = { sizeBytes: 1, strayLineEnds: false, nul: false, eightBit: false }
const given: fc.Arbitrary<Order> = fc.constantFrom<Order>(
  { verb: 'LIST' },
  { verb: 'NOOP' },
  { verb: 'DELE', number: 1 },
  { verb: 'RETR', number: 2, sink, bytesMax: 9 },
  { verb: 'TOP', number: 1, sink, bytesMax: 9 },
)
const script = fc.record({
  tls: fc.constantFrom<SessionPlan['tls'][]>('none', 'opportunistic', 'required'),
  proved: fc.boolean(),
  allowed: fc.boolean(),
  token: fc.boolean(),
  opening: capabilities,
  lines: fc.array(line, { maxLength: 40 }),
  orders: fc.array(given, { maxLength: 12 }),
})
type Server = typeof script extends fc.Arbitrary<infer T> ? T : never

class Stage {
  readonly answers: OrderAnswer[] = []
  readonly sent: Order[] = []
  said = ''
  tls = false
  nowMs = 0
  tickMs = 0 // between two lines
  readonly #server: Server
  readonly #lines: Line[]
  readonly #orders: Order[]

  constructor(server: Server) {
    this.#server = server
    const opening = ['+OK', ...server.opening].map((text): Line => ({ is: 'line', text }))
    this.#lines = [...opening, ...server.lines]
    this.#orders = [...server.orders, { verb: 'QUIT' }]
  }

  answer(effect: OwnEffect | WireEffect | ClientWireEffect): unknown {
    switch (effect.do) {
      case 'write':
        return void (this.said += effect.text)
      case 'readLine':
        return effect.timeoutMs > 0 ? (this.#lines.shift() ?? { is: 'closed' }) : { is: 'timeout' }
      case 'now':
        return (this.nowMs += this.tickMs)
      case 'startClientTls': {
        this.tls = true
        return { ok: true, version: '', cipher: '', verified: this.#server.proved, why: 'x' }
      }
      case 'deriveKey':
        return pbkdf2Sync('x', 'y', 1, effect.of.keyBytes, effect.of.hash)
      case 'nextOrder': {
        const order = this.#orders.shift()
        if (order) this.sent.push(order)
        return order ?? null
      }
      case 'answer':
        return this.answers.push(effect.answer)
      case 'receive':
        return { is: 'whole', facts }
      case 'close':
      case 'pause':
      case 'ready':
      case 'sendBody':
      case 'startTls':
      case 'stream':
      case 'talksEarly':
        return undefined
    }
  }
}

function run(stage: Stage, its: SessionPlan): SessionEnd {
  const session = clientSession(its)
  let step = session.next()
  for (let steps = 0; !step.done; steps++) {
    assert.ok(steps < 20_000)
    step = session.next(stage.answer(step.value))
  }
  return step.value
}

function play(server: Server): void {
  const { tls, allowed, token, proved } = server
  const credentials = token ? { user: 'ann', accessToken: 'hushhush' } : plan.credentials
  const stage = new Stage(server)
  const end = run(stage, { ...plan, tls, plainAuthAllowed: allowed, credentials })
  const { answers, sent, said } = stage
  assert.ok(answers.length <= sent.length)
  for (const [i, answer] of answers.entries()) {
    assert.ok(answer.is !== 'whole' || 'sink' in sent[i]!)
    assert.ok(answer.is !== 'listed' || sent[i]!.verb === 'LIST')
    assert.ok(answer.is !== 'broken' || i === answers.length - 1)
  }
  if (end === null) assert.deepEqual([answers.length, sent.at(-1)?.verb], [sent.length, 'QUIT'])
  else assert.match(end.words, /^[ -~]{10,500}$/)
  if (tls === 'required' && !stage.tls) assert.doesNotMatch(said, /USER|PASS|AUTH|APOP/)
  if (!allowed && !(stage.tls && proved)) assert.doesNotMatch(said, /PASS|AUTH (?:PLAIN|LOGIN|XOAUTH2)/)
}

test('P3C-02, P3C-03, P3C-08, P3C-13: whatever a server answers, each order has one fate and no secret goes astray', () => {
  fc.assert(fc.property(script, play), { numRuns: 5000 })
})

for (const [title, tickMs, is] of [
  ['drips', 200, 'broken'],
  ['is slow', 0.9, 'listed'],
] as const)
  test(`P3C-01: a listing that ${title} ends as ${is}: a thousand lines must come within the time for one reply`, () => {
    const entries = Array.from({ length: 2500 }, (_, i) => `${i + 1} 1`)
    const lines = ['+OK', '+OK', '+OK', ...entries, '.', '-ERR'].map((text): Line => ({ is: 'line', text }))
    const orders: Order[] = [{ verb: 'LIST' }]
    const server = {
      tls: 'none',
      proved: false,
      allowed: true,
      token: false,
      opening: ['-ERR'],
      lines,
      orders,
    } as const
    const stage = new Stage({ ...server, opening: [...server.opening] })
    stage.tickMs = tickMs
    run(stage, { ...plan, messagesListedMax: 10_000 })
    assert.equal(stage.answers[0]?.is, is)
  })
