// Steps of the trace as the first page shows them.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import type { TraceEvent } from '#/storage/store.ts'
import { activityOf } from './activity.ts'

const event = (step: string, detail: TraceEvent['detail'], to: readonly string[] = ['ann@x.example']): TraceEvent => {
  const who = { client: '192.0.2.1', from: 'bob@far.example', to, subject: null, messageId: null }
  return { ref: 'r', at: 1, step, ...who, detail }
}

const table: readonly (readonly [TraceEvent, code: string, state: string, values: object])[] = [
  [event('received', { storedIn: ['ann'], sizeBytes: 9 }), 'stored', 'ok', { to: 'ann', sizeBytes: 9 }],
  [event('received', { queuedFor: ['x'] }), 'queued', 'ok', { to: 'ann@x.example' }],
  [event('received', { queuedFor: ['x'], storedIn: ['ann'] }), 'stored-and-queued', 'ok', {}],
  [event('refused', { reply: '550 5.7.1 no' }), 'refused', 'off', { reply: '550 5.7.1 no', client: '192.0.2.1' }],
  [event('refused', { more: 7 }), 'refused-more', 'off', { more: 7 }],
  [
    event('deferred', { reply: '451-4.7.1 a\r\n451 4.7.1 b', nextAttemptAt: 5 }),
    'deferred',
    'wait',
    { reply: '451-4.7.1 a / 451 4.7.1 b', nextAttemptAt: 5 },
  ],
  [event('failed', { reply: '550 no' }, ['a@b', 'c@d', 'e@f']), 'failed', 'problem', { to: 'a@b', others: 2 }],
  [event('read', { messages: 3 }), 'read', 'ok', { messages: 3 }],
  [event('edited', {}), 'by-hand', 'off', { step: 'edited' }],
  [event('something-new', { messages: ['odd'] }), 'other', 'off', { step: 'something-new' }],
]

for (const [given, code, state, values] of table)
  test(`${given.step}: ${code}`, () => {
    const shown = activityOf(given)
    assert.deepEqual([shown.code, shown.state], [code, state])
    assert.partialDeepStrictEqual(shown.values, values)
    for (const value of Object.values(shown.values)) assert.ok(['string', 'number'].includes(typeof value))
  })
