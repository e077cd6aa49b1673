// Each fate of a message as a story: what happened, in codes that have words, with the exact reply.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import type { TraceEvent } from '#/storage/store.ts'
import { fatesOf, rowState, summary } from './story-fates.ts'
import { exact } from './story-step.ts'
import { mentioned, stepsOf } from './story-steps.ts'
import { viewOf } from './story-view.ts'
import { sentenceOf, storyWords, type Said } from './story-words.ts'

const plain = { client: null, from: '<ann@us.example>', to: [], subject: null, messageId: null }
const event = (step: string, detail: TraceEvent['detail'], more: Partial<TraceEvent> = {}): TraceEvent => ({
  ref: 'KEY',
  at: 1000,
  step,
  ...plain,
  detail,
  ...more,
})
const words = (said: Said): string =>
  sentenceOf(said, storyWords, { time: (at) => `T${at}`, span: (ms) => `${ms} ms`, size: (bytes) => `${bytes} B` })
const toBob = { to: ['bob@far.example'] }
const handedIn = event(
  'received',
  { user: 'ann', tls: 'TLSv1.3 X', sizeBytes: 9, queuedFor: ['bob@far.example'], reply: '250 2.0.0 Queued as KEY' },
  { ...toBob, client: '192.0.2.1' },
)
const attempt = {
  attempt: 1,
  route: 'mx',
  because: 'the default routes',
  host: 'mx.far.example [192.0.2.9]:25',
  tls: 'TLSv1.3 X',
}
const deferred = event(
  'deferred',
  { ...attempt, reply: '451 4.7.1 Greylisted', nextAttemptAt: 9000 },
  { ...toBob, at: 2000 },
)
const delivered = event('delivered', { ...attempt, attempt: 2, reply: '250 2.0.0 taken' }, { ...toBob, at: 5000 })
const failed = event('failed', { ...attempt, reply: '550 5.1.1 no such user' }, { ...toBob, at: 2000 })

const stories: readonly {
  name: string
  events: readonly TraceEvent[]
  heads: readonly string[]
  shapes: string
  row: string
  sum: string
}[] = [
  {
    name: 'delivered on the second try',
    events: [handedIn, deferred, delivered],
    heads: ['Handed in to Mail Server', 'Try 1: Mail Exchanger asked us to wait', 'Delivered for bob@far.example'],
    shapes: 'ok wait ok',
    row: 'Delivered on try 2',
    sum: 'bob@far.example got it after 4000 ms, on try 2.',
  },
  {
    name: 'waiting',
    events: [handedIn, deferred],
    heads: ['Handed in to Mail Server', 'Try 1: Mail Exchanger asked us to wait'],
    shapes: 'ok wait',
    row: 'Tries: 1, next T9000',
    sum: 'bob@far.example does not have it yet. Tries so far: 1; the next one: T9000.',
  },
  {
    name: 'failed',
    events: [handedIn, failed],
    heads: ['Handed in to Mail Server', 'Failed for bob@far.example'],
    shapes: 'ok problem',
    row: 'Not delivered',
    sum: 'bob@far.example did not get it.',
  },
  {
    name: 'held by hand, then dropped',
    events: [
      handedIn,
      event('held', { by: 'mara', why: 'asks Bob' }, { ...toBob, at: 1500 }),
      event('dropped', { by: 'mara' }, { ...toBob, at: 1600 }),
    ],
    heads: ['Handed in to Mail Server', 'Held', 'Dropped by mara'],
    shapes: 'ok held off',
    row: 'Dropped by hand',
    sum: 'bob@far.example did not get it: it was dropped.',
  },
  {
    name: 'stored here, one mailbox full',
    events: [
      event(
        'received',
        { ehlo: 'far.example', storedIn: ['info'], full: ['old'], reply: '250 Stored' },
        { client: '192.0.2.1' },
      ),
    ],
    heads: ['Taken by Mail Server', 'Stored in mailbox info', 'Not stored in mailbox old'],
    shapes: 'ok ok problem',
    row: 'Stored in info',
    sum: 'Mailbox info has it.',
  },
  {
    name: 'discarded',
    events: [event('received', { discardedFor: ['x@us.example'], reply: '250 Stored' }, { client: '192.0.2.1' })],
    heads: ['Taken by Mail Server', 'Thrown away'],
    shapes: 'ok off',
    row: 'Thrown away',
    sum: '',
  },
  {
    name: 'collected',
    events: [
      event(
        'collected',
        { account: 'isp', host: 'pop.example', uid: 'u1', storedIn: ['ann'], sizeBytes: 5 },
        { client: '192.0.2.7' },
      ),
    ],
    heads: ['Collected from pop.example', 'Stored in mailbox ann'],
    shapes: 'ok ok',
    row: 'Stored in ann',
    sum: 'Mailbox ann has it.',
  },
  {
    name: 'collected, and nobody here is named',
    events: [
      event('collected', {
        account: 'isp',
        host: 'pop.example',
        uid: 'u1',
        storedIn: ['ann'],
        unmatched: 'no Delivered-To',
      }),
    ],
    heads: ['Collected from pop.example', 'Stored in mailbox ann'],
    shapes: 'ok ok',
    row: 'Stored in ann',
    sum: 'Mailbox ann has it.',
  },
  {
    name: 'sent later from here',
    events: [event('sent', { by: 'command line', queuedFor: ['bob@far.example'], laterAt: 8000 })],
    heads: ['Written here'],
    shapes: 'ok',
    row: 'Waits, next T1000',
    sum: 'bob@far.example does not have it yet. The first try: T1000.',
  },
  {
    name: 'refused',
    events: [
      event('refused', { reply: '550 5.1.1 There is no mailbox of this name here' }, { ...toBob, client: '192.0.2.1' }),
    ],
    heads: ['Refused for bob@far.example'],
    shapes: 'off',
    row: 'There is no such address here.',
    sum: 'It was refused: nothing of it is here.',
  },
  {
    name: 'cut off, then stopped until somebody mends it',
    events: [
      handedIn,
      event('interrupted', { attempt: 1 }, { ...toBob, at: 1500 }),
      event(
        'deferred',
        { ...attempt, attempt: 2, waitsFor: 'smart refuses the account: 535 no', nextAttemptAt: 9000 },
        { ...toBob, at: 2000 },
      ),
    ],
    heads: ['Handed in to Mail Server', 'Try 1 was cut off', 'Try 2: stopped, somebody must mend this'],
    shapes: 'ok problem problem',
    row: 'Tries: 2, next T9000',
    sum: 'bob@far.example does not have it yet. Tries so far: 2; the next one: T9000.',
  },
  {
    name: 'sent back by hand',
    events: [handedIn, event('bounced', { by: 'mara' }, { ...toBob, at: 1500 })],
    heads: ['Handed in to Mail Server', 'Sent back by mara'],
    shapes: 'ok problem',
    row: 'Not delivered',
    sum: 'bob@far.example did not get it.',
  },
]

for (const { name, events, heads, shapes, row, sum } of stories)
  test(`the story of a message that was ${name}`, () => {
    const steps = stepsOf(events)
    assert.deepEqual(
      steps.map(({ head }) => words(head)),
      heads,
    )
    assert.equal(steps.map(({ shape }) => shape).join(' '), shapes)
    assert.equal(words(rowState(events).state), row)
    assert.equal(summary(events, fatesOf(events), []).map(words).join(' '), sum)
    for (const { why } of steps) for (const one of why) assert.doesNotMatch(words(one), /[{}]|undefined|NaN/)
  })

test('each reason for a refusal has its words, from the exact reply', () => {
  for (const [reply, why] of [
    [
      '550 5.7.1 Relaying denied: 192.0.2.1 is not on the list of clients',
      '192.0.2.1 is not on the access list, and nobody signed in.',
    ],
    [
      '550 5.7.1 Relaying denied: this server does not forward mail to other servers',
      'This server forwards no mail to other servers.',
    ],
    ['452 4.2.2 The mailbox is full', 'The mailbox is full.'],
    ['530 5.7.0 Authentication required', 'Nobody signed in.'],
    ['552 5.3.4 The message is larger', 'It is too large.'],
    ['554 5.4.6 The message has passed too many servers', 'It has passed too many servers: it seems to loop.'],
    ['550 5.5.2 The message holds a bare CR', 'It is not written as mail must be.'],
    ['452 4.3.1 short of space', 'This server could take no mail at that moment.'],
    ['451 4.7.1 could not be looked up', 'They were asked to come again.'],
    ['599 whatever', 'The reply says why.'],
  ] as const) {
    const [step] = stepsOf([event('refused', { reply }, { client: '192.0.2.1' })])
    assert.equal(words(step!.why[0]!), why)
  }
})

test('HDR-08 replies are shown word for word, and nothing in them moves a cursor or turns a line', () => {
  assert.equal(exact('550-first\r\n550 \u001b[2Jsecond\u202e\u0000'), '550-first\n550 \\x1b[2Jsecond\\u202e\\x00')
})

test('notices, reading and deleting are told in the story of the message, and lead to their own', () => {
  const of = (step: string, detail: TraceEvent['detail'], to: string[]) => event(step, detail, { ref: 'OTHER', to })
  for (const [other, told] of [
    [
      of('notified', { about: 'KEY', kind: 'failed', recipients: ['bob@far.example'] }, ['ann@us.example']),
      'The sender was told that it failed',
    ],
    [
      of('notified', { about: 'KEY', kind: 'delayed', recipients: [] }, ['ann@us.example']),
      'The sender was told that it waits',
    ],
    [
      of('notice-waits', { about: 'KEY', kind: 'delivered', recipients: [] }, ['bob@far.example']),
      'The sender asked to be told',
    ],
    [
      of('notice-withheld', { about: 'KEY', kind: 'delivered', spf: 'fail' }, ['bob@far.example']),
      'The sender was not told',
    ],
    [of('notice-withheld', { about: 'X', kind: 'delivered', spf: 'fail' }, ['bob@far.example']), null],
    [of('read', { messages: 2, stored: ['KEY', 'X'] }, ['info']), 'Read by POP3 from mailbox info'],
    [of('deleted', { stored: ['KEY'] }, ['info']), 'Deleted by POP3 from mailbox info'],
    [of('read', { messages: 1, stored: ['X'] }, ['info']), null],
    [of('notified', { about: 'X', kind: 'failed', recipients: [] }, ['a@b']), null],
  ] as const) {
    const step = mentioned(other, 'KEY')
    assert.equal(step && words(step.head), told)
    assert.equal(step?.link ?? null, told === null ? null : 'OTHER')
  }
})

test('LP-05: an away notice, and why there was none, is told at the message and to the owner', () => {
  const answered = event('away-answered', { mailbox: 'ann', sender: 'bob@far.example', notice: 'OTHER', waitsFor: 'x' })
  const quiet = event('away-quiet', { mailbox: 'ann', why: 'list' })
  const notice = event('notice-waits', { about: 'OTHER', kind: 'away', recipients: ['ann@us.example'] }, toBob)
  const [told, not, own] = stepsOf([answered, quiet, notice])
  assert.deepEqual([words(told!.head), told!.link], ['Away notice for bob@far.example, from mailbox ann', 'OTHER'])
  assert.equal(told!.why.length, 2)
  assert.deepEqual([not!.head, ...not!.why].map(words), [
    'No away notice from mailbox ann',
    'It comes from a mailing list.',
  ])
  assert.deepEqual(own!.why.map(words), ['It tells bob@far.example that the owner of ann@us.example is away.'])
  assert.equal(mentioned({ ...notice, ref: 'N' }, 'OTHER'), null)
  const received = event('received', { storedIn: ['ann', 'carl'] }, { to: ['team@us.example'] })
  const seenBy = (mailbox: string): string[] =>
    viewOf([received, quiet], { mailbox, leadsHere: () => false }).map(({ step }) => step)
  assert.deepEqual([seenBy('ann'), seenBy('carl')], [['received', 'away-quiet'], ['received']])
})

for (const [spf, why] of [
  ['fail', 'far.example says that 192.0.2.1 may not send for it (SPF: fail).'],
  ['softfail', 'far.example says that 192.0.2.1 should not send for it (SPF: softfail).'],
  ['neutral', 'far.example does not say whether 192.0.2.1 may send for it (SPF: neutral).'],
  ['none', 'far.example has no SPF record: anybody may have named this sender (SPF: none).'],
  ['temperror', 'DNS has not said for long enough whether 192.0.2.1 may send for far.example (SPF: temperror).'],
  ['permerror', 'The SPF record of far.example is wrong: x (SPF: permerror).'],
] as const)
  test(`DS-13: a notice that is withheld says why in words: ${spf}`, () => {
    const values = { about: 'OTHER', spf, client: '192.0.2.1', domain: 'far.example', because: 'x' }
    const events = [
      event('notice-waits', { about: 'OTHER', queuedFor: ['bob@far.example'], recipients: ['ann@us.example'] }, toBob),
      event('notice-withheld', values, toBob),
    ]
    const [waits, not] = stepsOf(events)
    assert.equal(words(waits!.head), 'The sender asked to be told')
    assert.deepEqual(not!.why.map(words), [why, 'Whoever reads mail for bob@far.example may have written nothing.'])
    assert.equal(words(rowState(events).state), 'Not mailed: the sender may be forged')
    assert.deepEqual(summary(events, fatesOf(events), []).map(words), [
      'bob@far.example did not get it: it was dropped.',
    ])
  })

test('an owner sees their part of a story: not who else got it, and nothing of what they had no part in', () => {
  const viewer = (mailbox: string) => ({ mailbox, leadsHere: (address: string) => address === `${mailbox}@us.example` })
  const events = [
    event(
      'received',
      { storedIn: ['bea', 'cal'], queuedFor: ['bob@far.example'], rules: ['access rule 3'], reply: '250 Stored' },
      { to: ['bea@us.example', 'cal@us.example', 'bob@far.example'] },
    ),
    delivered,
  ]
  assert.deepEqual(viewOf(events, viewer('dan')), [])
  const seen = JSON.stringify(viewOf(events, viewer('bea')))
  assert.match(seen, /bea@us\.example/)
  assert.doesNotMatch(seen, /cal|bob|access rule|taken/)
  assert.deepEqual(viewOf([handedIn, delivered], viewer('ann')), [handedIn, delivered], 'what they sent they see whole')
  const written = [event('sent', { by: 'user ann' }), delivered]
  assert.deepEqual(viewOf(written, viewer('ann')), written, 'also what they wrote in the console')
  assert.deepEqual(viewOf([event('received', { storedIn: [] }, { from: '<dan@us.example>' })], viewer('dan')), [])
})
