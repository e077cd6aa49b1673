// When direct delivery is left out, and when it comes back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reply } from '#/message/reply.ts'
import { Detours } from './detours.ts'
import { blockedProbeMs, destinationsRefusingMax, refusingMs, unreachedMin, workedLatelyMs } from './limits.ts'
import type { RelayRoute } from './routes.ts'
import { alternate, byAddress, mx } from './rows-test-rig.ts'

const said = reply(554, '5.7.1', 'your ip is blocked')
function names(detours: Detours, now: number, routes: readonly RelayRoute[] = [mx, byAddress, alternate()]): string {
  const ladder = detours.around({ is: 'routes', routes, because: 'the default routes' }, 'far.example', now)
  return ladder.is === 'routes' ? ladder.routes.map(({ is }) => is).join(' ') : ladder.is
}
function blocked(now = 0, count = unreachedMin): Detours {
  const detours = new Detours()
  for (let i = 0; i < count; i++) detours.unreached(`${i}.example`, now)
  return detours
}

test('RO-16 a destination that refuses us is gone round for some hours, others are not', () => {
  const detours = new Detours()
  detours.refused('far.example', said, 0)
  assert.equal(names(detours, refusingMs - 1), 'alternate')
  assert.equal(names(detours, refusingMs), 'mx address alternate')
  detours.refused('else.example', said, refusingMs)
  assert.equal(names(detours, refusingMs), 'mx address alternate')
  assert.match(detours.problems(refusingMs).refusing.join(), /^else\.example .* 554 5\.7\.1 your ip is blocked$/)
})

test('RO-35 when no destination can be reached, direct routes are left out', () => {
  assert.equal(names(blocked(0, unreachedMin - 1), 0), 'mx address alternate')
  assert.equal(names(blocked(), 0), 'alternate')
  assert.match(blocked().problems(0).blocked ?? '', /port 25/)
})

test('RO-35 the same destination again is no proof', () => {
  const detours = new Detours()
  for (let i = 0; i < 3 * unreachedMin; i++) detours.unreached('far.example', 0)
  assert.equal(names(detours, 0), 'mx address alternate')
})

test('RO-35 one answer proves the contrary, for a day', () => {
  const detours = blocked()
  detours.reached(0)
  for (let i = 0; i < unreachedMin; i++) detours.unreached(`${i}.example`, 1)
  assert.equal(names(detours, 1), 'mx address alternate')
  detours.unreached('0.example', workedLatelyMs)
  assert.equal(names(detours, workedLatelyMs), 'alternate')
})

test('RO-35 now and then mail looks again', () => {
  const detours = blocked()
  assert.deepEqual(
    [names(detours, blockedProbeMs - 1), names(detours, blockedProbeMs)],
    ['alternate', 'mx address alternate'],
  )
  detours.unreached('far.example', blockedProbeMs)
  assert.equal(names(detours, blockedProbeMs + 1), 'alternate')
})

test('RO-33 where nothing else is ticked the direct routes stay', () => {
  assert.equal(names(blocked(), 0, [mx, byAddress]), 'mx address')
  assert.equal(names(blocked(), 0, [alternate()]), 'alternate')
})

test('somebody who says so ends all detours', () => {
  const detours = blocked()
  detours.refused('far.example', said, 0)
  detours.forget()
  assert.equal(names(detours, 1), 'mx address alternate')
  assert.deepEqual(detours.problems(1), { blocked: null, refusing: [] })
})

test('QU-18 not more destinations are remembered than fit', () => {
  const detours = new Detours()
  detours.refused('far.example', said, 0)
  for (let i = 0; i < destinationsRefusingMax; i++) detours.refused(`${i}.example`, said, 0)
  assert.equal(names(detours, 1), 'mx address alternate')
})
