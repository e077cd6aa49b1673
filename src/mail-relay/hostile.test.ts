// Whatever a host answers: the session never throws, each recipient has one outcome, and nobody is done whose message was
// not sent and answered by a yes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseAddress } from '#/message/address.ts'
import { noMailParameters, noRcptParameters } from '#/message/envelope.ts'
import type { Line } from '#/wire/session.ts'
import { plan } from './session-test-rig.ts'
import { clientSession } from './session.ts'
import type { ClientEffect, Mail } from './session-types.ts'

const bob = parseAddress('bob@far.example')
assert.ok(bob.ok)
const recipient = { address: bob.value, parameters: noRcptParameters }
const mail: Mail = {
  from: null,
  parameters: noMailParameters,
  recipients: [recipient, recipient, recipient],
  needs: { eightBit: false, smtputf8: false },
  sizeBytes: 4,
  chunks: () => [Buffer.from('x\r\n')],
}

const usual = fc.constantFrom('250 ok', '250 ok', '250 ok', '354 go', '550 no', '450 later', '552 5.5.3 many', '220 hi')
const odd = fc.constantFrom(
  '421 bye',
  '250-x',
  '250-PIPELINING',
  '250-STARTTLS',
  '250-SIZE 2',
  'x',
  '',
  '999 x',
  '334 ',
)
const line = fc.oneof({ weight: 8, arbitrary: usual }, { weight: 1, arbitrary: odd })
const answers: fc.Arbitrary<readonly Line[]> = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: line.map((text): Line => ({ is: 'line', text })) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Line>({ is: 'closed' }, { is: 'timeout' }, { is: 'endless' }, { is: 'too-long' }),
    },
  ),
  { maxLength: 40 },
)
const script = fc.record({
  pipelining: fc.boolean(),
  answers,
  early: fc.array(fc.boolean(), { maxLength: 3 }),
  sent: fc.constantFrom('sent', 'sent', 'sent', 'answered', 'closed', 'timeout'),
})

function play(host: { pipelining: boolean; answers: readonly Line[]; early: boolean[]; sent: string }): void {
  const lines: Line[] = [
    { is: 'line', text: '220 hi' },
    { is: 'line', text: host.pipelining ? '250-x' : '250 x' },
  ]
  if (host.pipelining) lines.push({ is: 'line', text: '250 PIPELINING' })
  lines.push(...host.answers)
  let [mails, whole, lastRead] = [0, false, '']
  const answer = (effect: ClientEffect): unknown => {
    if (effect.do === 'readLine') {
      const next = lines.shift() ?? { is: 'closed' }
      lastRead = next.is === 'line' ? next.text : ''
      return next
    }
    if (effect.do === 'talksEarly') return host.early.shift() ?? false
    if (effect.do === 'nextMail') return mails++ < 3 ? ((whole = false), mail) : null
    if (effect.do === 'startClientTls') return { ok: false, why: 'no' }
    if (effect.do === 'sendBody') {
      whole = host.sent === 'sent'
      if (whole) assert.equal(Array.from(effect.chunks as Iterable<Uint8Array>).length, 2) // content and end
      return host.sent
    }
    if (effect.do !== 'mailDone') return 0
    const { outcomes } = effect.result
    assert.equal(outcomes.length, 3)
    for (const { reply, uncertain, stage } of outcomes) {
      if (reply.code < 300) assert.ok(whole && stage === 'dot' && lastRead.startsWith('2'))
      if (uncertain) assert.ok(whole && reply.code === 451)
    }
    return undefined
  }
  const session = clientSession(plan)
  let step = session.next()
  while (!step.done) step = session.next(answer(step.value))
}

test('OUT-04, OUT-08: no sequence of answers throws, loses a recipient, or makes one done that is not', () => {
  fc.assert(fc.property(script, play), { numRuns: 3000 })
})
