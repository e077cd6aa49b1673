// Which message is which: servers whose UIDs are missing, shared, odd, changed or used again, over several runs of the whole
// collector. Nothing may be deleted there that is not here.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dayMs, scripted } from './collect-rig.ts'
import { maildrop, type RemoteMessage, type RemoteOptions, type Script } from './pop3-remote.ts'

const noUidl = { uidl: { say: '-ERR what?' } } as const
const noTop = { top: { say: '-ERR what?' } } as const
const letters = (count: number): string[] => maildrop(count).map(({ octets }) => octets)
const plain = (subject: string, body: string): string => `From: x@far.example\r\nSubject: ${subject}\r\n\r\n${body}\r\n`

type Lacking = Pick<RemoteOptions, 'script' | 'capabilities'>
const lacking: readonly [string, Lacking][] = [
  ['UIDL', { script: noUidl }],
  ['TOP', { script: noTop, capabilities: ['UIDL', 'USER'] }],
  ['UIDL and TOP', { script: { ...noUidl, ...noTop } }],
  ['CAPA', { capabilities: null }],
  ['CAPA, UIDL and TOP', { capabilities: null, script: { ...noUidl, ...noTop } }],
  ['pipelining', { capabilities: ['UIDL', 'TOP'] }],
]
for (const [what, options] of lacking) {
  test(`PC-09, PC-02, P3C-04 a server without ${what} is emptied, and a second run brings nothing`, () =>
    scripted({ messages: maildrop(5), ...options }, async (script) => {
      await script.run(2)
      assert.deepEqual(await script.mail(), letters(5))
      assert.deepEqual(script.remote.messages, [])
    }))

  test(`PC-09, PC-15 a server without ${what} that takes no deletion for good is not collected twice`, () =>
    scripted({ messages: maildrop(5), ...options, script: { ...options.script, quit: { say: '-ERR not now' } } }, async (script) => {
      await script.run(3)
      assert.deepEqual(await script.mail(), letters(5))
      assert.equal(script.remote.messages.length, 5)
      script.remote.behave({ script: options.script ?? {} })
      await script.run(2)
      assert.deepEqual(script.remote.messages, [])
      assert.deepEqual(await script.mail(), letters(5))
    })) // prettier-ignore
}

for (const [what, options] of lacking.filter(([what]) => !what.includes('UIDL and TOP')))
  test(`PC-09 a server without ${what} may keep its messages: they are collected once`, () =>
    scripted({ messages: maildrop(5), ...options, account: { leave: true } }, async (script) => {
      await script.run(2)
      script.remote.messages = maildrop(6)
      await script.run(2)
      assert.deepEqual(await script.sorted(), letters(6))
      assert.deepEqual(script.remote.removed, [])
      const identities = what === 'UIDL' ? 'headers' : 'uidl'
      assert.equal(script.status.identities, identities)
    }))

test('PC-09 where neither UIDs nor header sections are told, leaving them there is refused in words', () =>
  scripted({ messages: maildrop(3), script: { ...noUidl, ...noTop }, account: { leave: true } }, async (script) => {
    await script.run(2)
    const { is, reason, words } = script.status
    assert.deepEqual([is, reason], ['stopped', 'settings'])
    assert.match(words, /--no-leave/)
    assert.deepEqual(await script.mail(), [])
  }))

test('PC-09, PC-11 where nothing is told of messages, only everything can be the first run', () =>
  scripted({ messages: maildrop(3), script: { ...noUidl, ...noTop }, account: { first: 'new' } }, async (script) => {
    await script.run()
    assert.equal(script.status.reason, 'settings')
    assert.match(script.status.words, /--first everything/)
    await script.change({ first: 'everything' })
    await script.run()
    assert.deepEqual(await script.mail(), letters(3))
  }))

type Drop = readonly RemoteMessage[]
const twins: readonly [string, Drop][] = [
  ['of the same octets', [0, 1].map(() => ({ uid: 'same', octets: plain('one', 'x') }))],
  ['of one size', ['a', 'b'].map((body) => ({ uid: 'same', octets: plain(body, body) }))],
  ['of other sizes', ['a', 'bb'].map((body) => ({ uid: 'same', octets: plain(body, body) }))],
  ['of one header section', ['a', 'b'].map((body) => ({ uid: 'same', octets: plain('one', body) }))],
]
for (const [what, messages] of twins)
  for (const [lack, script] of [
    ['', {}],
    [' without TOP', noTop],
  ] as const)
    // prettier-ignore
    for (const leave of [false, true])
      test(`PC-08, P3C-03 two messages ${what} under one UID${lack}, ${leave ? 'left there' : 'deleted there'}: nothing is lost`, () =>
        scripted({ messages, script, account: { leave } }, async (script) => {
          await script.run(4)
          const want = [...new Set(messages.map(({ octets }) => octets))].toSorted()
          assert.deepEqual([...new Set(await script.sorted())], want)
        }))

for (const [what, messages] of twins.slice(1))
  test(`PC-08, P3C-05 two messages ${what} under one UID without TOP, and the line breaks between them`, () =>
    scripted({ messages, script: { ...noTop, retr: (line) => (line === 'RETR 2' ? { end: 'close', octets: '' } : undefined) } }, async (script) => {
      await script.run()
      script.remote.behave({ script: noTop })
      await script.run(3)
      assert.deepEqual(await script.sorted(), messages.map(({ octets }) => octets).toSorted())
    })) // prettier-ignore

for (const [what, messages] of twins.slice(1))
  test(`PC-08, P3C-05 a server that deletes all messages of a UID, of two ${what}: not before both are here`, () =>
    scripted({ messages, removesByUid: true, script: { retr: (line, nth) => (line === 'RETR 2' && nth < 2 ? { say: '-ERR' } : undefined) } }, async (script) => {
      for (let runs = 0; runs < 4; runs++) {
        await script.run()
        await script.rig.check([script.remote], { mailboxes: [script.mailbox] })
      }
      assert.deepEqual(await script.sorted(), messages.map(({ octets }) => octets).toSorted())
      assert.deepEqual(script.remote.messages, [])
    })) // prettier-ignore

const cron = ['a', 'b', 'c'].map((body, i) => ({ uid: `u${i}`, octets: plain('cron', body) }))
const withoutUids: readonly [string, Drop][] = [
  ['one header section and one size', cron],
  ['one header section and other sizes', cron.map((one, i) => ({ ...one, octets: one.octets + 'x\r\n'.repeat(i) }))],
  ['no header section', ['a', 'b'].map((body, i) => ({ uid: `u${i}`, octets: `\r\n${body}\r\n` }))],
]
for (const [what, messages] of withoutUids)
  for (const leave of [false, true])
    test(`PC-09, P3C-04 without UIDL, messages of ${what}, ${leave ? 'left' : 'deleted there'}, are all here`, () =>
      scripted({ messages, script: noUidl, account: { leave } }, async (script) => {
        await script.run(3)
        assert.deepEqual(await script.sorted(), messages.map(({ octets }) => octets).toSorted())
        assert.equal(script.remote.messages.length, leave ? messages.length : 0)
      }))

test('P3C-04 without UIDL, what comes later with the header section of a deleted message is another message', () =>
  scripted({ messages: cron.slice(0, 1), script: noUidl }, async (script) => {
    await script.run()
    script.remote.messages = cron.slice(1, 2)
    await script.run()
    script.remote.messages = []
    await script.run()
    script.remote.messages = cron.slice(2, 3)
    await script.run(2)
    assert.deepEqual(await script.sorted(), cron.map(({ octets }) => octets))
  })) // prettier-ignore

const reused: readonly [string, string, string][] = [
  ['another size', plain('old', 'a'), plain('new', 'bb')],
  ['the same size', plain('old', 'a'), plain('new', 'b')],
]
for (const [what, before, after] of reused)
  for (const emptyBetween of [false, true])
    for (const [lack, script] of [
      ['', {}],
      [' without TOP', noTop],
    ] as const)
      // prettier-ignore
      test(`P3C-03, PC-07 a UID used again for a message of ${what}${emptyBetween ? ' after an empty listing' : ''}${lack} is fetched`, () =>
        scripted({ messages: [{ uid: '1', octets: before }], script }, async (script) => {
          await script.run()
          script.remote.messages = []
          if (emptyBetween) await script.run()
          script.remote.messages = [{ uid: '1', octets: after }]
          await script.run(2)
          assert.deepEqual(await script.mail(), [before, after])
          assert.deepEqual(script.remote.messages, [])
        }))

test('P3C-03, PC-07 a server whose UIDs are its numbers loses nothing when messages go and come', () =>
  scripted({ account: { leave: true, deleteAfterDays: 3 } }, async (script) => {
    const all = maildrop(12)
    for (let day = 0; day < 10; day++) {
      script.remote.messages = all.slice(day, day + 3).map(({ octets }, i) => ({ octets, uid: `${i + 1}` }))
      await script.run()
      script.later(dayMs)
    }
    assert.deepEqual([...new Set(await script.sorted())], letters(12).toSorted())
  })) // prettier-ignore

const odd: readonly [string, string, boolean][] = [
  ['4000 octets', 'u'.repeat(4000), true],
  ['octets above 127', 'ü\x80\xff', true],
  ['quotes and SQL', `'; DROP TABLE entry;--"\\`, true],
  ['HTML', '<img/src=x>', true],
  ['blanks inside', 'a b  c', true],
  ['control characters', 'a\x01\x1b[2Jb', true],
  ['10 KB', 'u'.repeat(10_240), false],
  ['nothing at all', '', false],
  ['the name of a built-in', '__proto__', true],
]
for (const [what, uid, kept] of odd)
  test(`PC-07, P3C-03 a UID of ${what} is ${kept ? 'kept as it is' : 'none: its message is told by its header section'}`, () =>
    scripted({ messages: [...maildrop(2), { uid, octets: plain('odd', 'x') }], account: { leave: true } }, async (script) => {
      await script.run(3)
      assert.deepEqual(await script.mail(), [...letters(2), plain('odd', 'x')])
      const rows = await script.rows()
      assert.equal(rows.some((row) => row.uid === uid), kept) // prettier-ignore
      await script.change({ leave: false })
      await script.run(2)
      assert.deepEqual(script.remote.messages, [])
    })) // prettier-ignore

const listing = (lines: readonly string[]): { octets: string } => ({ octets: ['+OK', ...lines, '.', ''].join('\r\n') })
const mismatched: readonly [string, Script, number][] = [
  ['UIDL has a number more', { uidl: listing(['1 uid-0', '2 uid-1', '3 uid-2', '4 uid-3']) }, 3],
  ['UIDL lacks a number', { uidl: listing(['1 uid-0', '3 uid-2']) }, 3],
  ['LIST lacks a number', { list: listing(['1 300', '3 300']) }, 2],
  ['a number has two UIDs', { uidl: listing(['1 uid-0', '2 uid-1', '2 other', '3 uid-2']) }, 3],
  ['the order is another', { uidl: listing(['3 uid-2', '1 uid-0', '2 uid-1']) }, 3],
  ['there are blanks and tabs', { uidl: listing(['  1   uid-0  ', '2\tuid-1', '3 uid-2 ']) }, 3],
  ['lines make no sense', { uidl: listing(['1 uid-0', 'x', '', '2 uid-1', '-1 y', '99999999999 z', '3 uid-2']), list: listing(['1 300', 'two', '2 300', '3 300', '4 x']) }, 3], // prettier-ignore
  ['sizes are absurd', { list: listing(['1 0', '2 99999999', '3 1']) }, 2],
]
for (const [what, script, count] of mismatched)
  test(`PC-07, P3C-03 ${what}: what can be told is collected and nothing else is touched`, () =>
    scripted({ messages: maildrop(3), script, account: { sizeBytesMax: 1_000_000 } }, async (script) => {
      await script.run()
      assert.equal((await script.mail()).length, count)
      assert.equal(script.remote.gone.length, count)
    }))

test('P3C-03 UIDs that change with each session: nothing is lost, and few come twice before somebody is asked', () =>
  scripted({ account: { leave: true } }, async (script) => {
    const all = maildrop(30)
    for (let run = 0; run < 4; run++) {
      script.remote.messages = all.map(({ octets }, i) => ({ octets, uid: `${run}-${i}` }))
      await script.run()
    }
    assert.deepEqual(await script.mail(), letters(30)) // once: the change was seen
    assert.equal(script.status.reason, 'uids-changed')
  }))

const changed = (count: number): RemoteMessage[] =>
  maildrop(count).map(({ octets }, i) => ({ octets, uid: `new-${i}` }))
for (const how of ['recognise', 'none'] as const)
  test(`PC-10 all UIDs are new: it stops and asks, and after "${how}" goes on as somebody said`, () =>
    scripted({ messages: maildrop(30), account: { leave: true } }, async (script) => {
      await script.run()
      script.remote.messages = changed(32)
      await script.run(2)
      const { is, reason, words } = script.status
      assert.deepEqual([is, reason], ['stopped', 'uids-changed'])
      assert.match(words, /collect adopt far/)
      assert.deepEqual(await script.mail(), letters(30))
      const adopted = await script.rig.collector.adopt(script.id, how)
      assert.equal(adopted.same, how === 'none' ? 0 : 30)
      await script.run(2)
      assert.equal(script.status.is, 'idle')
      assert.deepEqual([...new Set(await script.sorted())], letters(32).toSorted())
      assert.equal((await script.mail()).length, how === 'none' ? 62 : 32)
      assert.deepEqual(script.remote.removed, [])
    }))

test('PC-10, PC-11, PC-35 what nobody wanted is not collected because it has new UIDs', () =>
  scripted({ messages: maildrop(30), account: { leave: true, first: 'new' } }, async (script) => {
    await script.run()
    script.remote.messages = changed(32)
    await script.run()
    assert.equal(script.status.reason, 'uids-changed')
    assert.deepEqual(await script.rig.collector.adopt(script.id, 'recognise'), { same: 30, others: 2 })
    await script.run(2)
    assert.deepEqual([script.status.is, await script.mail()], ['idle', letters(32).slice(30)])
  }))

test('PC-10 where none is known again, nothing is done, and it is said what else there is', () =>
  scripted({ messages: maildrop(30), account: { leave: true } }, async (script) => {
    await script.run()
    script.remote.messages = changed(30).map(({ uid }) => ({ uid, octets: `Subject: ${uid}, and larger\r\n\r\nx\r\n` }))
    await script.run()
    await assert.rejects(script.rig.collector.adopt(script.id, 'recognise'), /adopt far.* --none .*mark-all far/)
    await script.run()
    assert.deepEqual([script.status.reason, (await script.mail()).length], ['uids-changed', 30])
  })) // prettier-ignore

test('PC-10, PC-30 what was adopted goes by the time of its first store', () =>
  scripted({ messages: maildrop(30), account: { leave: true, deleteAfterDays: 10 } }, async (script) => {
    await script.run()
    script.later(9 * dayMs)
    script.remote.messages = changed(30)
    await script.run()
    await script.rig.collector.adopt(script.id, 'recognise')
    await script.run()
    assert.equal(script.remote.gone.length, 0)
    script.later(2 * dayMs)
    await script.run()
    assert.equal(script.remote.gone.length, 30)
    assert.deepEqual(await script.mail(), letters(30))
  }))

test('PC-12 a message that is missing in one listing is not fetched again', () =>
  scripted({ messages: maildrop(4), account: { leave: true } }, async (script) => {
    const all = script.remote.messages
    await script.run()
    for (const shown of [all.slice(1), [], all, all.slice(0, 2), all]) {
      script.remote.messages = shown
      await script.run()
      script.later(dayMs)
    }
    assert.deepEqual(await script.mail(), letters(4))
  }))

test('PC-12 what was gone for long is forgotten, and what goes with an account stays here', () =>
  scripted({ messages: maildrop(4), account: { leave: true } }, async (script) => {
    await script.run()
    script.remote.messages = script.remote.messages.slice(2)
    await script.run()
    script.later(31 * dayMs)
    await script.run()
    assert.deepEqual(await script.states(), ['uid-2 stored', 'uid-3 stored'])
    await script.rig.accounts.remove(script.id)
    assert.deepEqual(await script.rows(), [])
    assert.deepEqual(await script.mail(), letters(4))
  }))
