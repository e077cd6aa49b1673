// The conversation without a socket: a scripted world answers what the session asks.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { reply, type Reply } from '#/message/reply.ts'
import { defaultSettings } from '#/config/settings.ts'
import type { Verdict } from '#/intake/types.ts'
import type { Line } from '#/wire/session.ts'
import { said } from './replies.ts'
import { factsOf, newState, smtpSession } from './session.ts'
import type { Effect, State } from './state.ts'

const settings = {
  ...defaultSettings,
  mailServer: { ...defaultSettings.mailServer, hardErrorsMax: 1000, junkCommandsMax: 1000 },
}
const facts = factsOf({ hostname: 'mx.example.org', identity: null, settingsNow: () => settings })

/** Anybody at example.org is here; a message from bad@ is refused at its end; broken@ finds a bug of ours. */
function answer(effect: Effect): unknown {
  if (effect.do === 'talksEarly') return false
  if (effect.do === 'judgeSender') return reply(250, '2.1.0', 'Fine')
  if (effect.do === 'judgeRecipient') return verdict(effect.recipient.address)
  if (effect.do !== 'receive') return undefined
  const bad = effect.envelope.from?.local === 'bad'
  return { is: 'done', reply: bad ? reply(550, '5.7.1', 'No') : reply(250, '2.0.0', 'Stored') }
}

function verdict({ local, domain }: { local: string; domain: string }): Verdict {
  if (local === 'broken') throw new Error('a bug')
  if (domain !== 'example.org') return { accept: false, reply: reply(550, '5.7.1', 'Relaying denied') }
  return {
    accept: true,
    reply: reply(250, '2.1.5', 'Fine'),
    route: { mailboxes: [1], outside: [], allowedBy: 'local' },
  }
}

type Talk = { readonly state: State; readonly say: (line: string | Line) => string[] }

/** Says one line and returns the replies that came before the next line is read. */
function talk(): Talk {
  const state = newState(facts, {
    address: '192.0.2.1',
    listener: 'smtp',
    ehlo: null,
    protocol: 'SMTP',
    tls: null,
    user: null,
    userName: null,
  })
  const session = smtpSession(state)
  const advance = (first: unknown): string[] => {
    const replies: string[] = []
    for (let step = session.next(first); !step.done;) {
      const effect = step.value
      if (effect.do === 'readLine') break
      if (effect.do === 'write') replies.push(effect.text)
      let result: unknown
      try {
        result = answer(effect)
      } catch (error) {
        step = session.throw(error)
        continue
      }
      step = session.next(result)
    }
    return replies
  }
  advance(undefined)
  return { state, say: (line) => advance(typeof line === 'string' ? { is: 'line', text: line } : line) }
}

const code = (replies: string[]): string => replies.map((text) => text.slice(0, 9).trimEnd()).join(' | ')

const inTransaction: readonly [line: string, wanted: string][] = [
  ['MAIL FROM:<a@b.example>', '503 5.5.1'],
  ['RCPT TO:<ann@example.org> NOTIFY=SUCCESS,DELAY ORCPT=x400;ann@example.org', '250 2.1.5'],
  ['RCPT TO:<ann@example.org> NOTIFY=NEVER,SUCCESS', '501 5.5.4'],
  ['RCPT TO:<ann@example.org> ORCPT=x400;a+GG', '501 5.5.4'],
  ['RCPT TO:<ann@example.org> FOO', '555 5.5.4'],
  ['RCPT TO:<\xc3\xa4@example.org>', '553 5.6.7'],
  ['RCPT TO:<\xff@example.org>', '501 5.1.3'],
  ['RCPT TO:<"">', '501 5.1.3'],
  ['RCPT TO:<ann@example.org', '501 5.1.3'],
  ['RCPT ann@example.org', '501 5.5.4'],
  ['rcpt to:<POSTMASTER>\t ', '550 5.7.1'], // at mx.example.org, which this world does not know
  ['RCPT TO:<broken@example.org>', '451 4.3.0'],
  ['RCPT TO:<x@[192.0.2.1]>', '550 5.7.1'],
  ['AUTH PLAIN AGEAYg==', '503 5.5.1'],
  ['BDAT 0 LAST', '502 5.5.1'],
  ['STARTTLS', '454 4.7.0'],
  ['QUIT now', '501 5.5.4'],
  ['RSET now', '501 5.5.4'],
]
for (const [line, wanted] of inTransaction) {
  test(`IN-07, IN-08, IN-12, IN-16: inside a transaction ${JSON.stringify(line)} gets ${wanted}`, () => {
    const { say } = talk()
    say('EHLO client.example')
    say('MAIL FROM:<a@client.example>')
    assert.equal(code(say(line)), wanted)
    assert.equal(code(say('RCPT TO:<ann@example.org>')), '250 2.1.5') // and nothing was lost
  })
}

const mailParameters: readonly [parameters: string, wanted: string][] = [
  ['SIZE=', '501 5.5.4'],
  ['SIZE=-1', '501 5.5.4'],
  ['SIZE=+5', '501 5.5.4'],
  ['SIZE=0x10', '501 5.5.4'],
  ['SIZE=1e3', '501 5.5.4'],
  ['SIZE=100000000000000000000000', '501 5.5.4'],
  ['SIZE=1 SIZE=1', '501 5.5.4'],
  ['size=12', '250 2.1.0'],
  ['BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+2Bb', '250 2.1.0'],
  ['BODY=BINARYMIME', '501 5.5.4'],
  ['ENVID=a+0D+0A', '501 5.5.4'],
  ['ENVID=+GG', '501 5.5.4'],
  ['X=1', '555 5.5.4'],
]
for (const [parameters, wanted] of mailParameters) {
  test(`CMD-10, CMD-11, CMD-12: MAIL with ${parameters} gets ${wanted}`, () => {
    const { say } = talk()
    say('EHLO client.example')
    assert.equal(code(say(`MAIL FROM:<a@client.example> ${parameters}`)), wanted)
  })
}

for (const name of ['', ' ', '(x', 'a b', '"x"', '=?utf-8?q?x?=', '\x07', '\xe4', 'a'.repeat(256)]) {
  test(`CMD-17: EHLO ${JSON.stringify(name.slice(0, 20))} is refused`, () => {
    assert.equal(code(talk().say(`EHLO ${name}`)), '501 5.5.4')
  })
}

test('IN-14: every reply carries a status of its class and a sentence', () => {
  for (const { code, status, lines } of Object.values<Reply>(said)) {
    assert.equal(status === null, code === 354)
    if (code >= 400) assert.ok(lines.join(' ').includes(' '), String(code))
  }
})

test('CMD-08, CMD-09: after too many errors each reply waits', () => {
  const session = smtpSession(newState(facts, { ...talk().state.client }))
  const effects: string[] = []
  let line: Line = { is: 'line', text: 'WIZ' }
  for (let step = session.next(), lines = 0; !step.done && lines < 14;) {
    if (step.value.do === 'readLine') lines++
    if (step.value.do === 'pause') effects.push(`pause behind line ${lines}`)
    step = session.next(step.value.do === 'readLine' ? line : answer(step.value))
    line = { is: 'line', text: 'WIZ' }
  }
  assert.equal(effects[0], 'pause behind line 11')
})

test('XP-05: no reply repeats what the client said', () => {
  const { say } = talk()
  const mark = 'zqzq'
  for (const line of [
    `EHLO ${mark}`,
    mark,
    `MAIL FROM:<${mark}@x.example>`,
    `RCPT TO:<${mark}@x.example>`,
    `VRFY ${mark}`,
    `NOOP ${mark}`,
  ])
    assert.ok(!say(line).join('').includes(mark), line)
})

// A model of what a client may see: which transaction is open, who was accepted.
const lines = [
  'EHLO client.example',
  'HELO client.example',
  'MAIL FROM:<a@client.example>',
  'MAIL FROM:<bad@client.example>',
  'RCPT TO:<ann@example.org>',
  'RCPT TO:<x@other.example>',
  'RCPT TO:<broken@example.org>',
  'DATA',
  'RSET',
  'NOOP',
  'VRFY ann',
  'WIZ',
] as const
type Model = { hello: boolean; from: string | null; accepted: number; refused: number }

function step(model: Model, line: string): string {
  const clear = (): void => void Object.assign(model, { from: null, accepted: 0, refused: 0 })
  if (/^(EHLO|HELO)/.test(line)) return (clear(), (model.hello = true), '250')
  if (line === 'RSET') return (clear(), '250')
  if (line === 'NOOP') return '250'
  if (line === 'WIZ') return '500'
  if (line.startsWith('VRFY')) return '252'
  if (line.startsWith('MAIL')) {
    if (!model.hello || model.from !== null) return '503'
    return ((model.from = line.slice(11, -1)), '250')
  }
  if (line.startsWith('RCPT')) return model.from === null ? '503' : recipient(model, line)
  if (model.from === null) return '503'
  const { from, accepted, refused } = model
  if (accepted === 0 && refused === 0) return '503'
  clear()
  if (accepted === 0) return '554'
  return from.startsWith('bad') ? '354 550' : '354 250'
}

function recipient(model: Model, line: string): string {
  if (line.includes('broken')) return '451'
  return line.includes('ann') ? (model.accepted++, '250') : (model.refused++, '550')
}

test('CMD-04..07, IN-08: whatever came before, a session behaves as the model says, and after a message all is clear', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...lines), { maxLength: 40, size: 'max' }), (script) => {
      const { state, say } = talk()
      const model: Model = { hello: false, from: null, accepted: 0, refused: 0 }
      for (const line of script) {
        const wanted = step(model, line)
        const got = say(line)
          .map((text) => text.slice(0, 3))
          .join(' ')
        assert.equal(got, wanted, line)
        assert.equal(state.from === undefined, model.from === null)
        assert.equal(state.accepted.length, model.accepted)
      }
    }),
    { numRuns: 500 },
  )
})

test('AD-06, IN-18: a stranger may write one bare name only, the postmaster', () => {
  const { say } = talk()
  say('EHLO client.example')
  say('MAIL FROM:<a@client.example>')
  assert.equal(code(say('RCPT TO:<ann>')), '501 5.1.3')
  assert.notEqual(code(say('RCPT TO:<Postmaster>')), '501 5.1.3')
})
