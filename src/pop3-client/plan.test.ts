// What a session does: a table of accounts and mailboxes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { remoteAccountSchema, type RemoteAccount } from '#/config/remote-accounts.ts'
import { remoteRow } from '#/storage/collected-contract.ts'
import type { RemoteRow } from '#/storage/collected.ts'
import { byUid, identify } from './identify.ts'
import { dayMs } from './limits.ts'
import { goesAtOnce, keyText, planSession, uidsChanged, type Plan } from './plan.ts'

const now = 1_000 * dayMs
const account = (changes: Partial<RemoteAccount>): RemoteAccount => ({
  ...remoteAccountSchema.parse({
    name: 'old',
    mailbox: 1,
    host: 'pop.example',
    port: 995,
    auth: { kind: 'password', user: 'ann', secret: '' },
  }),
  ...changes,
})
type Message = readonly [uid: string, row: Partial<RemoteRow> | null, sizeBytes?: number]
const here = (daysAgo: number): Partial<RemoteRow> => ({
  state: 'stored',
  at: now - daysAgo * dayMs,
  message: 'key' as RemoteRow['message'],
  headerHash: 'h',
})

/** Messages with numbers from 1 in their order. */
function planned(
  messages: readonly Message[],
  changes: Partial<RemoteAccount>,
  more: {
    deletedHere?: readonly string[]
    fetched?: { messages: number; bytes: number }
    rows?: readonly RemoteRow[]
    tried?: readonly string[]
  } = {},
): Plan {
  const rows = messages.flatMap(([uid, row, sizeBytes = 100]) => (row ? [remoteRow(uid, { sizeBytes, ...row })] : []))
  const known = byUid([...rows, ...(more.rows ?? [])])
  const all = identify(
    messages.map(([uid, , sizeBytes = 100], i) => ({ number: i + 1, uid, sizeBytes })),
    known,
    new Map(messages.flatMap(([, row], i) => (row?.headerHash === 'h' ? [[i + 1, 'h'] as const] : []))), // as TOP shows them
  )
  return planSession(all, known, account(changes), {
    now,
    fetched: more.fetched ?? { messages: 0, bytes: 0 },
    keepGoneDays: 30,
    deletedHere: new Set((more.deletedHere ?? []).map((uid) => keyText({ uid, headerHash: 'h' }))),
    tried: new Set(more.tried),
    hasMailbox: () => true,
  })
}

const uidsOf = (list: Plan['fetch']): string[] => list.map(({ key }) => key.uid)

const fetched: readonly [
  title: string,
  messages: readonly Message[],
  changes: Partial<RemoteAccount>,
  wanted: string[],
][] = [
  [
    'PC-07 what was never seen is fetched, oldest first',
    [
      ['a', null],
      ['b', here(1)],
      ['c', null],
    ],
    {},
    ['a', 'c'],
  ],
  [
    'PC-20 what failed before comes last, what is aside not at all',
    [
      ['f', { state: 'failed', tries: 2 }],
      ['x', { state: 'aside' }],
      ['n', null],
    ],
    {},
    ['n', 'f'],
  ],
  [
    'PC-35 what is ignored is not fetched',
    [
      ['i', { state: 'ignored' }],
      ['d', { state: 'duplicate' }],
    ],
    {},
    [],
  ],
  [
    'PC-21 what is too large stays',
    [
      ['big', null, 2000],
      ['small', null, 10],
    ],
    { sizeBytesMax: 1024 },
    ['small'],
  ],
  [
    'PC-22 no more messages than one run takes',
    [
      ['a', null],
      ['b', null],
      ['c', null],
    ],
    { messagesMax: 2 },
    ['a', 'b'],
  ],
  [
    'PC-22 no more octets than one run takes, but one always',
    [
      ['a', null, 3000],
      ['b', null, 10],
    ],
    { bytesMax: 2000 },
    ['a'],
  ],
  [
    'PC-15 what was removed and is listed again is not fetched again',
    [['a', { ...here(1), state: 'removed' }]],
    {},
    [],
  ],
  [
    'PC-14 what was removed unread and is listed again is fetched',
    [['a', { state: 'removed', message: null, headerHash: '' }]],
    {},
    ['a'],
  ],
]
for (const [title, messages, changes, wanted] of fetched)
  test(title, () => assert.deepEqual(uidsOf(planned(messages, changes).fetch), wanted))

const removed: readonly [
  title: string,
  messages: readonly Message[],
  changes: Partial<RemoteAccount>,
  wanted: string[],
][] = [
  ['PC-28 left for ever', [['a', here(999)]], { leave: true }, []],
  [
    'PC-28 deleted after retrieval',
    [
      ['a', here(0)],
      ['n', null],
    ],
    { leave: false },
    ['a'],
  ],
  [
    'PC-28, PC-30 deleted so many days after our own store',
    [
      ['a', here(6)],
      ['b', here(5)],
      ['c', here(4)],
    ],
    { deleteAfterDays: 5 },
    ['a', 'b'],
  ],
  [
    'PC-28 the newest of those that are here stay',
    [
      ['a', here(3)],
      ['b', here(2)],
      ['n', null],
      ['c', here(1)],
    ],
    { keepNewest: 2 },
    ['a'],
  ],
  [
    'PC-28 as much as fits stays, the newest',
    [
      ['a', here(3), 600],
      ['b', here(2), 500],
      ['c', here(1), 400],
    ],
    { keepBytes: 1000 },
    ['a'],
  ],
  [
    'PC-29 what was stored before stays until somebody confirms',
    [
      ['a', here(9)],
      ['b', here(1)],
    ],
    { leave: false, deletesFrom: now - 5 * dayMs },
    ['b'],
  ],
  [
    'PC-15 what was said to be removed and is there is said again',
    [['a', { ...here(1), state: 'removed' }]],
    { leave: false },
    ['a'],
  ],
  [
    'P3C-16 what somebody must look at first stays',
    [['a', { ...here(1), problem: 'the same octets' }]],
    { leave: false },
    [],
  ],
  [
    'PC-20 what is not here is never removed',
    [
      ['a', { state: 'aside' }],
      ['b', { state: 'ignored' }],
      ['c', { state: 'duplicate' }],
      ['d', { state: 'failed' }],
      ['e', null],
    ],
    { leave: false, deleteAfterDays: 0, keepNewest: 0 },
    [],
  ],
]
for (const [title, messages, changes, wanted] of removed)
  test(title, () => assert.deepEqual(uidsOf(planned(messages, changes).remove), wanted))

test('PC-28 what was deleted here is deleted there, when somebody chose that', () => {
  const messages: Message[] = [
    ['a', here(1)],
    ['b', here(1)],
  ]
  assert.deepEqual(uidsOf(planned(messages, { deleteWithLocal: true }, { deletedHere: ['b'] }).remove), ['b'])
  assert.deepEqual(uidsOf(planned(messages, { deleteWithLocal: false }, { deletedHere: ['b'] }).remove), [])
})

test('PC-08 messages of one UID are removed together, when both are here and were read again', () => {
  const rows = [remoteRow('a', { ...here(1), headerHash: 'h1' })]
  const known = byUid(rows)
  const messages = [1, 2].map((number) => ({ number, uid: 'a', sizeBytes: 100 }))
  const facts = {
    now,
    fetched: { messages: 0, bytes: 0 },
    keepGoneDays: 30,
    deletedHere: new Set<string>(),
    hasMailbox: () => true,
    tried: new Set<string>(),
  }
  const hashes = new Map([
    [1, 'h1'],
    [2, 'h2'],
  ])
  const before = planSession(identify(messages, known, hashes), known, account({ leave: false }), facts)
  assert.deepEqual([uidsOf(before.remove), uidsOf(before.fetch)], [[], ['a']])
  const both = byUid([...rows, remoteRow('a', { ...here(1), headerHash: 'h2' })])
  const after = planSession(identify(messages, both, hashes), both, account({ leave: false }), facts)
  assert.deepEqual([uidsOf(after.remove), uidsOf(after.fetch), after.shared.get('a')], [[], ['a', 'a'], 2])
})

test('PC-21 what is larger than somebody said to delete goes unread, and only then', () => {
  const messages: Message[] = [
    ['big', null, 40_000_000],
    ['small', null],
    ['kept', here(1), 40_000_000],
  ]
  const plan = planned(messages, { deleteLargerBytes: 30_000_000 })
  assert.deepEqual([uidsOf(plan.removeUnread), uidsOf(plan.fetch), uidsOf(plan.remove)], [['big'], ['small'], []])
  assert.deepEqual(planned(messages, {}).removeUnread, [])
})

test('PC-12 what is missing is noted once, found again when it comes back, and forgotten after a time', () => {
  const rows = [
    remoteRow('new-gone', { ...here(9) }),
    remoteRow('long-gone', { ...here(99), goneAt: now - 31 * dayMs }),
    remoteRow('still-kept', { ...here(99), goneAt: now - 29 * dayMs }),
  ]
  const plan = planned([['back', { ...here(3), goneAt: now - dayMs }]], {}, { rows })
  assert.deepEqual(
    [plan.gone, plan.back, plan.forget].map((keys) => keys.map(({ uid }) => uid)),
    [['new-gone'], ['back'], ['long-gone']],
  )
})

const freshUids = (count: number): string[] => Array.from({ length: count }, (_, i) => `new${i}`)
const listedAs = (uids: readonly string[], known: ReturnType<typeof byUid>) =>
  identify(
    uids.map((uid, i) => ({ number: i + 1, uid, sizeBytes: 100 })),
    known,
    new Map(),
  )

test('PC-10 all UIDs new where many messages were left is a change of the provider, new mail in an emptied mailbox is not', () => {
  const known = byUid(Array.from({ length: 30 }, (_, i) => remoteRow(`old${i}`, { ...here(1), sizeBytes: 100 })))
  const changed = (uids: readonly string[], rows = known): boolean =>
    uidsChanged(listedAs(uids, rows), rows, account({ leave: true }))
  assert.equal(changed(freshUids(30)), true)
  assert.equal(changed(freshUids(3)), false, 'new mail after somebody emptied it')
  assert.equal(changed([...freshUids(29), 'old7']), false, 'one is known')
  assert.equal(changed(freshUids(30), byUid([])), false, 'the first run')
})

test('PC-10, PC-15 what may have gone at a QUIT before a crash is no sign of new UIDs', () => {
  const rows = (row: Partial<RemoteRow>) => byUid(freshUids(30).map((uid) => remoteRow(`old-${uid}`, row)))
  const cases: [what: string, row: Partial<RemoteRow>, changes: Partial<RemoteAccount>, changed: boolean][] = [
    ['stored, deleted at once', here(1), { leave: false }, false],
    ['stored, deleted after no day', here(1), { deleteAfterDays: 0 }, false],
    ['stored, deleted after three days', here(1), { deleteAfterDays: 3 }, true],
    ['in doubt, which stays', { ...here(1), problem: 'in doubt' }, { leave: false }, true],
    ['from before deletions were confirmed', here(2), { leave: false, deletesFrom: now - dayMs }, true],
    ['never fetched', { state: 'ignored' }, { leave: false }, true],
  ]
  for (const [what, row, changes, wanted] of cases) {
    const known = rows(row)
    assert.equal(uidsChanged(listedAs(freshUids(30), known), known, account(changes)), wanted, what)
  }
})

test('PC-28 only an account that leaves nothing removes a message as soon as it is here', () => {
  const cases: [Partial<RemoteAccount>, boolean][] = [
    [{ leave: true }, false],
    [{ leave: false }, true],
    [{ leave: false, deleteAfterDays: 3 }, false],
    [{ leave: true, deleteAfterDays: 0 }, true],
    [{ leave: false, keepNewest: 10 }, false],
    [{ leave: false, keepBytes: 10 }, false],
  ]
  for (const [changes, wanted] of cases) assert.equal(goesAtOnce(account(changes)), wanted, JSON.stringify(changes))
})
