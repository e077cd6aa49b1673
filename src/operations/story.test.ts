// The story of a delivery as people read it.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import type { TraceEvent } from '#/storage/store.ts'
import { tell } from './story.ts'

const plain = { client: null, from: '<ann@us.example>', to: ['bob@far.example'], subject: null, messageId: null }
const event = (step: string, detail: TraceEvent['detail']): TraceEvent => ({
  ref: 'KEY',
  at: 5,
  step,
  ...plain,
  detail,
})
const attempt = { attempt: 2, route: 'mx', because: 'the default routes', host: 'mx.far.example [192.0.2.1]:25' }

const told: readonly (readonly [step: string, detail: TraceEvent['detail'], lines: readonly string[]])[] = [
  [
    'delivered',
    { ...attempt, tls: 'TLSv1.3 X', reply: '250 2.0.0 taken', tried: ['mx1: 451 no answer'] },
    [
      'by mx.far.example [192.0.2.1]:25 over TLSv1.3 X; it said: 250 2.0.0 taken',
      'attempt 2, through the mail exchanger of the domain (the default routes)',
      'before: mx1: 451 no answer',
    ],
  ],
  ['delivered', { ...attempt, reply: '250 ok' }, ['by mx.far.example [192.0.2.1]:25 without TLS; it said: 250 ok']],
  [
    'deferred',
    { ...attempt, route: 'alternate:smart', ours: true, reply: '451 4.4.1 refuses connections', nextAttemptAt: 7 },
    [
      'at mx.far.example [192.0.2.1]:25: 451 4.4.1 refuses connections',
      'attempt 2, through the alternate server smart (the default routes)',
      'next attempt: T7',
    ],
  ],
  [
    'failed',
    { ...attempt, host: undefined, reply: '550-5.1.2 no\r\n550 5.1.2 such name' },
    ['550-5.1.2 no / 550 5.1.2 such name'],
  ],
  ['held', { by: 'command line', why: 'asks Bob' }, ['by: command line', 'why: asks Bob']],
  ['sent', { queuedFor: ['a@b', 'c@d'], laterAt: 9 }, ['queued for: a@b, c@d', 'not before: T9']],
]

test('the story of a delivery is told in words', () => {
  for (const [step, detail, lines] of told) {
    const text = tell([event(step, detail)], (at) => `T${at}`)
    for (const line of lines) assert.ok(text.split('\n').includes(`    ${line}`), `${line}\n in\n${text}`)
  }
  assert.match(
    tell([event('deferred', attempt)], String),
    /^5 {2}not delivered yet from <ann@us\.example>, to bob@far\.example {2}\[KEY\]/,
  )
})
