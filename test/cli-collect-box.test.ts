// A remote box as commands show it and act on it, against a scripted POP3 server.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import type { ShownStatus } from '#/operations/collect-look.ts'
import { perform } from '#/operations/table.ts'
import type { ActionReport, BrowsePage, RunReport, TestReport } from '#/pop3-client/types.ts'
import { operationsRig, type Operations } from './operations-rig.ts'
import { maildrop, Pop3Remote, type RemoteOptions } from './pop3-remote.ts'

type Rig = AsyncDisposable & { readonly rig: Operations; readonly remote: Pop3Remote; readonly draft: object }

async function rigOn(options: RemoteOptions): Promise<Rig> {
  const [rig, remote] = [await operationsRig(), await Pop3Remote.open(options)]
  await rig.run('mailbox.add', { name: 'ann' })
  const where = { host: '127.0.0.1', port: remote.port, tls: 'none', privateAllowed: true, plainAuthAllowed: true }
  const draft = { name: 'old', mailbox: 'ann', user: 'ann', password: 'secret', ...where }
  const dispose = async (): Promise<void> => {
    await remote[Symbol.asyncDispose]()
    await rig[Symbol.asyncDispose]()
  }
  return { rig, remote, draft, [Symbol.asyncDispose]: dispose }
}
const run = async (rig: Operations, more: object = {}): Promise<RunReport> =>
  (await rig.run('collect.run', { name: 'old', ...more })) as RunReport // its answer
const act = async (rig: Operations, action: string, ...uids: string[]): Promise<ActionReport[]> =>
  (await rig.run('collect.act', { name: 'old', action, uids, yes: true })) as ActionReport[] // its answer
const browse = async (rig: Operations, more: object = {}): Promise<BrowsePage> =>
  (await rig.run('collect.browse', { name: 'old', ...more })) as BrowsePage // its answer
const here = async (rig: Operations): Promise<number> => (await rig.store.facts()).messages
const uidsOf = (page: BrowsePage): string[] => page.items.map(({ uid }) => uid)

test('PC-11 a try-out of an account that is not saved tells count and size, and saves nothing', async () => {
  await using made = await rigOn({ messages: maildrop(3) })
  const { rig, draft } = made
  const report = (await rig.run('collect.test', draft)) as TestReport // its answer
  assert.deepEqual([report.ok, report.messages], [true, 3])
  assert.ok(report.bytes! > 0)
  assert.doesNotMatch(report.lines.join(), /secret/)
  assert.deepEqual(await rig.run('collect.list'), [])
})

test('PC-11 the first run of an account without the word takes nothing, and counts what is there', async () => {
  await using made = await rigOn({ messages: maildrop(3) })
  const { rig, draft } = made
  await rig.run('collect.add', draft)
  const report = await run(rig)
  assert.deepEqual([report.ok, report.fetched, report.left, report.reason], [false, 0, 3, 'first-run'])
  assert.equal(await here(rig), 0)
  await rig.run('collect.set', { name: 'old', first: 'everything' })
  assert.equal((await run(rig)).fetched, 3)
})

test('PC-21 what is larger than allowed is shown as such, and fetched when somebody says so', async () => {
  await using made = await rigOn({
    messages: [...maildrop(1), ...maildrop(1, 4000).map((one) => ({ ...one, uid: 'large' }))],
  })
  const { rig, draft } = made
  await rig.run('collect.add', { ...draft, first: 'everything', sizeBytesMax: 2000 })
  const report = await run(rig)
  assert.deepEqual([report.fetched, report.skipped.tooBig], [1, 1])
  const [large] = (await browse(rig)).items
  assert.match(String(large?.problem), /larger than you allow: collect fetch old UID takes it anyway/)
  assert.deepEqual(
    (await act(rig, 'fetch', 'large')).map(({ is }) => is),
    ['fetched'],
  )
  assert.equal(await here(rig), 2)
  assert.equal((await browse(rig)).items[0]?.problem, null)
})

test('PC-32, PC-36 a box is looked through in pages, newest first, and nothing of it is collected or obeyed', async () => {
  const evil = {
    octets: 'From: \u001b[31m<x@y.example>\r\nSubject: =?utf-8?q?<b>=07=E2=80=AE?=\r\n\r\nx\r\n',
    uid: 'evil',
  }
  await using made = await rigOn({ messages: [...maildrop(4), evil] })
  const { rig, draft } = made
  await rig.run('collect.add', { ...draft, first: 'everything' })
  const first = await browse(rig, { limit: 2 })
  assert.deepEqual([uidsOf(first), first.total], [['evil', 'uid-3'], 5])
  assert.doesNotMatch(JSON.stringify(first), /\\u001b|\\u0007|\u202e/)
  const second = await browse(rig, { limit: 2, before: first.before })
  const third = await browse(rig, { limit: 2, before: second.before })
  assert.deepEqual([uidsOf(second), uidsOf(third), third.before], [['uid-2', 'uid-1'], ['uid-0'], null])
  assert.equal(await here(rig), 0)
  assert.deepEqual(made.remote.removed, [])
})

test('PC-33, PC-34 a message is deleted by its UID where it stands now, and one that is gone is told', async () => {
  await using made = await rigOn({ messages: maildrop(3) })
  const { rig, remote, draft } = made
  await rig.run('collect.add', { ...draft, first: 'everything' })
  await browse(rig)
  remote.messages.shift() // every number is another one's now
  const reports = await act(rig, 'delete', 'uid-0', 'uid-2')
  assert.deepEqual(
    reports.map(({ uid, is }) => [uid, is]),
    [
      ['uid-0', 'vanished'],
      ['uid-2', 'deleted'],
    ],
  )
  assert.deepEqual(remote.removed, ['uid-2'])
})

test('PC-34 the question before a deletion knows whether a copy is here, and a copy that was deleted here is none', async () => {
  await using made = await rigOn({ messages: maildrop(2) })
  const { rig, draft } = made
  await rig.run('collect.add', { ...draft, first: 'everything', messagesMax: 1 })
  await run(rig)
  const asked = { name: 'old', uids: ['uid-0', 'uid-1'] }
  const copies = (): Promise<unknown> => rig.run('collect.copies', asked)
  assert.deepEqual(await copies(), [
    { uid: 'uid-0', here: true },
    { uid: 'uid-1', here: false },
  ])
  await assert.rejects(rig.run('collect.act', { ...asked, action: 'delete' }), /2 messages .* 1 without a copy here/)
  await assert.rejects(
    rig.run('collect.act', { name: 'old', uids: ['uid-0'], action: 'delete' }),
    /each with a copy here/,
  )
  const mailbox = rig.context.directory.mailbox('ann')!
  const nobody = { client: null, from: null, to: [], subject: null, messageId: null, detail: {} }
  await rig.store.removeEntries(mailbox.id, [1], { ref: 'deleted', at: 0, step: 'deleted', ...nobody })
  assert.deepEqual(await copies(), [
    { uid: 'uid-0', here: false },
    { uid: 'uid-1', here: false },
  ])
  assert.deepEqual(made.remote.removed, [])
})

test('PC-35 single messages are fetched, fetched and deleted, ignored for good, and taken back; all are marked as collected', async () => {
  await using made = await rigOn({ messages: maildrop(5) })
  const { rig, remote, draft } = made
  await rig.run('collect.add', { ...draft, first: 'everything' })
  const is = async (action: string, uid: string): Promise<unknown> => (await act(rig, action, uid))[0]?.is
  assert.equal(await is('fetch', 'uid-0'), 'fetched')
  assert.equal(await is('fetch-delete', 'uid-1'), 'deleted')
  assert.equal(await is('ignore', 'uid-2'), 'ignored')
  assert.deepEqual(remote.removed, ['uid-1'])
  assert.deepEqual(await rig.run('collect.mark-all', { name: 'old' }), { marked: 3 })
  assert.equal((await run(rig)).fetched, 0)
  assert.equal(await is('again', 'uid-2'), 'again')
  assert.equal((await run(rig)).fetched, 1)
  assert.equal(await here(rig), 3)
})

test('PC-39 status and history tell what each run did, and the last error in words', async () => {
  await using made = await rigOn({
    messages: maildrop(2),
    script: { pass: (_line, nth) => (nth === 0 ? { say: '-ERR [IN-USE] locked' } : undefined) },
  })
  const { rig, draft } = made
  await rig.run('collect.add', { ...draft, first: 'everything', leave: false })
  const status = async (): Promise<ShownStatus> => ((await rig.run('collect.status')) as ShownStatus[])[0]! // one account
  await run(rig)
  const failed = await status()
  assert.equal(failed.state, 'busy')
  assert.notEqual(failed.because, null)
  await run(rig)
  const { state, because, last, left, nextRunAt, lastGoodAt, now } = await status()
  assert.deepEqual([state, because, left, now], ['idle', null, 0, null])
  assert.deepEqual([last?.fetched, last?.removed, last?.ok], [2, 2, true])
  assert.ok(nextRunAt! > lastGoodAt!)
  const log = (await rig.run('collect.log', { name: 'old' })) as RunReport[] // newest first
  assert.deepEqual(
    log.map(({ ok, fetched }) => [ok, fetched]),
    [
      [true, 2],
      [false, 0],
    ],
  )
})

test('PC-22 a run tells in words how far it is, and a cancelled one keeps what came', async () => {
  let delayMs = 5 // until it is cancelled
  await using made = await rigOn({ messages: maildrop(1500), script: { retr: () => ({ delayMs }) } })
  const { rig, draft } = made
  await rig.run('collect.add', { ...draft, first: 'everything', leave: false })
  const told: string[] = []
  const onShare = (share: number, words = ''): void => {
    assert.ok(share >= 0 && share <= 1)
    told.push(words)
    if (/^[1-9]\d* of 1500/.test(words)) void rig.run('collect.cancel', { name: 'old' })
  }
  const report = (await perform(
    { ...rig.context, onShare },
    { name: 'collect.run', parameters: { name: 'old' } },
  )) as RunReport // its answer
  assert.ok(
    told.some((words) => /^\d+ of 1500 messages, 0\.\d of 0\.5 MB/.test(words)),
    told.join('|'),
  )
  assert.ok(report.fetched > 0 && report.fetched < 1500)
  assert.equal(await here(rig), report.fetched)
  delayMs = 0
  const rest = await run(rig)
  assert.equal(report.fetched + rest.fetched, 1500)
  assert.equal(await here(rig), 1500)
})

test('PC-10 after a change of all UIDs the account waits, and goes on as it is told: nothing twice, or all anew', async () => {
  for (const none of [false, true]) {
    await using made = await rigOn({ messages: maildrop(30) })
    const { rig, remote, draft } = made
    await rig.run('collect.add', { ...draft, first: 'everything' })
    await run(rig)
    remote.messages = remote.messages.map((one) => ({ ...one, uid: `new-${one.uid}` }))
    const stopped = await run(rig)
    assert.deepEqual([stopped.reason, stopped.fetched], ['uids-changed', 0])
    await rig.run('collect.adopt', { name: 'old', none })
    const [account] = (await rig.run('collect.list')) as { state: string }[] // one account
    assert.equal(account?.state, 'idle')
    assert.equal((await run(rig)).fetched, none ? 30 : 0)
  }
})

test('PC-12 an account that is removed while it is collected ends first, and nothing of it is left', async () => {
  await using made = await rigOn({ messages: maildrop(300), script: { retr: { delayMs: 2 } } })
  const { rig, draft } = made
  await rig.run('collect.add', { ...draft, first: 'everything' })
  const { id } = rig.context.accounts.byName('old')!
  const running = run(rig)
  while ((await here(rig)) === 0) await rig.context.world.clock.sleep(10)
  await rig.run('collect.remove', { name: 'old', force: true })
  await running
  assert.deepEqual(await rig.store.collected.messages(id), [])
  assert.deepEqual(await rig.store.collected.runs(id, 10), [])
  assert.ok((await here(rig)) > 0)
})

test('PC-10, PC-35 where all UIDs are new, all can be taken as collected, and the account goes on', async () => {
  await using made = await rigOn({ messages: maildrop(25) })
  const { rig, remote, draft } = made
  await rig.run('collect.add', { ...draft, first: 'everything' })
  await run(rig)
  remote.messages = maildrop(25).map((one) => ({ ...one, uid: `new ${one.uid}` }))
  assert.equal((await run(rig)).reason, 'uids-changed')
  assert.deepEqual(await rig.run('collect.mark-all', { name: 'old' }), { marked: 25 })
  const [status] = (await rig.run('collect.status', { name: 'old' })) as ShownStatus[] // its answer
  assert.deepEqual([status?.state, status?.because], ['idle', null])
  const { fetched, ok } = await run(rig)
  assert.deepEqual([fetched, ok], [0, true])
})

test('an account without a password says so, tried or saved', async () => {
  await using made = await rigOn({})
  const { rig, draft } = made
  const bare = { ...draft, password: undefined }
  const words = /^No password for ann at 127\.0\.0\.1 was given: --password/
  const report = (await rig.run('collect.test', bare)) as TestReport // its answer
  assert.match(report.lines.at(-1) ?? '', words)
  await rig.run('collect.add', { ...bare, first: 'everything' })
  assert.match((await run(rig)).words, words)
})
