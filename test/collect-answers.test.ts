// What servers say no with, and what is no answer at all: at each command, by each response code. What an account is after it,
// and when it is tried again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountStatus } from '#/config/remote-accounts.ts'
import { CollectRig, dayMs, scripted } from './collect-rig.ts'
import { maildrop, Pop3Remote, type At, type Move } from './pop3-remote.ts'

const letters = (count: number): string[] => maildrop(count).map(({ octets }) => octets)

type Is = AccountStatus['is']
const logins: readonly [said: string, is: Is, reason: AccountStatus['reason']][] = [
  ['-ERR [IN-USE] another session', 'busy', 'remote'],
  ['-ERR maildrop already locked', 'busy', 'remote'],
  ['-ERR [LOGIN-DELAY] too soon', 'busy', 'remote'],
  ['-ERR [SYS/TEMP] later', 'busy', 'remote'],
  ['-ERR [SYS/PERM] never', 'stopped', 'remote'],
  ['-ERR [AUTH] wrong password', 'stopped', 'refused'],
  ['-ERR wrong', 'failing', 'remote'],
  ['-ERR', 'failing', 'remote'],
  ['-ERR [X-NEW/CODE] who knows', 'failing', 'remote'],
  ['+MAYBE', 'failing', 'remote'],
]
for (const [said, is, reason] of logins)
  test(`PC-04 ${said} at the password: ${is}, and all is fetched when the server is well again`, () =>
    scripted({ messages: maildrop(2), script: { pass: { say: said } } }, async (script) => {
      const report = await script.run()
      assert.equal(report.ok, false)
      assert.deepEqual([script.status.is, script.status.reason], [is, reason])
      const quiet = is === 'busy'
      assert.equal(script.status.failures, quiet ? 0 : 1)
      assert.equal(script.status.nextRunAt === Number.MAX_SAFE_INTEGER, is === 'stopped')
      script.remote.behave({ script: {} })
      await script.run()
      assert.deepEqual([script.status.is, script.status.failures, script.status.loginFailures], ['idle', 0, 0])
      assert.deepEqual(await script.mail(), letters(2))
    }))

test('PC-04, P3C-14 logins refused three times stop an account, which is tried only slowly then; its owner hears of it once', () =>
  scripted({ messages: maildrop(2), script: { pass: { say: '-ERR no' } } }, async (script) => {
    const seen: Is[] = []
    for (let i = 0; i < 5; i++) {
      await script.run()
      seen.push(script.status.is)
    }
    assert.deepEqual(seen, ['failing', 'failing', 'stopped', 'stopped', 'stopped'])
    assert.ok(script.status.nextRunAt - script.rig.world.clock.now() > 5 * 3_600_000)
    const alerts = (await script.rig.whole(script.mailbox)).filter((text) => text.includes('not collected any more'))
    assert.equal(alerts.length, 1)
    assert.match(alerts[0]!, /said no at the login: no/)
  }))

test('PC-04 a server that hangs up at a wrong password is understood', () =>
  scripted({ script: { pass: { octets: '', end: 'close' } } }, async (script) => {
    await script.run(3)
    assert.deepEqual([script.status.is, script.status.loginFailures], ['stopped', 3])
  }))

type Refusal = readonly [at: At, said: string, ok: boolean, fetched: number]
const refusals: readonly Refusal[] = [
  ['greeting', '-ERR [SYS/TEMP] full', false, 0],
  ['greeting', '-ERR go away', false, 0],
  ['greeting', '220 this is SMTP', false, 0],
  ['capa', '-ERR', true, 3],
  ['user', '-ERR', false, 0],
  ['user', '-ERR [SYS/TEMP]', false, 0],
  ['list', '-ERR', false, 0],
  ['list', '-ERR [SYS/TEMP]', false, 0],
  ['uidl', '-ERR', true, 3],
  ['uidl', '-ERR [SYS/TEMP]', true, 3],
  ['retr', '-ERR', true, 0],
  ['retr', '-ERR [SYS/TEMP]', true, 0],
  ['dele', '-ERR', true, 3],
  ['quit', '-ERR', true, 3],
]
for (const [at, said, ok, fetched] of refusals)
  test(`PC-04, PC-20 ${said} at ${at}: ${fetched} of 3 are fetched, and all of them when it is over`, () =>
    scripted({ messages: maildrop(3), script: { [at]: { say: said } } }, async (script) => {
      const report = await script.run()
      assert.deepEqual([report.ok, report.fetched], [ok, fetched])
      script.remote.behave({ script: {} })
      await script.run(2)
      assert.deepEqual(await script.mail(), letters(3))
      assert.deepEqual(script.remote.messages, [])
    }))

test('PC-04, PC-20 a server that cannot give a message for the moment does not have it set aside', () =>
  scripted({ messages: maildrop(1), script: { retr: { say: '-ERR [SYS/TEMP] later' } } }, async (script) => {
    await script.run(5)
    script.remote.behave({ script: {} })
    await script.run()
    assert.deepEqual(await script.mail(), letters(1))
  }))

test('PC-39, PC-20 what a run lists is collected, or counted with the reason why it was not', () =>
  scripted({ messages: maildrop(6), script: { retr: (_line, _nth, message) => said[message?.uid ?? ''] } }, async (script) => {
    const told = async (): Promise<unknown[]> => {
      const { fetched, skipped, listed } = await script.run()
      return [listed, fetched, skipped.failed, skipped.aside]
    }
    assert.deepEqual([await told(), await told(), await told()], [[6, 4, 2, 0], [2, 0, 2, 0], [2, 0, 1, 1]])
    script.remote.behave({ script: {} })
    assert.deepEqual(await told(), [2, 1, 0, 1])
  })) // prettier-ignore
const said: Readonly<Record<string, { say: string }>> = {
  'uid-1': { say: '-ERR [SYS/TEMP] later' },
  'uid-4': { say: '-ERR it is broken' },
}

const quick = { connectMs: 100, replyMs: 150, loginReplyMs: 150 }
const silence: readonly At[] = ['greeting', 'capa', 'user', 'pass', 'list', 'uidl', 'retr', 'dele', 'quit']
for (const at of silence)
  test(`PC-06, P3C-01 silence at ${at} ends the run, and the next one goes on`, () =>
    scripted({ messages: maildrop(3), script: { [at]: { octets: '', end: 'silence' } }, settings: quick }, async (script) => {
      const begun = performance.now()
      await script.run()
      assert.ok(performance.now() - begun < 5000)
      script.remote.behave({ script: {} })
      await script.run(2)
      assert.deepEqual(await script.mail(), letters(3))
      assert.deepEqual(script.remote.messages, [])
    })) // prettier-ignore

const endless: readonly [string, At, Move][] = [
  ['a greeting', 'greeting', { octets: '+OK ', flood: 'x'.repeat(65_536) }],
  ['a status line', 'pass', { octets: '+OK ', flood: 'x'.repeat(65_536) }],
  ['a list of capabilities', 'capa', { octets: '+OK\r\n', flood: 'X-NONE\r\n'.repeat(1000) }],
  ['one line of LIST', 'list', { octets: '+OK\r\n1 ', flood: '1'.repeat(65_536) }],
  ['LIST', 'list', { octets: '+OK\r\n', flood: '1 100\r\n'.repeat(10_000) }],
  ['UIDL', 'uidl', { octets: '+OK\r\n', flood: '1 u\r\n'.repeat(10_000) }],
  ['what is no POP3', 'greeting', { octets: '', flood: '\0'.repeat(65_536) }],
]
for (const [what, at, move] of endless)
  test(`P3C-02 ${what} without end is given up, in bounded memory`, () =>
    scripted({ messages: maildrop(2), script: { [at]: move }, settings: { messagesListedMax: 1000 } }, async (script) => {
      const before = process.memoryUsage().rss
      const report = await script.run()
      assert.equal(report.ok, false)
      assert.ok(process.memoryUsage().rss - before < 100_000_000)
      assert.ok(report.words.length < 500)
      script.remote.behave({ script: {} })
      await script.run()
      assert.deepEqual(await script.mail(), letters(2))
    })) // prettier-ignore

test('P3C-01 a line of which one octet comes now and then is not waited for', () =>
  scripted({ messages: maildrop(1), chunkBytes: 1, script: { list: { octets: `+OK\r\n${'1'.repeat(4000)}`, end: 'silence' } }, settings: quick }, async (script) => {
    const begun = performance.now()
    assert.equal((await script.run()).ok, false)
    assert.ok(performance.now() - begun < 5000)
  })) // prettier-ignore

const quoted = '\x1b]0;owned\x07<script>\xff\x00'
test('PC-36, P3C-10 what a server says is shown printable and short, and holds no secret', () =>
  scripted({ script: { pass: { say: `-ERR secret ${quoted}${'x'.repeat(2000)}` } } }, async (script) => {
    const { words } = await script.run()
    assert.match(words, /^[ -~]{1,600}$/)
    assert.ok(!words.includes('secret'))
    assert.ok(!JSON.stringify(await script.rig.store.collected.runs(script.id, 10)).includes('secret'))
  }))

test('PC-37 a password stands in no row, no log, no trace and no report', async () => {
  await using rig = await CollectRig.open()
  await using remote = await Pop3Remote.open({ messages: maildrop(2), password: 'hunter2-hunter2' })
  const id = await rig.account(remote, {}, 'hunter2-hunter2')
  await rig.collector.run(id)
  remote.behave({ password: 'another' })
  await rig.collector.run(id)
  const { lines } = await rig.collector.test(rig.accounts.byId(id)!.settings)
  const trace = await rig.store.trace({ limit: 1000 })
  const shown = [await rig.store.collected.accounts(), await rig.store.collected.runs(id, 9), trace, rig.logged, lines]
  assert.ok(lines.length > 3)
  assert.ok(!JSON.stringify(shown).includes('hunter2'))
})

test('PC-39, PC-05 an account tells its last run, its next, what is left and its last trouble; waits grow with failures', () =>
  scripted({ messages: maildrop(3), account: { leave: true, intervalMs: 600_000 } }, async (script) => {
    await script.run()
    const now = script.rig.world.clock.now()
    const { lastRunAt, lastGoodAt, nextRunAt, left, leftBytes } = script.status
    assert.ok(now - lastRunAt! < 60_000 && now - lastGoodAt! < 60_000)
    assert.ok(nextRunAt - now > 500_000 && nextRunAt - now < 700_000) // with jitter
    assert.deepEqual([left, leftBytes > 0], [3, true])
    script.remote.behave({ script: { list: { say: '-ERR broken' } } })
    const waits: number[] = []
    for (let i = 0; i < 8; i++) {
      await script.run()
      waits.push((script.status.nextRunAt - script.rig.world.clock.now()) / 600_000)
    }
    assert.ok(waits[0]! < 1.2 && waits[1]! > 1.7 && waits[2]! > 3.4 && waits[7]! > 20 && waits[7]! < 28, waits.join())
    assert.match(script.status.words, /broken/)
    assert.equal(script.status.failures, 8)
    assert.equal((await script.rig.store.collected.runs(script.id, 99)).length, 9)
    script.later(31 * dayMs)
    await script.run()
    assert.equal((await script.rig.store.collected.runs(script.id, 99)).length, 1) // 30 days of history
  }))

test('PC-39 after many failures the owner gets one mail, not one a day, and none when all is well', () =>
  scripted({ script: { list: { say: '-ERR broken' } } }, async (script) => {
    const alerts = async (): Promise<number> => (await script.rig.whole(script.mailbox)).length
    await script.run(9)
    assert.equal(await alerts(), 0)
    await script.run(5)
    assert.equal(await alerts(), 1)
    script.later(dayMs + 1000)
    await script.run(2)
    assert.equal(await alerts(), 1)
    script.remote.behave({ script: {} })
    await script.run(3)
    assert.equal(await alerts(), 1)
  }))
