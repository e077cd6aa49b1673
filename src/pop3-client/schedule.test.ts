// When accounts are collected, on a clock that the tests move: who begins, who waits, who ends for others.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import {
  accountStatusSchema,
  remoteAccountSchema,
  type AccountStatus,
  type RemoteAccount,
} from '#/config/remote-accounts.ts'
import { defaultSettings } from '#/config/settings.ts'
import type { AccountId } from '#/storage/collected.ts'
import { lookAgainMs, slowProbeMs, slowRunMs } from './limits.ts'
import { Schedule, type Going } from './schedule.ts'
import type { AccountRow } from './types.ts'

const start = 1_800_000_000_000
const hourMs = 3_600_000

type Given = {
  readonly id: AccountId
  readonly status?: Partial<AccountStatus>
  readonly settings?: Partial<RemoteAccount>
}

const rowOf = ({ id, status = {}, settings = {} }: Given): AccountRow => ({
  id,
  status: accountStatusSchema.parse(status),
  settings: remoteAccountSchema.parse({
    name: `account-${id}`,
    mailbox: 1,
    host: `pop${id}.example`,
    port: 995,
    auth: { kind: 'password', user: 'ann', secret: '' },
    ...settings,
  }),
})

/** The schedule with accounts whose runs begin and end when the test says so. */
class Rig {
  now = start
  rows: AccountRow[]
  naps: number[] = []
  visits: Going[] = []
  busy = new Set<AccountId>()
  readonly begun: AccountId[] = []
  readonly ended: AccountId[] = []
  readonly going = new Map<AccountId, Going>()
  readonly schedule: Schedule

  constructor(given: readonly Given[], pop3Client: Partial<typeof defaultSettings.pop3Client> = {}) {
    this.rows = given.map(rowOf)
    this.schedule = new Schedule({
      accounts: { all: () => this.rows },
      settingsNow: () => ({ ...defaultSettings, pop3Client: { ...defaultSettings.pop3Client, ...pop3Client } }),
      clock: { now: () => this.now, every: () => ({ [Symbol.dispose]: () => undefined }), sleep: (ms, signal) => this.#sleep(ms, signal) }, // prettier-ignore
      isBusy: ({ id, settings: { host } }) =>
        this.busy.has(id) || this.rows.some((other) => other.settings.host === host && this.going.has(other.id)),
      sessions: () => this.going.size + this.visits.length,
      visits: () => this.visits,
      going: this.going,
      begin: ({ id }, isPatient) => {
        this.begun.push(id)
        this.going.set(id, { since: this.now, isPatient, isAwaited: false })
      },
      end: (id) => void this.ended.push(id),
    })
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.naps.push(ms)
    return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('woken'))))
  }

  async look(ms = 0): Promise<AccountId[]> {
    this.now += ms
    const before = this.begun.length
    if (this.naps.length === 0) this.schedule.start()
    else this.schedule.wake()
    await setImmediate()
    return this.begun.slice(before)
  }

  /** A run is over, and when its account is due again. */
  over(id: AccountId, inMs: number): void {
    const { since } = this.going.get(id)!
    this.going.delete(id)
    const change = { nextRunAt: this.now + inMs, lastRunAt: since, isSlow: this.now - since > slowRunMs }
    this.rows = this.rows.map((row) => (row.id === id ? { ...row, status: { ...row.status, ...change } } : row))
    this.schedule.wake()
  }
}

const visitAt = (since: number): Going => ({ since, isPatient: true, isAwaited: true })
const ids = (count: number): Given[] => Array.from({ length: count }, (_, i) => ({ id: i + 1 }))

test('PC-05 who is due begins, who waits longest first, and nobody else', async () => {
  const rig = new Rig([
    { id: 1, status: { nextRunAt: start - 1000 } },
    { id: 2, status: { nextRunAt: start - 5000 } },
    { id: 3, status: { nextRunAt: start + 30_000, lastRunAt: start - 1000 } },
    { id: 4, status: { nextRunAt: start - 9000 }, settings: { paused: true } },
    { id: 5, status: { nextRunAt: Number.MAX_SAFE_INTEGER, is: 'stopped' } },
    { id: 6, status: { nextRunAt: start - 2000, is: 'stopped' } }, // a slow probe
  ])
  assert.deepEqual(await rig.look(), [2, 6, 1])
  assert.deepEqual(rig.naps, [30_000], 'it sleeps until the next one is due')
  assert.deepEqual(await rig.look(30_000), [3])
  assert.deepEqual(rig.naps.slice(1), [lookAgainMs], 'and no longer than a minute')
})

test('PC-05 there are never more sessions than connectionsMax, and what is done by hand counts', async () => {
  const rig = new Rig(ids(6), { connectionsMax: 4 })
  rig.visits = [visitAt(start)]
  assert.equal((await rig.look()).length, 3)
  assert.equal((await rig.look()).length, 0)
  rig.visits = []
  assert.equal((await rig.look()).length, 1)
  rig.over(1, hourMs)
  assert.equal((await rig.look()).length, 1, 'a place that is free is taken')
})

test('PC-05 a mailbox that somebody is in is left alone', async () => {
  const rig = new Rig(ids(2))
  rig.busy.add(1)
  assert.deepEqual(await rig.look(), [2])
  rig.busy.clear()
  assert.deepEqual(await rig.look(), [1])
})

test('PC-05 of two accounts of one mailbox one begins, and the other when that is over', async () => {
  const settings = { host: 'both.example' }
  const rig = new Rig([{ id: 1, settings }, { id: 2, settings }, { id: 3 }], { connectionsMax: 2 })
  assert.deepEqual(await rig.look(), [1, 3])
  rig.over(1, hourMs)
  assert.deepEqual(await rig.look(), [2])
})

test('pop3Client.enabled=false: nothing is collected by itself', async () => {
  const rig = new Rig(ids(2), { enabled: false })
  assert.deepEqual(await rig.look(), [])
})

test('a schedule that was stopped begins nothing more', async () => {
  const rig = new Rig(ids(2), { connectionsMax: 1 })
  await rig.look()
  rig.schedule.stop()
  rig.over(1, hourMs)
  assert.deepEqual(await rig.look(), [])
})

for (const [what, status, isDue] of [
  ['its time has come', { nextRunAt: start }, true],
  ['its time has not come', { nextRunAt: start + 1, lastRunAt: start }, false],
  [
    'the clock was set back behind its last run',
    { nextRunAt: start + 5 * hourMs, lastRunAt: start + 4 * hourMs },
    true,
  ],
  [
    'a long backoff is no clock that was set back',
    { nextRunAt: start + 40 * slowProbeMs, lastRunAt: start - 1 },
    false,
  ],
] as const)
  test(`P3C-14 ${what}: it is ${isDue ? '' : 'not '}due`, async () => {
    assert.equal((await new Rig([{ id: 1, status }]).look()).length, Number(isDue))
  })

test('P3C-01 slow accounts leave a quarter of the places to others', async () => {
  const rig = new Rig(ids(4), { connectionsMax: 4 })
  await rig.look()
  rig.now += slowRunMs + 1
  for (const id of [1, 2, 3, 4]) rig.over(id, 0)
  assert.deepEqual(await rig.look(), [1, 2, 3])
  rig.over(1, 0)
  assert.deepEqual(await rig.look(), [1, 4], 'it was quick this time, and so it may have any place')
})

test('P3C-01 who was slow before the program was started again is known to be slow', async () => {
  const status = { isSlow: true }
  const rig = new Rig([...[1, 2, 3, 4].map((id) => ({ id, status })), { id: 5 }], { connectionsMax: 4 })
  assert.deepEqual(await rig.look(), [1, 2, 3, 5])
})

test('P3C-01 while others wait, a run in a place for quick ones ends after a minute, and goes on slowly at its next time', async () => {
  const rig = new Rig(ids(5), { connectionsMax: 4 })
  assert.deepEqual(await rig.look(), [1, 2, 3, 4])
  await rig.look(slowRunMs)
  assert.deepEqual(rig.ended, [], 'not yet')
  await rig.look(1)
  assert.deepEqual(rig.ended, [4], 'three have the places for slow ones')
  rig.over(4, 0)
  assert.deepEqual(await rig.look(), [5], 'who waited has the place')
  assert.equal(rig.going.has(4), false, 'and the slow one waits for one of the others')
  rig.over(1, hourMs)
  assert.deepEqual(await rig.look(), [4])
  assert.equal(rig.going.get(4)?.isPatient, true)
})

test('P3C-01 who waits does not wait for the next look around: it comes when a run has lasted a minute', async () => {
  const rig = new Rig(ids(3), { connectionsMax: 2 })
  await rig.look()
  await rig.look(slowRunMs / 3)
  assert.equal(rig.naps.at(-1), (slowRunMs * 2) / 3 + 1)
  await rig.look(rig.naps.at(-1)!)
  assert.deepEqual(rig.ended, [2])
})

test('P3C-14 a clock that was set back makes no slow run quick for as long', async () => {
  const rig = new Rig(ids(3), { connectionsMax: 2 })
  await rig.look()
  await rig.look(-hourMs)
  await rig.look(slowRunMs)
  assert.deepEqual(rig.ended, [], 'not yet')
  await rig.look(1)
  assert.deepEqual(rig.ended, [2])
})

test('P3C-01 who runs for somebody in the last place for quick ones takes it from a slow one that nobody waits for', async () => {
  const rig = new Rig([{ id: 1, status: { isSlow: true } }, { id: 2 }, { id: 3 }], { connectionsMax: 2 })
  assert.deepEqual(await rig.look(), [1, 2])
  Object.assign(rig.going.get(2)!, { isPatient: true, isAwaited: true })
  await rig.look(slowRunMs)
  assert.deepEqual(rig.ended, [], 'not yet')
  await rig.look(1)
  assert.deepEqual(rig.ended, [1])
})

test('P3C-01 a visit by hand has a place for slow ones: what is left beside it is for quick ones', async () => {
  const rig = new Rig([{ id: 1, status: { isSlow: true, nextRunAt: 1 } }, { id: 2, status: { nextRunAt: 2 } }], { connectionsMax: 2 }) // prettier-ignore
  rig.visits = [visitAt(start)]
  assert.deepEqual(await rig.look(), [2])
  rig.over(2, hourMs)
  rig.visits = []
  assert.deepEqual(await rig.look(), [1])
  rig.visits = [visitAt(rig.now)]
  rig.rows = rig.rows.map((row) => ({ ...row, status: { ...row.status, nextRunAt: start } }))
  await rig.look(slowRunMs)
  assert.deepEqual(rig.ended, [], 'not yet')
  await rig.look(1)
  assert.deepEqual(rig.ended, [1])
})

test('nobody is ended for nobody, nor who runs for somebody', async () => {
  const alone = new Rig(ids(4), { connectionsMax: 4 })
  await alone.look()
  await alone.look(hourMs)
  assert.deepEqual(alone.ended, [])
  const awaited = new Rig(ids(3), { connectionsMax: 2 })
  await awaited.look()
  for (const run of awaited.going.values()) Object.assign(run, { isPatient: true, isAwaited: true })
  await awaited.look(hourMs)
  assert.deepEqual(awaited.ended, [])
})
