// Which listed message is which that is remembered.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { remoteRow } from '#/storage/collected-contract.ts'
import type { RemoteRow } from '#/storage/collected.ts'
import type { Listed } from './box.ts'
import { byUid, headerUid, identify, inDoubt, isHere, remember } from './identify.ts'

const listed = (number: number, uid: string | null, sizeBytes = 100): Listed => ({ number, uid, sizeBytes })
const stored = (uid: string, headerHash: string, sizeBytes = 100): RemoteRow =>
  remoteRow(uid, { headerHash, sizeBytes, state: 'stored', message: 'key' as RemoteRow['message'] })

const told: readonly {
  readonly title: string
  readonly rows: readonly RemoteRow[]
  readonly messages: readonly Listed[]
  /** Numbers whose header sections are asked for. */
  readonly doubt: readonly number[]
  readonly hashes?: readonly (readonly [number, string])[]
  /** By message: the hash of the row that it is, or null. */
  readonly are: readonly (string | null)[]
}[] = [
  {
    title: 'PC-07 a UID is the identity whatever the number',
    rows: [stored('b', 'hb')],
    messages: [listed(1, 'a'), listed(7, 'b')],
    doubt: [],
    are: [null, 'hb'],
  },
  {
    title: 'PC-07 UIDs that differ in case are two',
    rows: [stored('Ab', 'h')],
    messages: [listed(1, 'aB')],
    doubt: [],
    are: [null],
  },
  {
    title: 'PC-08 of one UID twice each is told apart by its header section',
    rows: [stored('a', 'h2')],
    messages: [listed(1, 'a'), listed(2, 'a')],
    doubt: [1, 2],
    hashes: [
      [1, 'h1'],
      [2, 'h2'],
    ],
    are: [null, 'h2'],
  },
  {
    title: 'P3C-03 a UID of another size is another message until its header section says that it is the same',
    rows: [stored('a', 'h1', 100)],
    messages: [listed(1, 'a', 999)],
    doubt: [1],
    hashes: [[1, 'other']],
    are: [null],
  },
  {
    title: 'PC-17 a size that wavers does not make a message new',
    rows: [stored('a', 'h1', 100)],
    messages: [listed(1, 'a', 101)],
    doubt: [1],
    hashes: [[1, 'h1']],
    are: ['h1'],
  },
  {
    title: 'P3C-03 without proof a UID of another size is read again',
    rows: [stored('a', 'h1', 100)],
    messages: [listed(1, 'a', 101)],
    doubt: [1],
    are: [null],
  },
  {
    title: 'PC-09 without UIDs the header section is the identity',
    rows: [stored(headerUid('h1'), 'h1')],
    messages: [listed(1, null), listed(2, null)],
    doubt: [1, 2],
    hashes: [
      [1, 'h1'],
      [2, 'h2'],
    ],
    are: ['h1', null],
  },
  {
    title: 'PC-20 a message that could not be read before is known by its UID alone',
    rows: [remoteRow('a', { headerHash: '', state: 'failed', sizeBytes: 5 })],
    messages: [listed(1, 'a', 100)],
    doubt: [],
    are: [''],
  },
]

for (const { title, rows, messages, doubt, hashes = [], are } of told)
  test(title, () => {
    const known = byUid(rows)
    assert.deepEqual(inDoubt(messages, known), doubt)
    const all = identify(messages, known, new Map(hashes))
    assert.deepEqual(
      all.map(({ row }) => row?.headerHash ?? null),
      are,
    )
  })

test('PC-08 a message that shares its UID says so', () => {
  const all = identify([listed(1, 'a'), listed(2, 'a'), listed(3, 'b')], new Map(), new Map())
  assert.deepEqual(
    all.map(({ sharesUid }) => sharesUid),
    [true, true, false],
  )
})

test('PC-14 what was noted before a message was read gives way to what it is', () => {
  const known = byUid([remoteRow('a', { headerHash: '', state: 'failed' }), stored('a', 'h1')])
  remember(known, stored('a', 'h2'))
  assert.deepEqual(
    known.get('a')?.map(({ headerHash }) => headerHash),
    ['h1', 'h2'],
  )
})

test('PC-14 what was removed unread is not here', () => {
  assert.equal(isHere(remoteRow('a', { state: 'removed', message: null })), false)
  assert.equal(isHere({ ...stored('a', 'h'), state: 'removed' }), true)
  assert.equal(isHere(null), false)
})

test('PC-09, P3C-03 without its UID a message is known by header section and size, unless two may be meant', () => {
  const rows = [remoteRow('a', { headerHash: 'h', state: 'stored', sizeBytes: 100 })]
  const told = (uids: readonly (string | null)[], sizeBytes = 100): (string | null)[] =>
    identify(
      uids.map((uid, i) => ({ number: i + 1, uid, sizeBytes })),
      byUid(rows),
      new Map(uids.map((_, i) => [i + 1, 'h'])),
    ).map(({ row, sharesUid }) => (row === null ? null : `${row.uid}${sharesUid ? ', read again before it goes' : ''}`))
  assert.deepEqual(told([null]), ['a, read again before it goes'])
  assert.deepEqual(told([null, null]), [null, null])
  assert.deepEqual(told(['a', null]), ['a', null])
  assert.deepEqual(told([null], 99), [null])
  assert.deepEqual(told(['b']), [null])
})
