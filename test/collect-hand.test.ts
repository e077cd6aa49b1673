// Looking into a remote mailbox and acting on single messages: by UID, in a session of its own, verified; whatever the server
// says of itself.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ActionReport, RemoteAction } from '#/pop3-client/types.ts'
import { scripted, type Script } from './collect-rig.ts'
import { maildrop, type RemoteMessage } from './pop3-remote.ts'

const letters = (count: number): string[] => maildrop(count).map(({ octets }) => octets)
const uids = (messages: readonly RemoteMessage[]): string[] => messages.map(({ uid }) => uid)
const left = { leave: true } as const
const act = ({ rig, id }: Script, action: RemoteAction, ...of: string[]): Promise<ActionReport[]> =>
  rig.collector.act(id, of, action)
const outcomes = (reports: readonly ActionReport[]): string[] => reports.map(({ is }) => is)
const newest = { before: null, limit: 100 }

test('PC-32 a look shows pages, newest first, marks nothing and stores nothing', () =>
  scripted({ messages: maildrop(25), account: left }, async (script) => {
    const { collector } = script.rig
    const seen: string[] = []
    let before: number | null = null
    do {
      const page = await collector.browse(script.id, { before, limit: 10 })
      seen.push(...page.items.map(({ uid }) => uid))
      assert.deepEqual([page.total, page.previews], [25, true])
      before = page.before
    } while (before !== null)
    assert.deepEqual(seen, uids(maildrop(25)).toReversed())
    assert.equal(script.remote.counts.get('retr') ?? 0, 0)
    assert.deepEqual([await script.rows(), await script.mail()], [[], []])
    await script.run()
    assert.deepEqual(await script.mail(), letters(25))
  }))

test('PC-32 where TOP is refused, sizes and UIDs are shown, and that there is no preview', () =>
  scripted({ messages: maildrop(3), script: { top: { say: '-ERR' } }, account: left }, async (script) => {
    const { items, previews } = await script.rig.collector.browse(script.id, newest)
    assert.equal(previews, false)
    assert.deepEqual(items.map(({ uid, from, sizeBytes }) => [uid, from, sizeBytes > 100]), uids(maildrop(3)).toReversed().map((uid) => [uid, null, true])) // prettier-ignore
  }))

test('PC-36 what strangers write is shown as text without control characters, and short', () =>
  scripted({ messages: [{ uid: '\x1b[31mred', octets: 'From: =?utf-8?q?=1B=5D0=3Bowned=07?= <x@far.example>\r\nSubject: <script>\x07\x1b[2J \u202e=?utf-8?q?=E2=80=AE?=' + 'x'.repeat(900) + '\r\nDate: rubbish\r\n\r\nx\r\n' }], account: left }, async (script) => {
    const [item] = (await script.rig.collector.browse(script.id, newest)).items
    const shown = `${item?.from}${item?.subject}`
    assert.doesNotMatch(shown, /[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/)
    assert.ok(shown.length < 700 && item?.at === null)
  })) // prettier-ignore

test('PC-32, PC-34 it is shown whether a copy is here', () =>
  scripted({ messages: maildrop(3), account: left }, async (script) => {
    await script.run()
    await script.rig.deleteHere([2], script.mailbox)
    script.remote.messages.push(maildrop(4)[3]!)
    const { items } = await script.rig.collector.browse(script.id, newest)
    assert.deepEqual(items.map(({ here, state }) => `${here} ${state}`), ['false new', 'true stored', 'false stored', 'true stored']) // prettier-ignore
  }))

test('PC-35 fetch one, fetch and delete one, ignore one, mark all as fetched', () =>
  scripted({ messages: maildrop(6), account: left }, async (script) => {
    assert.deepEqual(outcomes(await act(script, 'fetch', 'uid-1')), ['fetched'])
    assert.deepEqual(outcomes(await act(script, 'fetch-delete', 'uid-2')), ['deleted'])
    assert.deepEqual(outcomes(await act(script, 'ignore', 'uid-3')), ['ignored'])
    assert.deepEqual(uids(script.remote.gone), ['uid-2'])
    await script.run()
    assert.equal((await script.mail()).length, 5)
    script.remote.messages.push(...maildrop(9).slice(6))
    assert.equal(await script.rig.collector.markAll(script.id), 4)
    await script.run()
    assert.equal((await script.mail()).length, 5)
    await act(script, 'again', 'uid-3')
    await script.run()
    assert.equal((await script.mail()).length, 6)
    await script.change({ leave: false })
    await script.run(2)
    assert.deepEqual(uids(script.remote.messages), ['uid-6', 'uid-7', 'uid-8'])
  }))

test('PC-34 delete without retrieving: 30 MB are not downloaded, and each message is reported', () =>
  scripted({ messages: [...maildrop(2), { uid: 'advertisement', octets: 'Subject: buy\r\n\r\nx\r\n', sizeBytes: 31_457_280 }], account: left }, async (script) => {
    const reports = await act(script, 'delete', 'advertisement', 'nothing')
    assert.deepEqual(outcomes(reports), ['deleted', 'vanished'])
    assert.match(reports[0]!.words, /without a copy here/)
    assert.equal(script.remote.counts.get('retr') ?? 0, 0)
    assert.deepEqual(uids(script.remote.messages), ['uid-0', 'uid-1'])
    return { given: ['advertisement'] }
  })) // prettier-ignore

test('PC-34 a deletion that the server did not do is found out, whatever it said', () =>
  scripted({ messages: maildrop(2), account: left, script: { quit: { counts: false } } }, async (script) => {
    const [report] = await act(script, 'delete', 'uid-0')
    assert.deepEqual(report?.is, 'failed')
    assert.match(report?.words ?? '', /still there/)
  }))

test('PC-34, PC-15 a deletion that the server did not confirm is told so', () =>
  scripted({ messages: maildrop(2), account: left, script: { quit: { say: '-ERR' } } }, async (script) => {
    assert.deepEqual(outcomes(await act(script, 'delete', 'uid-0')), ['failed'])
    await script.run()
    assert.deepEqual(await script.mail(), letters(2))
  }))

test('PC-33 numbers that shift between the look and the act do not matter; what is gone is not guessed', () =>
  scripted({ messages: maildrop(6), account: left }, async (script) => {
    const { items } = await script.rig.collector.browse(script.id, newest)
    assert.equal(items[0]!.uid, 'uid-5')
    script.remote.messages = script.remote.messages.filter(({ uid }) => uid !== 'uid-0' && uid !== 'uid-3')
    assert.deepEqual(outcomes(await act(script, 'fetch-delete', 'uid-3', 'uid-4')), ['vanished', 'deleted'])
    assert.deepEqual(uids(script.remote.gone), ['uid-4'])
    assert.deepEqual(await script.mail(), [letters(6)[4]])
  }))

test('PC-33 a UID that two messages have is reported and nothing is done', () =>
  scripted({ messages: maildrop(3).map((one, i) => ({ ...one, uid: i < 2 ? 'same' : 'other' })), account: left }, async (script) => {
    for (const action of ['delete', 'fetch-delete', 'ignore'] as const)
      assert.deepEqual(outcomes(await act(script, action, 'same')), ['ambiguous'])
    assert.deepEqual(script.remote.gone, [])
  })) // prettier-ignore

test('PC-33, P3C-03 a UID that is used again for another message: fetch and delete fetches that one first', () =>
  scripted({ messages: [{ uid: 'a', octets: 'Subject: old\r\n\r\nx\r\n' }], account: left }, async (script) => {
    await script.run()
    script.remote.messages = [{ uid: 'a', octets: 'Subject: new\r\n\r\nx\r\n' }]
    assert.deepEqual(outcomes(await act(script, 'fetch-delete', 'a')), ['deleted'])
    assert.deepEqual(await script.mail(), ['Subject: old\r\n\r\nx\r\n', 'Subject: new\r\n\r\nx\r\n'])
  }))

for (const [title, script] of [
  ['breaks at RETR', { retr: { cutAt: 40 } }],
  ['breaks at DELE', { dele: { octets: '', end: 'close' } }],
  ['breaks at QUIT', { quit: { octets: '', end: 'close', counts: false } }],
  ['refuses RETR', { retr: { say: '-ERR' } }],
] as const)
  test(`PC-33, P3C-05 a session by hand that ${title}: nothing is deleted that is not here, and again it works`, () =>
    scripted({ messages: maildrop(3), account: left, script }, async (work) => {
      const reports = await act(work, 'fetch-delete', 'uid-0', 'uid-1').catch(() => [])
      assert.ok(reports.every(({ is }) => is === 'failed'))
      assert.deepEqual(work.remote.gone, [])
      work.remote.behave({ script: {} })
      assert.deepEqual(outcomes(await act(work, 'fetch-delete', 'uid-0', 'uid-1')), ['deleted', 'deleted'])
      assert.deepEqual(await work.sorted(), letters(2))
    }))

test('PC-35, PC-23 a full mailbox: fetch and delete does neither', () =>
  scripted({ messages: maildrop(2), account: left }, async (script) => {
    await script.rig.store.changeMailbox(script.mailbox, { quotaBytes: 0 })
    await script.rig.directory.reload()
    assert.deepEqual(outcomes(await act(script, 'fetch-delete', 'uid-0')), ['failed'])
    assert.deepEqual(script.remote.gone, [])
  }))
