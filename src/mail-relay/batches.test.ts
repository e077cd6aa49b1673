// Who shares a transaction with whom.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupsOf } from './batches.ts'
import type { DeliveryRow, Memo } from '#/storage/queue.ts'
import type { Ladder, RelayRoute } from './routes.ts'
import { address, alternate, byAddress, mx, row } from './rows-test-rig.ts'

const ladder = (...routes: RelayRoute[]): Ladder => ({ is: 'routes', routes, because: 'test' })
const shared = new Map([
  ['a.example', 'mx 10 shared'],
  ['b.example', 'mx 10 shared'],
])
function grouped(rows: readonly DeliveryRow[], way: Ladder, recipientsMax = 100): string[] {
  const grouping = { ladderFor: () => way, exchangersOf: (name: string) => shared.get(name) ?? name, recipientsMax }
  return groupsOf(rows, grouping).map((group) => group.rows.map(({ id }) => id.replace('.example', '')).join(' '))
}
const to = (id: string, memo: Memo = {}): DeliveryRow => row(id, { memo })
const [a, b, c] = ['x@a.example', 'x@b.example', 'x@c.example'] as const

const cases: readonly [what: string, way: Ladder, rows: readonly DeliveryRow[], groups: readonly string[]][] = [
  ['QU-09 domains with the same exchangers share one copy', ladder(mx), [to(a), to(b), to(c)], ['x@a x@b', 'x@c']],
  ['RO-30 an alternate server takes all domains in one', ladder(alternate()), [to(a), to(c)], ['x@a x@c']],
  ['the address takes each domain by itself', ladder(byAddress), [to(a), to(b)], ['x@a', 'x@b']],
  ['D2 so does an address further down', ladder(mx, byAddress), [to(a), to(b)], ['x@a', 'x@b']],
  [
    'D2 an exchanger behind the alternate server is of one domain',
    ladder(alternate(), mx),
    [to(a), to(c)],
    ['x@a', 'x@c'],
  ],
  [
    'those that stand on the alternate server share it',
    ladder(mx, alternate()),
    [to(a, { route: 'alternate:smart' }), to(c, { route: 'alternate:smart' })],
    ['x@a x@c'],
  ],
  [
    'QU-09 where a host hung up behind so many they go in groups of no more',
    ladder(mx),
    [to(a, { atOnce: 2 }), to(b, { atOnce: 2 }), to('y@a.example', { atOnce: 2 }), to('z@a.example')],
    ['x@a x@b', 'y@a', 'z@a'],
  ],
  [
    'RO-34 those that stand on a route which is gone go by the first',
    ladder(mx),
    [to(a, { route: 'alternate:gone' }), to(c, { route: 'alternate:gone' })],
    ['x@a', 'x@c'],
  ],
  [
    'a route chosen by hand counts when it exists',
    ladder(mx, alternate()),
    [to(a, { onceRoute: 'alternate:smart' }), to(c, { onceRoute: 'alternate:smart' }), to(b)],
    ['x@a x@c', 'x@b'],
  ],
  [
    'QU-02 what may end the program goes alone',
    ladder(mx),
    [to(a, { crashes: 1 }), to('y@a.example', { crashes: 1 })],
    ['x@a', 'y@a'],
  ],
  ['RO-33 what nobody can send stays together', { is: 'unusable', because: 'none' }, [to(a), to(c)], ['x@a x@c']],
]
for (const [what, way, rows, groups] of cases) test(what, () => assert.deepEqual(grouped(rows, way), groups))

test('QU-09 a transaction takes at most so many recipients', () => {
  const rows = Array.from({ length: 5 }, (_, i) => to(`${i}@a.example`))
  assert.deepEqual(grouped(rows, ladder(mx), 2), ['0@a 1@a', '2@a 3@a', '4@a'])
})

test('AD-14 copies with other senders go by themselves', () => {
  const forwarded = { ...to('y@a.example'), from: address('srs0@us.example') }
  assert.deepEqual(grouped([to(a), forwarded, { ...to('z@a.example'), from: null }], ladder(mx)), ['x@a', 'y@a', 'z@a'])
})

test('QU-08 one lane for each next hop', () => {
  const grouping = { exchangersOf: (name: string) => shared.get(name) ?? name, recipientsMax: 9 }
  const lane = (one: DeliveryRow, way: Ladder): string | undefined =>
    groupsOf([one], { ...grouping, ladderFor: () => way })[0]?.lane
  assert.equal(lane(to(a), ladder(mx, byAddress)), lane(to(b), ladder(mx, byAddress)))
  assert.notEqual(lane(to(a), ladder(mx)), lane(to(c), ladder(mx)))
  assert.equal(lane(to(a), ladder(alternate(), mx)), lane(to(c), ladder(alternate())))
})
