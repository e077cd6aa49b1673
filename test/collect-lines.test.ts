// Lines that break: at every octet of a session, at every step of a deletion, again and again. What was deleted there is here,
// and nothing is here twice.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CollectRig, ended, scripted } from './collect-rig.ts'
import { maildrop, Pop3Remote, type At, type Move, type RemoteMessage, type Script } from './pop3-remote.ts'

const letters = (count: number, bytes?: number): string[] => maildrop(count, bytes).map(({ octets }) => octets)

/** A short session whole: greeting to goodbye, two messages, dots among their octets. */
const drop = (tag: string): RemoteMessage[] => [
  { uid: 'a', octets: `Subject: ${tag}\r\n\r\n.\r\n..\r\n` },
  { uid: 'b', octets: `Subject: ${tag} 2\r\n\r\nx` },
]
const atOnce = 25

async function broken(rig: CollectRig, closeAt: number, leave: boolean): Promise<number> {
  const messages = drop(`${leave} ${closeAt}`)
  await using remote = await Pop3Remote.open({ messages, closeAt, timestamp: `<${closeAt}@x>` })
  const mailbox = await rig.mailbox()
  const id = await rig.account(remote, { mailbox, leave, host: `pop${closeAt}.far.example` })
  await rig.collector.run(id)
  await rig.check([remote], { mailboxes: [mailbox] })
  remote.behave({ closeAt: Infinity })
  for (let runs = 0; runs < 2; runs++) await rig.collector.run(id)
  await rig.check([remote], { mailboxes: [mailbox] })
  const title = `closed at octet ${closeAt}`
  assert.deepEqual((await rig.mail(mailbox)).toSorted(), messages.map(({ octets }) => ended(octets)).toSorted(), title)
  assert.equal(remote.messages.length, leave ? 2 : 0, title)
  return remote.sentMax
}

for (const leave of [false, true])
  test(`PC-13, PC-14, PC-15, P3C-05, P3C-06 a session that breaks at any of its octets, messages ${leave ? 'left' : 'deleted there'}`, async () => {
    await using rig = await CollectRig.open()
    const whole = await broken(rig, 9999, leave)
    assert.ok(whole > 250, `${whole}`)
    for (let from = 0; from <= whole; from += atOnce)
      await Promise.all(Array.from({ length: atOnce }, (_, i) => broken(rig, from + i, leave)))
    assert.deepEqual((await rig.store.verify()).problems, [])
  })

type Once = readonly [title: string, at: At, move: Move, removed: number]
const ends: readonly Once[] = [
  ['QUIT is answered -ERR and nothing was removed', 'quit', { say: '-ERR some were not removed' }, 0],
  ['QUIT is answered -ERR and all was removed', 'quit', { say: '-ERR', counts: true }, 3],
  ['the line breaks before QUIT is answered and nothing was removed', 'quit', { octets: '', end: 'close', counts: false }, 0],
  ['the line breaks before QUIT is answered and all was removed', 'quit', { octets: '', end: 'close', counts: true }, 3],
  ['QUIT is answered +OK and nothing was removed', 'quit', { counts: false }, 0],
  ['QUIT is answered by half a line', 'quit', { cutAt: 2, counts: true }, 3],
  ['QUIT is never answered', 'quit', { octets: '', end: 'silence', counts: false }, 0],
  ['QUIT is answered by rubbish', 'quit', { say: 'bye', counts: false }, 0],
  ['the line breaks at DELE', 'dele', { octets: '', end: 'reset' }, 0],
  ['the line breaks behind DELE', 'dele', { end: 'close' }, 0],
  ['DELE is refused', 'dele', { say: '-ERR no' }, 0],
  ['DELE is never answered', 'dele', { octets: '', end: 'silence' }, 0],
] // prettier-ignore
for (const [title, at, move, removed] of ends)
  test(`PC-14, PC-15, P3C-05 ${title}: the next runs remove the rest, and nothing is fetched again`, () =>
    scripted({ messages: maildrop(3), script: { [at]: move }, settings: { replyMs: 300, loginReplyMs: 300 } }, async (script) => {
      const report = await script.run()
      assert.deepEqual(await script.mail(), letters(3))
      assert.equal(script.remote.gone.length, removed)
      if (at === 'quit' && move.say !== '-ERR' && removed === 0 && move.end !== undefined) assert.equal(report.removed, 0)
      const retrieved = script.remote.counts.get('retr')
      script.remote.behave({ script: {} })
      await script.run(2)
      assert.deepEqual(script.remote.messages, [])
      assert.equal(script.remote.counts.get('retr'), retrieved)
      for (const row of await script.rows()) assert.ok(row.state === 'removed' || row.goneAt !== null)
    })) // prettier-ignore

test('PC-15 a deletion that was not confirmed is told, and not counted', () =>
  scripted({ messages: maildrop(3), script: { quit: { say: '-ERR' } } }, async (script) => {
    const { removed, left, warnings, ok } = await script.run()
    assert.deepEqual([removed, left, ok], [0, 3, true])
    assert.match(warnings.join(), /did not confirm/)
    assert.deepEqual(await script.states(), ['uid-0 stored', 'uid-1 stored', 'uid-2 stored'])
  }))

/** The connection closes with the n-th of these, whatever is out. */
const everyNth =
  (every: number, move: Move): NonNullable<Script['retr']> =>
  (_line, nth) =>
    nth % every === every - 1 ? move : undefined

for (const [title, move] of [
  ['closes', { octets: '', end: 'close' }],
  ['resets', { octets: '', end: 'reset' }],
  ['closes in the middle of a message', { cutAt: 100 }],
] as const)
  test(`P3C-15, PC-16 a server that ${title} at every 10th message is emptied within a few runs`, () =>
    scripted({ messages: maildrop(60), script: { retr: everyNth(10, move) } }, async (script) => {
      for (let runs = 0; runs < 4 && script.remote.messages.length > 0; runs++) await script.run()
      assert.deepEqual(script.remote.messages, [])
      assert.deepEqual(await script.sorted(), letters(60).toSorted())
    }))

for (const [title, settings] of [
  ['messages', { commitEvery: 50 }],
  ['octets', { commitBytes: 10_000 }],
] as const)
  test(`PC-16 after so many ${title} a session ends so that deletions count, and another begins`, () =>
    scripted({ messages: maildrop(200, 60), lockMs: 30, settings }, async (script) => {
      const report = await script.run()
      assert.deepEqual([report.ok, report.fetched, report.removed], [true, 200, 200])
      assert.ok(script.remote.logins >= 3)
      assert.equal(script.remote.sessionsMax, 1)
      assert.deepEqual(await script.mail(), letters(200, 60))
    }))

test('PC-16 after some time a session ends so that deletions count, and another begins', () =>
  scripted({ messages: maildrop(5, 60), settings: { commitMs: 0 } }, async (script) => {
    const report = await script.run()
    assert.deepEqual([report.ok, report.fetched, report.removed], [true, 5, 5])
    assert.equal(script.remote.logins, 5)
    assert.deepEqual(await script.mail(), letters(5, 60))
  }))

test('PC-16 the lock that a server holds after QUIT is waited for, and not for ever', () =>
  scripted({ messages: maildrop(200, 60), lockMs: 60_000, settings: { commitEvery: 50 } }, async (script) => {
    const report = await script.run()
    assert.equal(script.status.is, 'busy')
    assert.ok(report.removed > 0 && report.removed < 200)
    assert.equal((await script.mail()).length, report.removed)
    script.remote.lockedUntil = 0
    script.remote.behave({ lockMs: 0 })
    await script.run()
    assert.deepEqual(await script.mail(), letters(200, 60))
  }))

test('PC-05, PC-16 where a server wants time between two logins, a run is one session', () =>
  scripted({ messages: maildrop(200, 60), capabilities: ['UIDL', 'TOP', 'PIPELINING', 'LOGIN-DELAY 600'], settings: { commitEvery: 50 } }, async (script) => {
    await script.run()
    assert.equal(script.remote.logins, 1)
    assert.ok(script.status.nextRunAt - script.rig.world.clock.now() > 590_000)
    await script.run()
    assert.deepEqual(await script.mail(), letters(200, 60))
  })) // prettier-ignore
