// Archives read and written: octet for octet both ways, whatever the chunks, and bounded whatever they say of themselves.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { deflateRawSync } from 'node:zlib'
import { emlName, isMessageName, maildirName } from './eml.ts'
import { readArchive } from './read.ts'
import { writeMbox } from './mbox.ts'
import { ArchiveError, type Chunks } from './types.ts'
import { writeZip } from './zip-write.ts'

type Got = { name: string; at: number | null; seen: boolean; text: string }

async function* cut(octets: Uint8Array, size: number): Chunks & AsyncGenerator<Uint8Array> {
  for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size)
}
async function* one(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text, 'latin1')
}
async function whole(chunks: Chunks): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

async function read(octets: Uint8Array | string, size = 1 << 20): Promise<{ messages: Got[]; skipped: string[] }> {
  const messages: Got[] = []
  const skipped: string[] = []
  const all = typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets
  for await (const event of readArchive(cut(all, size), 'x.eml'))
    if (event.is === 'begin') messages.push({ name: event.name, at: event.at, seen: event.seen, text: '' })
    else if (event.is === 'octets') messages.at(-1)!.text += Buffer.from(event.octets).toString('latin1')
    else if (event.is === 'skipped') skipped.push(`${event.name}: ${event.why}`)
  return { messages, skipped }
}
const textsOf = async (octets: Uint8Array | string, size?: number): Promise<string[]> =>
  (await read(octets, size)).messages.map(({ text }) => text)

const hard = [
  'Subject: plain\r\n\r\nFrom here to there\r\n>From quoted\r\n>>From twice\r\n',
  'Subject: ends in empty lines\r\n\r\nx\r\n\r\n\r\n',
  'Subject: looks like a separator\r\n\r\n\r\nFrom ann@b.example Thu Nov 26 16:25:49 2026\r\n\r\nFrom \r\n',
  'Subject: no body\r\n\r\n',
  'Subject: 8-bit \xe4\xff\r\n\r\nbare\nLF and \rCR stay\r\n',
  `Subject: a long line\r\n\r\n${'x'.repeat(200_000)}\r\nFrom the next line\r\n`,
]

for (const size of [3, 7, 4096, 1 << 20])
  test(`MB-06 an mbox gives back what went into it, octet for octet, in chunks of ${size}`, async () => {
    const at = Date.UTC(2026, 10, 26, 16, 25, 49)
    const parts = await Promise.all(
      hard.map((text) => whole(writeMbox({ sender: 'a@b.example', at, chunks: one(text) }))),
    )
    const { messages } = await read(Buffer.concat(parts), size)
    assert.deepEqual(
      messages.map(({ text }) => text),
      hard,
    )
    assert.equal(messages[0]?.at, at)
  })

test('MB-06 an mbox of Unix gets the line ends of mail, and only what was quoted by its rules is unquoted', async () => {
  const mbox =
    'From ann@b.example  Thu Nov  6 16:25:49 2026\nSubject: 1\n\n>From me\n> From you\nFrom us\n\n>>From all\n\nFrom MAILER-DAEMON Thu Nov 26 16:25 2026\nSubject: 2\n\n\n'
  assert.deepEqual(await textsOf(mbox), [
    'Subject: 1\r\n\r\nFrom me\r\n> From you\r\nFrom us\r\n\r\n>From all\r\n',
    'Subject: 2\r\n\r\n',
  ])
})

test('MB-06 a sentence that begins with From after an empty line does not end a message', async () => {
  const mbox = 'From a@b Thu Nov 26 16:25:49 2026\nSubject: 1\n\nFrom 2019 on we sell boats.\n'
  assert.equal((await textsOf(mbox)).length, 1)
})

test('MB-06 one message in a file is taken as it is, with the line ends that mail has', async () => {
  assert.deepEqual(await textsOf('Subject: 1\n\nx\n'), ['Subject: 1\r\n\r\nx\r\n'])
  assert.deepEqual(await textsOf('Subject: 1\r\n\r\na\nb\r\n'), ['Subject: 1\r\n\r\na\nb\r\n'])
})

async function* entries(names: readonly string[]): AsyncGenerator<{ name: string; at: number; open: () => Chunks }> {
  for (const [i, name] of names.entries())
    yield { name, at: 1_764_000_000_000, open: () => one(hard[i % hard.length]!) }
}

for (const size of [5, 1 << 20])
  test(`MB-06 a zip of messages gives them back, with the times and marks of their names, in chunks of ${size}`, async () => {
    const kept = { uid: 7, key: 'KEY', at: 1_764_000_000_000, seen: true }
    const names = [emlName(kept), maildirName(kept), 'b.eml', 'notes.txt', '.hidden.eml', 'folder/']
    const zip = await whole(writeZip(entries(names)))
    const { messages, skipped } = await read(zip, size)
    assert.deepEqual(
      messages.map(({ name, at, seen, text }) => [name, at, seen, text]),
      [
        [emlName(kept), 1_764_000_000_000, false, hard[0]],
        [maildirName(kept), 1_764_000_000_000, true, hard[1]],
        ['b.eml', null, false, hard[2]],
      ],
    )
    assert.deepEqual(skipped, ['notes.txt: It is no message: .eml, .mbox and Maildir are taken'])
  })

type Made = { name: string; text: string; flags?: number; method?: number }
function zipOf(files: readonly Made[]): Buffer {
  return Buffer.concat([
    ...files.flatMap(({ name, text, flags = 0, method = 8 }) => {
      const packed = method === 8 ? deflateRawSync(Buffer.from(text, 'latin1')) : Buffer.from(text, 'latin1')
      const head = Buffer.alloc(30)
      head.writeUInt32LE(0x04034b50)
      head.writeUInt16LE(flags, 6)
      head.writeUInt16LE(method, 8)
      if ((flags & 8) === 0) head.writeUInt32LE(packed.length, 18)
      head.writeUInt16LE(name.length, 26)
      const behind = Buffer.alloc(16)
      behind.writeUInt32LE(0x08074b50)
      return [head, Buffer.from(name), packed, ...((flags & 8) === 0 ? [] : [behind])]
    }),
    Buffer.from('PK\x01\x02'),
  ])
}

for (const size of [3, 1 << 20])
  test(`MB-06 a zip that tells its sizes behind its entries is read, too, in chunks of ${size}`, async () => {
    const files = hard.map((text, i) => ({ name: `${i}.eml`, text, flags: i % 2 === 0 ? 8 : 0 }))
    assert.deepEqual(await textsOf(zipOf(files), size), hard)
  })

test('MB-06 an mbox inside a zip is read', async () => {
  const text = 'From a@b Thu Nov 26 16:25:49 2026\nSubject: 1\n\nx\n\nFrom a@b Thu Nov 26 16:25:49 2026\nSubject: 2\n\n'
  assert.equal((await textsOf(zipOf([{ name: 'Takeout/Mail/All.mbox', text }]))).length, 2)
})

test('WEB-10 names in a zip that lead elsewhere are only told', async () => {
  const { messages } = await read(zipOf([{ name: '../../etc/cron.d/x.eml', text: 'A: b\r\n\r\n' }]))
  assert.deepEqual(
    messages.map(({ name, text }) => [name, text]),
    [['../../etc/cron.d/x.eml', 'A: b\r\n\r\n']],
  )
  assert.equal(isMessageName('../cur/..'), false)
})

for (const [what, zip] of [
  ['that ends in the middle', zipOf([{ name: 'a.eml', text: hard[0]! }]).subarray(0, 60)],
  [
    'whose data are damaged',
    Buffer.concat([zipOf([{ name: 'a.eml', text: 'x' }]).subarray(0, 35), Buffer.alloc(50, 255)]),
  ],
  ['that does not tell where an entry ends', zipOf([{ name: 'a.eml', text: 'A: b', flags: 8, method: 0 }])],
] as const)
  test(`SX-05 a zip ${what} is told in words`, async () => {
    await assert.rejects(read(zip), ArchiveError)
  })

test('SX-05 an entry that is encrypted, or packed in another way, is skipped and the rest is read', async () => {
  const files = [
    { name: 'a.eml', text: 'A: 1\r\n\r\n', flags: 1, method: 0 },
    { name: 'b.eml', text: 'A: 2\r\n\r\n', method: 12 },
    { name: 'c.eml', text: 'A: 3\r\n\r\n', method: 0 },
  ]
  const { messages, skipped } = await read(zipOf(files))
  assert.deepEqual([messages.map(({ text }) => text), skipped.length], [['A: 3\r\n\r\n'], 2])
})
