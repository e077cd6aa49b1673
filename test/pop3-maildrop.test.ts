// What a mailbox serves when it is large, odd or damaged, and what QUIT promises. Real store, real TCP.
import assert from 'node:assert/strict'
import { readdirSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { acceptance } from '#/storage/contract.ts'
import { ask, entered, listed } from './pop3-client.ts'
import { pop3Rig, type Pop3Rig } from './pop3-rig.ts'

const prefix = 'Delivered-To: ann\r\n'
const borderBytes = 262_144 // storage/limits.ts: contents above are files, read in chunks of as much

const stuffed = (text: string): string => `\r\n${text}`.replaceAll('\r\n.', '\r\n..').slice(2)
const asSent = (text: string): string => {
  const message = prefix + text
  return `+OK ${message.length} octets\r\n${stuffed(message)}${message.endsWith('\r\n') ? '' : '\r\n'}.\r\n`
}

/** Text of `length` octets in lines of 100. */
const filler = (length: number): string => `${'x'.repeat(98)}\r\n`.repeat(Math.ceil(length / 100)).slice(0, length)

/** A message whose octet at `offset`, counted as the store counts, is a dot that begins a line. */
function dotAt(offset: number): string {
  const before = `Subject: dot\r\n\r\n${filler(offset - 18)}`.replace(/\r\n?$/, 'xx')
  return `${before}\r\n..\r\n.\r\n.x\r\n${filler(500)}\r\n`
}

async function retrieved(rig: Pop3Rig, count: number): Promise<string> {
  const client = await entered(rig.port)
  for (let n = 1; n <= count; n++) await client.send(`RETR ${n}\r\n`)
  await client.send('QUIT\r\n')
  const text = await client.rest()
  client.destroy()
  return text
}

test('PS-09: dots at every offset around the border of 256 KiB come as they were, and doubled', async () => {
  await using rig = await pop3Rig()
  const offsets = [-4, -3, -2, -1, 0, 1, 2, 3].flatMap((d) => [borderBytes + d, borderBytes - prefix.length + d])
  const texts = offsets.map(dotAt)
  texts.forEach((text, i) => assert.equal(text.slice(offsets[i]! - 2, offsets[i]! + 2), '\r\n..'))
  await rig.deliver(...texts)
  assert.ok((await retrieved(rig, texts.length)) === `${texts.map(asSent).join('')}+OK goodbye\r\n`)
})

test('PS-09, PS-10: TOP that ends around the border of 256 KiB gives so many lines, dots doubled', async () => {
  await using rig = await pop3Rig()
  const texts = [-3, -2, -1, 0, 1, 2].map((d) => dotAt(borderBytes - prefix.length + d))
  await rig.deliver(...texts)
  const client = await entered(rig.port)
  for (const [i, text] of texts.entries()) {
    const lines = stuffed(prefix + text).split('\r\n')
    const atDots = lines.indexOf('...') - 3 // body lines before the first dot
    for (const count of [atDots, atDots + 1, atDots + 2, atDots + 3]) {
      assert.equal(await ask(client, `TOP ${i + 1} ${count}`), '+OK')
      assert.deepEqual(await listed(client), lines.slice(0, 3 + count), `message ${i + 1}, ${count} lines`)
    }
  }
  client.destroy()
})

test('PS-08, PS-09: messages just below, at and above 256 KiB are whole, ended by CRLF or not', async () => {
  await using rig = await pop3Rig()
  const texts = [-2, -1, 0, 1, 2].flatMap((d) => [filler(borderBytes + d), `${filler(borderBytes + d - 2)}\r\n`])
  await rig.deliver(...texts, '', '.', '.\r\n', '..\r\n.\r\n', '\r\n', '\r\n.')
  const all = [...texts, '', '.', '.\r\n', '..\r\n.\r\n', '\r\n', '\r\n.']
  const wanted = all.map((text) => stuffed(prefix + text)).map((text) => (text.endsWith('\r\n') ? text : `${text}\r\n`))
  const got = await retrieved(rig, all.length)
  const bodies = got.split(/(?:^|\r\n\.\r\n)\+OK [^\r]*\r\n/).slice(1)
  wanted.forEach((text, i) => assert.ok(`${bodies[i]}\r\n` === text, `message ${i + 1}`))
})

test('PS-08: LIST and UIDL of 20,000 messages are complete and each name is another', async () => {
  await using rig = await pop3Rig()
  const count = 20_000
  for (let done = 0; done < count; done += 1000) {
    const group = Array.from({ length: 1000 }, () => acceptance(rig.store, [rig.ann], '\r\nx\r\n'))
    await Promise.all((await Promise.all(group)).map((one) => rig.store.accept(one)))
  }
  const client = await entered(rig.port)
  await client.send('LIST\r\nUIDL\r\nQUIT\r\n')
  const lines = (await client.rest()).split('\r\n')
  client.destroy()
  const size = prefix.length + 5
  const [sizes, names] = [lines.slice(1, count + 1), lines.slice(count + 3, 2 * count + 3)]
  assert.deepEqual(lines.slice(count + 1, count + 3), ['.', `+OK ${count} messages`])
  assert.deepEqual(lines.slice(2 * count + 3), ['.', '+OK goodbye', ''])
  sizes.forEach((line, i) => assert.equal(line, `${i + 1} ${size}`))
  names.forEach((line, i) => assert.match(line, new RegExp(`^${i + 1} [!-~]{1,70}$`)))
  assert.equal(new Set(names.map((line) => line.split(' ')[1])).size, count)
})

test('PS-18: a message in UTF-8 is served octet by octet to a client that never said UTF8', async () => {
  await using rig = await pop3Rig()
  const text = 'From: Jörg <jörg@bücher.example>\r\nSubject: Grüße\r\n\r\n東京\r\n'
  await rig.deliver(text, 'Subject: next\r\n\r\nx\r\n')
  const wanted = [text, 'Subject: next\r\n\r\nx\r\n'].map((one) => asSent(Buffer.from(one).toString('latin1')))
  assert.equal(await retrieved(rig, 2), `${wanted.join('')}+OK goodbye\r\n`)
})

const damages: { what: string; size: number; harm: (folder: string) => void; answer: RegExp }[] = [
  { what: 'small with a changed octet', size: 100, harm: changeOctet, answer: /^-ERR \[SYS\/PERM\]/ },
  {
    what: 'large and cut short',
    size: 300_000,
    harm: (folder) => truncateSync(contentFile(folder), 200_000),
    answer: /^-ERR \[SYS\/PERM\]/,
  },
  {
    what: 'large and its file is lost',
    size: 300_000,
    harm: (folder) => rmSync(contentFile(folder)),
    answer: /^-ERR \[SYS\/PERM\]/,
  },
]

function changeOctet(folder: string): void {
  using db = new DatabaseSync(join(folder, 'mail.db'))
  db.exec("UPDATE content SET octets = CAST(replace(CAST(octets AS TEXT), 'xx', 'xy') AS BLOB) WHERE id = 2")
}

function contentFile(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  const file = files.find((entry) => entry.isFile() && /content/.test(entry.parentPath))
  assert.ok(file, 'there is a content file')
  return join(file.parentPath, file.name)
}

for (const { what, size, harm, answer } of damages)
  test(`PS-20: a message that is ${what} gets -ERR [SYS/PERM], the others are served`, async () => {
    await using rig = await pop3Rig({ errorsMax: 2 })
    await rig.deliver('\r\none\r\n', `\r\n${filler(size)}`, '\r\nthree\r\n')
    harm(rig.folder)
    const client = await entered(rig.port)
    for (const command of ['RETR 2', 'TOP 2 0', 'RETR 2']) assert.match(await ask(client, command), answer, command)
    for (const n of [1, 3]) {
      assert.match(await ask(client, `RETR ${n}`), /^\+OK/)
      assert.equal((await listed(client)).length, 3)
    }
    assert.match(await ask(client, 'DELE 2'), /^\+OK/)
    assert.match(await ask(client, 'QUIT'), /^\+OK/)
    client.destroy()
  })

for (const as of ['failed', 'full'] as const)
  test(`PS-06: QUIT says -ERR when the deletes cannot be made durable (disk ${as}), and nothing is lost`, async () => {
    // Commits before: mailbox, password, switch, two messages, the note of the login.
    await using rig = await pop3Rig({}, { faults: { failCommit: 7, as } })
    await rig.deliver('\r\none\r\n', '\r\ntwo\r\n')
    const client = await entered(rig.port)
    assert.match(await ask(client, 'DELE 1'), /^\+OK/)
    assert.equal(await ask(client, 'QUIT'), '-ERR [SYS/TEMP] some deleted messages not removed')
    assert.equal(await client.line(), null)
    client.destroy()
    assert.equal((await rig.store.mailboxState(rig.ann)).messages, 2)
  })
