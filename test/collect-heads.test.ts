// The line breaks while header sections are read: nothing is decided by those that did not come, and the next run or look starts
// where this one did.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dayMs, scripted } from './collect-rig.ts'
import { maildrop, type Move, type RemoteMessage, type Script } from './pop3-remote.ts'

const dated = (count: number, year: number, uid: string): RemoteMessage[] =>
  Array.from({ length: count }, (_, i) => ({
    uid: `${uid}${i}`,
    octets: `Date: Mon, 01 Jun ${year} 10:00:00 +0000\r\nSubject: ${year}, ${i}\r\n\r\nx\r\n`,
  }))
const noUidl = { uidl: { say: '-ERR what?' } } as const
/** At the first TOP of message `number` of each session. */
const breaksAt = (number: number): Script => ({
  top: (line) => (line === `TOP ${number} 0` ? { octets: '', end: 'reset' } : undefined),
})

const first = Date.UTC(2024, 0, 1)
test('PC-11, PC-06 the line breaks while the first run looks for what is old: nothing old is fetched later', () =>
  scripted(
    {
      messages: [...dated(5, 2020, 'old'), ...dated(2, 2025, 'new')],
      account: { first, leave: true },
      script: breaksAt(3),
    },
    async (script) => {
      const report = await script.run()
      assert.deepEqual([report.ok, script.status.begun], [false, false])
      script.remote.behave({ script: {} })
      await script.run(2)
      assert.deepEqual(
        await script.sorted(),
        dated(2, 2025, 'new').map(({ octets }) => octets),
      )
    },
  ))

test('PC-10, PC-09 a line that breaks while messages are told apart does not mean that all of them are new', () =>
  scripted({ messages: maildrop(25), account: { leave: true }, script: noUidl }, async (script) => {
    await script.run()
    script.remote.behave({ script: { ...noUidl, ...breaksAt(1) } })
    await script.run()
    assert.deepEqual([script.status.is, script.status.reason], ['failing', 'remote'])
    script.remote.behave({ script: noUidl })
    const report = await script.run()
    assert.deepEqual([report.ok, report.fetched, (await script.mail()).length], [true, 0, 25])
  }))

test('PC-10 a line that breaks while messages are known again: nobody is told that the others are new', () =>
  scripted({ messages: maildrop(25), account: { leave: true } }, async (script) => {
    await script.run()
    script.remote.messages = maildrop(25).map((one) => ({ ...one, uid: `again ${one.uid}` }))
    await script.run()
    assert.equal(script.status.reason, 'uids-changed')
    script.remote.behave({ script: breaksAt(10) })
    await assert.rejects(script.rig.collector.adopt(script.id, 'recognise'), /closed the connection/)
    await script.run()
    assert.equal(script.status.reason, 'uids-changed')
    script.remote.behave({ script: {} })
    assert.deepEqual(await script.rig.collector.adopt(script.id, 'recognise'), { same: 25, others: 0 })
    await script.run()
    assert.equal((await script.mail()).length, 25)
  }))

test('PC-35, PC-06 a line that breaks while all is marked marks nothing', () =>
  scripted({ messages: maildrop(5), account: { leave: true }, script: { ...noUidl, ...breaksAt(3) } }, async (script) => {
    await assert.rejects(script.rig.collector.markAll(script.id), /closed the connection/)
    assert.deepEqual(await script.states(), [])
    script.remote.behave({ script: noUidl })
    assert.equal(await script.rig.collector.markAll(script.id), 5)
    await script.run()
    assert.deepEqual(await script.mail(), [])
  })) // prettier-ignore

test('PC-32, PC-06 a page whose header sections did not all come is none', () =>
  scripted({ messages: maildrop(5), script: breaksAt(3) }, async (script) => {
    const page = script.rig.collector.browse(script.id, { before: null, limit: 9 })
    await assert.rejects(page, /closed the connection/)
  }))

test('PC-34, PC-09 a deletion is not called seen to be done when the look behind it breaks off', () =>
  scripted({ messages: maildrop(3), account: { leave: true }, script: noUidl }, async (script) => {
    const { items } = await script.rig.collector.browse(script.id, { before: null, limit: 9 })
    let sessions = 0
    script.remote.behave({
      script: { ...noUidl, list: () => void sessions++, top: () => (sessions === 2 ? { octets: '', end: 'reset' } : undefined) },
    })
    const [report] = await script.rig.collector.act(script.id, [items[0]!.uid], 'delete')
    assert.match(report!.words, /could not be asked again/)
    return { given: ['uid-2'] }
  })) // prettier-ignore

test('PC-11 where a server does not show the dates of messages, somebody is asked again, and nothing is fetched', () =>
  scripted(
    { messages: maildrop(3), account: { first, leave: true }, script: { top: { say: '-ERR what?' } } },
    async (script) => {
      await script.run()
      assert.deepEqual([script.status.is, script.status.reason, script.status.begun], ['stopped', 'settings', false])
      assert.match(script.status.words, /3 messages, .*--first everything or new/)
      assert.deepEqual(await script.mail(), [])
      await script.change({ first: 'new' })
      await script.run()
      assert.deepEqual([script.status.reason, await script.mail()], ['none', []])
    },
  ))

for (const [what, refused] of [
  ['every message', () => true],
  ['that message', (line: string) => line === 'TOP 2 0'],
] as const)
  test(`P3C-03, PC-30 what cannot be looked at before it goes, TOP being refused for the moment for ${what}, stays until it can`, () =>
    scripted({ messages: maildrop(2), account: { leave: true, deleteAfterDays: 1 } }, async (script) => {
      await script.run()
      const [one, two] = script.remote.messages
      const other = { uid: two!.uid, octets: two!.octets.replace('message 1', 'MESSAGE 1') } // another one of the same UID and size
      script.remote.messages = [one!, other]
      script.later(2 * dayMs)
      const top = (line: string): Move | undefined => (refused(line) ? { say: '-ERR [SYS/TEMP] not now' } : undefined)
      script.remote.behave({ script: { top } })
      await script.run()
      assert.ok(!script.remote.removed.includes(other.uid))
      script.remote.behave({ script: {} })
      await script.run()
      script.later(2 * dayMs)
      await script.run()
      assert.deepEqual([script.remote.messages, (await script.mail()).length], [[], 3])
    }))

test('PC-11, PC-04 a first run by date waits when the dates are refused for the moment', () =>
  scripted(
    {
      messages: dated(3, 2020, 'old'),
      account: { first, leave: true },
      script: { top: { say: '-ERR [SYS/TEMP] later' } },
    },
    async (script) => {
      await script.run()
      assert.deepEqual([script.status.is, script.status.begun, await script.mail()], ['busy', false, []])
      script.remote.behave({ script: {} })
      await script.run()
      assert.deepEqual([script.status.is, await script.mail()], ['idle', []])
    },
  ))
