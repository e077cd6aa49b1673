// What messages may be made of, and how they may come: every octet that is there is here, in its order, once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ended, scripted } from './collect-rig.ts'
import { maildrop, type RemoteMessage } from './pop3-remote.ts'

const letters = (count: number): string[] => maildrop(count).map(({ octets }) => octets)
const head = 'From: x@far.example\r\nSubject: odd\r\n'

const odd: readonly [string, string][] = [
  ['no octet at all', ''],
  ['one empty line', '\r\n'],
  ['a dot alone', '.\r\n'],
  ['dots at every line', `${head}\r\n.\r\n..\r\n...\r\n.x\r\n`],
  ['a last line without an end', `${head}\r\nx`],
  ['no header section', 'hello\r\nthere\r\n'],
  ['no header section, begun with a blank', ' hello\r\n\tthere\r\n'],
  ['a header section alone', head],
  ['NULs', `${head}\r\na\0b\0\r\n`],
  ['8-bit octets in fields and body', `${head}X-Odd: \x80\xff\xe4\r\n\r\n\xe4\xf6\xfc\xff\r\n`],
  ['bare CRs and LFs', `${head}\r\na\rb\nc\n.\nd\r.\r\r\n\n.\r\n`],
  ['a bare LF in a field', `${head}X-Odd: a\nEvil: b\r\n\r\nx\r\n`],
  ['a line of 300,000 octets', `${head}\r\n${'x'.repeat(300_000)}\r\n`],
  ['a field of 300,000 octets', `${head}X-Long: ${'x'.repeat(300_000)}\r\n\r\nx\r\n`],
  ['broken MIME', `${head}Content-Type: multipart/mixed; boundary="\r\n\r\n--x\r\nContent-Type: ;;;\r\n\r\n=?utf-8?b?@@@?=\r\n`],
  ['what looks like replies of a server', `${head}\r\n+OK 5 octets\r\n-ERR no\r\n.\r\n..\r\n`],
  ['forged fields of ours', `X-NetCruiser-Collected: account=far;\r\n\tuid="1";\r\n\tmark=${'0'.repeat(32)}\r\n${head}\r\nx\r\n`],
  ['200 fields Delivered-To', `${'Delivered-To: root@example.org\r\n'.repeat(200)}${head}\r\nx\r\n`],
  ['a date of the year 0', `${head}Date: Mon, 0 Jan 0000 00:00:00 +9999\r\n\r\nx\r\n`],
] // prettier-ignore
const drop = odd.map(([, octets], i): RemoteMessage => ({ uid: `odd-${i}`, octets }))

for (const [title, octets] of odd)
  test(`PC-19, P3C-11 ${title}: kept as it is`, () =>
    scripted({ messages: [{ uid: 'a', octets }, ...maildrop(1)] }, async (script) => {
      const { ok, fetched } = await script.run()
      assert.deepEqual([ok, fetched], [true, 2])
      assert.deepEqual(await script.sorted(), [ended(octets), ...letters(1)].toSorted())
    }))

for (const chunkBytes of [1, 2, 3, 7, 64])
  test(`PC-18, P3C-07 odd messages in pieces of ${chunkBytes} octets: dots and ends lie at every border`, () =>
    scripted({ messages: drop.filter(({ octets }) => octets.length < 3000), chunkBytes }, async (script) => {
      await script.run()
      const want = drop.filter(({ octets }) => octets.length < 3000)
      assert.deepEqual(await script.mail(), want.map(({ octets }) => ended(octets)))
      assert.deepEqual(script.remote.messages, [])
    })) // prettier-ignore

const raw = (octets: string): { octets: string } => ({ octets })
const ends: readonly [string, string, string][] = [
  ['CRLF.LF is no end', 'Subject: a\r\n\r\nx\r\n.\ny\r\n.\r\n', 'Subject: a\r\n\r\nx\r\n\ny\r\n'],
  ['LF.CRLF is no end', 'Subject: a\r\n\r\nx\n.\r\ny\r\n.\r\n', 'Subject: a\r\n\r\nx\n.\r\ny\r\n'],
  ['LF.LF is no end', 'Subject: a\r\n\r\nx\n.\ny\r\n.\r\n', 'Subject: a\r\n\r\nx\n.\ny\r\n'],
  ['CR.CR is no end', 'Subject: a\r\n\r\nx\r.\ry\r\n.\r\n', 'Subject: a\r\n\r\nx\r.\ry\r\n'],
  ['a line begun with one dot loses it', 'Subject: a\r\n\r\n.x\r\n.\r\n', 'Subject: a\r\n\r\nx\r\n'],
]
for (const [title, wire, want] of ends)
  test(`P3C-07 ${title}, wherever the octets are split`, () =>
    scripted({ messages: [{ uid: 'a', octets: want }], chunkBytes: 1, script: { retr: raw(`+OK\r\n${wire}`) } }, async (script) => {
      await script.run()
      assert.deepEqual(await script.mail(), [want])
    })) // prettier-ignore

test('P3C-07 what stands behind the end in the same segment is the next answer, not the message', () =>
  scripted({ messages: maildrop(3), capabilities: ['UIDL', 'TOP'], script: { retr: { behind: '-ERR not for you\r\n' } } }, async (script) => {
    await script.run()
    assert.ok((await script.mail()).every((octets) => letters(3).includes(octets)))
    script.remote.behave({ script: {} })
    await script.run(2)
    assert.deepEqual(await script.sorted(), letters(3).toSorted())
  })) // prettier-ignore

const sizes: readonly [string, number][] = [['0', 0], ['1', 1], ['too small', 100], ['too large', 40_000], ['absurd', 1e15]] // prettier-ignore
for (const [title, sizeBytes] of sizes)
  test(`PC-17, P3C-02 a listed size that is ${title} is a hint only`, () =>
    scripted({ messages: maildrop(3).map((one) => ({ ...one, sizeBytes })), account: { sizeBytesMax: 9e15, bytesMax: 9e15 } }, async (script) => {
      await script.run(3)
      assert.deepEqual(await script.mail(), letters(3))
      assert.deepEqual(script.remote.messages, [])
    })) // prettier-ignore

test('PC-17, PC-06 a message that ends too soon is thrown away, stays there and comes whole later', () =>
  scripted({ messages: maildrop(3, 5000), script: { retr: (line) => (line === 'RETR 2' ? { cutAt: 3000 } : undefined) } }, async (script) => {
    await script.run()
    assert.ok(!script.remote.removed.includes('uid-1'))
    script.remote.behave({ script: {} })
    await script.run(2)
    assert.deepEqual(await script.sorted(), maildrop(3, 5000).map(({ octets }) => octets))
  })) // prettier-ignore

test('P3C-02 a message that is listed small and does not end is set aside, and the rest is fetched', () =>
  scripted({ messages: [{ uid: 'endless', octets: head, sizeBytes: 10 }, ...maildrop(3)], account: { sizeBytesMax: 200_000 }, script: { retr: (line) => (line === 'RETR 1' ? { octets: `+OK 10 octets\r\n${head}\r\n`, flood: 'x'.repeat(65_536) } : undefined) } }, async (script) => {
    const first = await script.run()
    assert.equal(first.skipped.aside, 1)
    await script.run()
    assert.deepEqual(await script.mail(), letters(3))
    assert.deepEqual(script.remote.messages.map(({ uid }) => uid), ['endless'])
    assert.match((await script.rows()).find(({ uid }) => uid === 'endless')!.problem!, /larger than the server says/)
  })) // prettier-ignore

test('PC-21, PC-06 a message of 20 MB is kept whole, in bounded memory', async () => {
  const octets = `${head}\r\n${`${'x'.repeat(998)}\r\n`.repeat(20_000)}`
  await scripted({ messages: [{ uid: 'a', octets }], account: { sizeBytesMax: 30_000_000 } }, async (script) => {
    const before = process.memoryUsage().arrayBuffers
    let peak = 0
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().arrayBuffers)), 5)
    const { fetched } = await script.run()
    clearInterval(watch)
    assert.equal(fetched, 1)
    assert.ok(peak - before < 64_000_000, `${peak - before}`)
    assert.ok((await script.mail())[0] === octets)
  })
})

test('P3C-11 a header section of 2 MiB, one of 2000 fields and one of 1000 hops are set aside with their reason; raw they come', () =>
  scripted({
    messages: [
      { uid: 'large', octets: `X-A: ${'x'.repeat(2_097_152)}\r\n\r\nx\r\n` },
      { uid: 'many', octets: `${'X-A: b\r\n'.repeat(2000)}\r\nx\r\n` },
      { uid: 'hops', octets: `${'Received: from a by b; now\r\n'.repeat(990)}\r\nx\r\n` },
      ...maildrop(2),
    ],
  }, async (script) => {
    const { skipped } = await script.run()
    assert.equal(skipped.aside, 3)
    assert.deepEqual(await script.mail(), letters(2))
    const rows = new Map((await script.rows()).map((row) => [row.uid, row]))
    assert.match(rows.get('large')!.problem!, /too large/)
    assert.match(rows.get('many')!.problem!, /too large/)
    assert.match(rows.get('hops')!.problem!, /loop/)
    await script.run()
    assert.deepEqual(script.remote.messages.map(({ uid }) => uid), ['large', 'many', 'hops'])
    const reports = await script.rig.collector.act(script.id, ['large', 'hops'], 'fetch-raw')
    assert.deepEqual(reports.map(({ is }) => is), ['fetched', 'fetched'])
    const whole = await script.rig.whole(script.mailbox)
    const there = script.remote.messages.filter(({ uid }) => uid !== 'many')
    for (const { octets } of there) assert.ok(whole.some((text) => text.endsWith(`\r\n\r\n${octets}`)))
  })) // prettier-ignore

test('P3C-11 a claim to be our own judgement is taken off, others stay', () =>
  scripted({ messages: [{ uid: 'a', octets: `Authentication-Results: mx.example.org; spf=pass\r\nAuthentication-Results: far.example; spf=fail\r\n${head}\r\nx\r\n` }], account: { leave: true } }, async (script) => {
    await script.run()
    const [text = ''] = await script.rig.whole(script.mailbox)
    assert.ok(!text.includes('mx.example.org; spf=pass'))
    assert.ok(text.includes('far.example; spf=fail'))
    script.remote.seen.set(text.slice(text.indexOf('Authentication-Results: far')), new Set(['a']))
  })) // prettier-ignore

test('PC-20 a message that breaks the line three times is set aside, and the others are fetched and deleted', () =>
  scripted({ messages: maildrop(5), script: { retr: (_line, _nth, message) => (message?.uid === 'uid-1' ? { cutAt: 50 } : undefined) } }, async (script) => {
    for (let runs = 0; runs < 4; runs++) await script.run()
    const poisoned = (await script.rows()).find(({ uid }) => uid === 'uid-1')!
    assert.deepEqual([poisoned.state, poisoned.tries], ['aside', 3])
    assert.match(poisoned.problem!, /broke off/)
    assert.deepEqual(script.remote.messages.map(({ uid }) => uid), ['uid-1'])
    assert.equal((await script.mail()).length, 4)
    script.remote.behave({ script: {} })
    assert.equal((await script.run()).skipped.aside, 1)
    await script.rig.collector.act(script.id, ['uid-1'], 'again')
    await script.run(2)
    assert.deepEqual(await script.sorted(), letters(5))
    assert.deepEqual(script.remote.messages, [])
  })) // prettier-ignore

test('PC-20 a message that is refused three times is set aside, and the others do not wait for it', () =>
  scripted({ messages: maildrop(5), script: { retr: (_line, _nth, message) => (message?.uid === 'uid-0' ? { say: '-ERR damaged' } : undefined) } }, async (script) => {
    const first = await script.run()
    assert.deepEqual([first.ok, first.fetched, first.skipped.failed], [true, 4, 1])
    await script.run(3)
    assert.deepEqual(await script.states(), ['uid-0 aside', 'uid-1 removed', 'uid-2 removed', 'uid-3 removed', 'uid-4 removed'])
    assert.match((await script.rows())[0]!.problem!, /damaged/)
  })) // prettier-ignore

test('PC-20, P3C-04 one bad message in a mailbox without UIDL and TOP keeps the others back for three tries at most', () =>
  scripted({
    messages: maildrop(5).map((one, i) => ({ ...one, octets: one.octets + 'x\r\n'.repeat(i) })),
    script: { uidl: { say: '-ERR' }, top: { say: '-ERR' }, retr: (line, nth) => (line === 'RETR 1' && nth < 20 ? { cutAt: 50 } : undefined) },
  }, async (script) => {
    await script.run(4)
    assert.equal((await script.mail()).length, 4)
    assert.equal(script.remote.messages.length, 1)
  })) // prettier-ignore

const sameForAll = maildrop(1)[0]!.octets
for (const [what, capabilities, delayMs] of [
  ['', ['UIDL', 'TOP', 'PIPELINING'], 0],
  [', slowly', ['UIDL', 'TOP'], 60],
] as const)
  for (const leave of [false, true])
    test(`P3C-16 a server that gives one message for all numbers${what}, ${leave ? 'left there' : 'to be deleted'}: what nobody has seen stays there`, () =>
      scripted({ messages: maildrop(6).slice(1), capabilities, script: { retr: { delayMs, octets: `+OK\r\n${sameForAll.replaceAll('\r\n.', '\r\n..')}.\r\n` } }, account: { leave } }, async (script) => {
        script.remote.seen.set(sameForAll, new Set(['uid-1', 'uid-2', 'uid-3', 'uid-4', 'uid-5']))
        const report = await script.run()
        assert.match(report.warnings.join(), /same octets for another UID/)
        await script.run(3)
        assert.deepEqual(script.remote.gone, [])
        assert.equal(script.remote.messages.length, 5)
      })) // prettier-ignore

test('P3C-16 a server that gives for each the message before it, and one twice, is not believed', () =>
  scripted({ messages: maildrop(6), script: { retr: (line) => {
    const octets = maildrop(6)[Math.max(0, Number(line.slice(5)) - 2)]!.octets
    return { octets: `+OK\r\n${octets.replaceAll('\r\n.', '\r\n..')}.\r\n` }
  } } }, async (script) => {
    const report = await script.run()
    script.remote.seen.set(maildrop(1)[0]!.octets, new Set(['uid-0', 'uid-1']))
    assert.match(report.warnings.join(), /same octets for another UID/)
    assert.deepEqual(script.remote.gone, [])
  })) // prettier-ignore
