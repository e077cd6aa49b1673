// What an account is after a run, and when it is collected again: every trouble in every state, as a table.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountStatusSchema, type AccountStatus } from '#/config/remote-accounts.ts'
import { defaultSettings } from '#/config/settings.ts'
import { isAlertDue } from './alerts.ts'
import type { RemoteTrouble } from './box.ts'
import { busyAgainMs, restAgainMs, slowProbeMs, slowRunMs } from './limits.ts'
import { stopOf, type Stop } from './run-state.ts'
import { runsByItself, statusAfter } from './status.ts'
import type { RunReport } from './types.ts'

const now = 1_800_000_000_000
const hourMs = 3_600_000
const intervalMs = 600_000
const backoffMaxMs = 4 * hourMs
const settings = { ...defaultSettings.pop3Client, backoffMaxMs, jitterShare: 0.1 }
const report = {
  at: now - 5000,
  words: '',
  reason: 'none',
  listed: 0,
  left: 0,
  leftBytes: 0,
  skipped: { notYet: 0 },
} as RunReport // all that is read

const before = (change: Partial<AccountStatus> = {}): AccountStatus => accountStatusSchema.parse(change)

type Case = { readonly stop?: Stop | null; readonly delay?: number; readonly chance?: number; readonly listed?: number }

/** In the middle of the jitter unless the case says otherwise. */
function after(
  was: Partial<AccountStatus>,
  { stop = null, delay = 0, chance = 0.5, listed = 0 }: Case = {},
): AccountStatus {
  const told = { ...report, listed, left: listed, reason: stop?.reason ?? 'none', words: stop?.words ?? '' }
  const outcome = { report: told, stop, begun: true, loginDelaySeconds: delay, expireDays: null, identities: 'uidl', unproven: false } as const // prettier-ignore
  return statusAfter(before(was), { intervalMs }, outcome, { now, settings, chance })
}
const said = (is: RemoteTrouble['is']): Stop => stopOf({ is, words: 'words of the server' })
const ours = (reason: Stop['reason']): Stop => ({ reason, trouble: null, words: 'words of ours' })

const idle = { is: 'idle' } as const
const failing = { is: 'failing', failures: 3, reason: 'remote' } as const
const twiceRefused = { is: 'failing', failures: 2, loginFailures: 2 } as const
const probing = { is: 'stopped', failures: 3, loginFailures: 3, nextRunAt: now - 1 } as const
const never = Number.MAX_SAFE_INTEGER - now

type Row = readonly [was: Partial<AccountStatus>, trouble: RemoteTrouble['is'], is: AccountStatus['is'], inMs: number]

const patient: Row[] = (['busy', 'too-soon', 'temporary'] as const).flatMap((trouble): Row[] => [
  [idle, trouble, 'busy', busyAgainMs],
  [failing, trouble, 'busy', busyAgainMs],
  [twiceRefused, trouble, 'busy', busyAgainMs],
  [probing, trouble, 'busy', busyAgainMs],
])
const fatal: Row[] = (['auth', 'permanent', 'sign-in', 'forbidden', 'ourselves'] as const).flatMap((trouble): Row[] => [
  [idle, trouble, 'stopped', never],
  [failing, trouble, 'stopped', never],
  [twiceRefused, trouble, 'stopped', never],
  [probing, trouble, 'stopped', never],
])
const passing: Row[] = (['unreachable', 'tls', 'lost', 'timeout', 'garbage'] as const).flatMap((trouble): Row[] => [
  [idle, trouble, 'failing', intervalMs],
  [failing, trouble, 'failing', 8 * intervalMs],
  [twiceRefused, trouble, 'failing', 4 * intervalMs],
  [{ is: 'failing', failures: 1_000_000 }, trouble, 'failing', backoffMaxMs],
])
const others: Row[] = [
  [idle, 'refused', 'failing', intervalMs],
  [{ is: 'failing', failures: 1, loginFailures: 1 }, 'refused', 'failing', 2 * intervalMs],
  [twiceRefused, 'refused', 'stopped', slowProbeMs],
  [probing, 'refused', 'stopped', slowProbeMs],
  [idle, 'stopped', 'idle', intervalMs],
  [failing, 'stopped', 'idle', intervalMs],
]

for (const [was, trouble, is, inMs] of [...patient, ...fatal, ...passing, ...others])
  test(`PC-04, PC-05 ${trouble} when ${was.is} with ${was.failures ?? 0} failures, ${was.loginFailures ?? 0} at the login: ${is}, again ${inMs === never ? 'when somebody has acted' : `in ${inMs / 1000} s`}`, () => {
    const status = after(was, { stop: said(trouble) })
    assert.equal(status.is, is)
    assert.equal(status.nextRunAt - now, inMs)
    assert.equal(runsByItself(status), inMs !== never)
    assert.equal(status.words, 'words of the server')
  })

for (const [reason, is] of [
  ['mailbox', 'failing'],
  ['store', 'failing'],
  ['settings', 'stopped'],
  ['uids-changed', 'stopped'],
  ['first-run', 'stopped'],
] as const)
  test(`PC-10, PC-11, PC-23 what is on our side, ${reason}, makes an account ${is}`, () => {
    assert.equal(after(idle, { stop: ours(reason) }).is, is)
  })

test('PC-23 trouble on our side is no reason to ask the server ever more rarely', () => {
  for (const reason of ['mailbox', 'store'] as const)
    assert.equal(after(failing, { stop: ours(reason) }).nextRunAt, now + intervalMs, reason)
})

test('PC-04 a good run forgets all failures, those at the login too', () => {
  const { is, failures, loginFailures, lastGoodAt, troubledAt, nextRunAt } = after(twiceRefused)
  assert.deepEqual({ is, failures, loginFailures, lastGoodAt, troubledAt }, { is: 'idle', failures: 0, loginFailures: 0, lastGoodAt: now, troubledAt: null }) // prettier-ignore
  assert.equal(nextRunAt, now + intervalMs)
})

test('PC-05 waits differ by the jitter and no further', () => {
  const waits = [0, 0.25, 0.5, 0.999].map((chance) => (after(idle, { chance }).nextRunAt - now) / intervalMs)
  assert.deepEqual(
    waits.map((share) => share.toFixed(2)),
    ['0.90', '0.95', '1.00', '1.10'],
  )
})

test('PC-05 nobody comes sooner than LOGIN-DELAY allows, whatever happened', () => {
  const delay = 7200
  for (const stop of [null, ...(['busy', 'lost', 'stopped', 'refused'] as const).map(said)]) {
    assert.ok(after(idle, { stop, delay, chance: 0 }).nextRunAt >= now + delay * 1000, 'said in this run')
    if (stop)
      assert.ok(after({ loginDelaySeconds: delay }, { stop, chance: 0 }).nextRunAt >= now + delay * 1000, 'known')
  }
  assert.equal(after({ loginDelaySeconds: delay }).nextRunAt, now + intervalMs, 'it says so no more')
})

test('PC-05 an interval that is longer than the longest backoff stays as it is', () => {
  const outcome = { report, stop: said('lost'), begun: true, loginDelaySeconds: 0, expireDays: null, identities: 'uidl', unproven: false } as const // prettier-ignore
  const day = { intervalMs: 24 * hourMs }
  assert.equal(statusAfter(before(failing), day, outcome, { now, settings, chance: 0.5 }).nextRunAt - now, 24 * hourMs)
})

test('P3C-14 a run during which the clock was set back is none of a time to come: its account would be due at once', () => {
  const outcome = { report: { ...report, at: now + hourMs }, stop: null, begun: true, loginDelaySeconds: 0, expireDays: null, identities: 'uidl', unproven: false } as const // prettier-ignore
  assert.equal(statusAfter(before(), { intervalMs }, outcome, { now, settings, chance: 0.5 }).lastRunAt, now)
})

test('PC-22 what one run had no time for comes soon', () => {
  const outcome = { report: { ...report, skipped: { ...report.skipped, notYet: 3 } }, stop: null, begun: true, loginDelaySeconds: 0, expireDays: null, identities: 'uidl', unproven: false } as const // prettier-ignore
  const status = statusAfter(before(), { intervalMs: 4 * hourMs }, outcome, { now, settings, chance: 0.5 })
  assert.equal(status.nextRunAt - now, restAgainMs)
})

test('PC-39 what is left there is known from the last listing, and a run without one leaves it so', () => {
  assert.equal(after({ left: 7 }, { stop: said('lost'), listed: 9 }).left, 9)
  assert.equal(after({ left: 7 }, { stop: said('unreachable') }).left, 7)
  assert.equal(after({ left: 7 }).left, 0)
})

const due = (status: AccountStatus, atMs = now): boolean => isAlertDue(status, settings, atMs)

test('PC-39 the owner hears of many failures, of a day without success, and at once of an account that is stopped', () => {
  const good = { lastGoodAt: now - hourMs }
  const lost = { stop: said('lost') }
  assert.equal(due(after({ ...good, failures: settings.alertAfterFailures - 2 }, lost)), false)
  assert.equal(due(after({ ...good, failures: settings.alertAfterFailures - 1 }, lost)), true)
  assert.equal(due(after({ lastGoodAt: now - settings.alertAfterMs }, { stop: said('busy') })), true, 'however quietly')
  assert.equal(due(after(good, { stop: said('auth') })), true)
  assert.equal(due(after({}, { stop: ours('first-run') })), false, 'who has to decide knows it')
  assert.equal(due(after({ lastGoodAt: now - 10 * settings.alertAfterMs })), false, 'all is well')
})

test('PC-39 nothing ever came: the day begins with the first run that failed', () => {
  const first = after({}, { stop: said('busy') })
  assert.equal(due(first), false)
  assert.equal(due(after(first, { stop: said('busy') }), now + settings.alertAfterMs), true)
})

test('PC-39 one alert for each time of trouble, and one more when somebody must act', () => {
  const told = { is: 'failing', failures: 20, alertedAt: now - 100 * hourMs, lastGoodAt: now - 200 * hourMs } as const
  assert.equal(due(after(told, { stop: said('lost') })), false)
  const stopped = after(told, { stop: said('auth') })
  assert.equal(due(stopped), true)
  assert.equal(due(after({ ...stopped, alertedAt: now }, { stop: said('auth') })), false)
  const probed = after({ ...probing, alertedAt: now }, { stop: said('lost') })
  assert.equal(due(after(probed, { stop: said('refused') })), false, 'between two slow probes too')
  assert.equal(due(after({ ...after(told), failures: 20 }, { stop: said('lost') })), true, 'a new time of trouble')
})

test('P3C-01 a run that took long is remembered, until one is quick again', () => {
  const slowAfter = (tookMs: number, isSlow: boolean): boolean => {
    const told = { ...report, tookMs }
    const outcome = { report: told, stop: null, begun: true, loginDelaySeconds: 0, expireDays: null, identities: 'uidl', unproven: false } as const // prettier-ignore
    return statusAfter(before({ isSlow }), { intervalMs }, outcome, { now, settings, chance: 0.5 }).isSlow
  }
  assert.deepEqual([slowAfter(slowRunMs + 1, false), slowAfter(slowRunMs, true)], [true, false])
})
