// Mailboxes written to archives and filled from them, on a real store: octet for octet, nothing twice, and all told.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Imported } from '#/operations/mailbox-import.ts'
import { downloads } from '#/operations/tables/downloads.ts'
import { uploads } from '#/operations/tables/uploads.ts'
import { arrive } from './messages-rig.ts'
import { operationsRig, type Operations } from './operations-rig.ts'

const formats = ['mbox', 'eml', 'maildir'] as const
const mails: readonly (string | Uint8Array)[] = [
  'Subject: 1\r\n\r\nFrom here\r\n>From there\r\n\r\n\r\n',
  Buffer.from('Subject: 2\r\nX: \xe4\r\n\r\n\x00\xff\r\n', 'latin1'),
  `Subject: 3\r\n\r\n${`${'x'.repeat(900)}\r\n`.repeat(1000)}`,
  'Subject: 4\r\n\r\n',
]

async function* chunksOf(octets: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < octets.length; at += 10_000) yield octets.subarray(at, at + 10_000)
}
async function gathered(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}
async function download(rig: Operations, name: string, query: object): Promise<Buffer> {
  const found = downloads.get(name)!
  return gathered((await found.open(rig.context, found.parameters.parse(query) as never)).chunks)
}
const upload = async (rig: Operations, mailbox: string, octets: Uint8Array): Promise<Imported> =>
  (await uploads
    .get('mailbox-import')!
    .take(rig.context, { mailbox, fileName: 'x.eml' } as never, chunksOf(octets))) as Imported

async function all(rig: Operations, name: string): Promise<string[]> {
  const { id } = rig.context.directory.all().mailboxes.find((row) => row.name === name)!
  const { uids } = await rig.store.list(id)
  const texts = [...uids].map(async (uid) => (await gathered(rig.store.openMessage(id, uid))).toString('latin1'))
  return (await Promise.all(texts)).toSorted()
}
const counts = ({ imported, already, skipped }: Imported): number[] => [imported, already, skipped]

for (const format of formats)
  test(`MB-06 a mailbox exported as ${format} and imported into another is the same octet for octet, and a second run brings nothing`, async () => {
    await using rig = await operationsRig()
    await arrive(rig, 'ann', mails)
    await rig.run('mailbox.add', { name: 'bob' })
    await rig.run('message.flag', { mailbox: 'ann', uids: [2], seen: true })
    const archive = await download(rig, 'mailbox-export', { mailbox: 'ann', format })
    assert.deepEqual(counts(await upload(rig, 'bob', archive)), [4, 0, 0])
    assert.deepEqual(await all(rig, 'bob'), await all(rig, 'ann'))
    assert.deepEqual(counts(await upload(rig, 'bob', archive)), [0, 4, 0])
    assert.deepEqual(counts(await upload(rig, 'ann', archive)), [0, 4, 0])
    const { unseen } = (await rig.run('message.list', { mailbox: 'bob' })) as { unseen: number }
    assert.equal(unseen, format === 'maildir' ? 3 : 4)
    assert.deepEqual((await rig.store.verify()).problems, [])
  })

for (const format of formats)
  test(`MB-06 the command line writes ${format} where nothing is yet, and reads it again`, async () => {
    await using rig = await operationsRig()
    const folder = mkdtempSync(join(tmpdir(), 'netcruiser-archives-'))
    try {
      await arrive(rig, 'ann', mails)
      await rig.run('mailbox.add', { name: 'bob' })
      const to = join(folder, 'box')
      await rig.run('mailbox.export', { mailbox: 'ann', to, format })
      await assert.rejects(rig.run('mailbox.export', { mailbox: 'ann', to, format }), /is there already/)
      assert.deepEqual(counts((await rig.run('mailbox.import', { mailbox: 'bob', from: to })) as Imported), [4, 0, 0])
      assert.deepEqual(await all(rig, 'bob'), await all(rig, 'ann'))
      if (format === 'maildir') assert.deepEqual(readdirSync(to), ['cur', 'new', 'tmp'])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

test('MB-06 an imported message keeps its time, tells its story, and what is no message is told', async () => {
  await using rig = await operationsRig()
  await rig.run('mailbox.add', { name: 'ann' })
  const folder = mkdtempSync(join(tmpdir(), 'netcruiser-archives-'))
  try {
    writeFileSync(
      join(folder, 'a.eml'),
      'Date: Thu, 26 Nov 2020 16:25:49 +0000\nFrom: b@c.example\nSubject: old\n\nx\n',
    )
    writeFileSync(join(folder, 'b.eml'), '\n\nnothing\n')
    const done = (await rig.run('mailbox.import', { mailbox: 'ann', from: folder })) as Imported
    assert.deepEqual(counts(done), [1, 0, 1])
    assert.match(done.problems[0]!.why, /no header/)
    const { rows } = (await rig.run('message.list', { mailbox: 'ann' })) as { rows: { at: number; key: string }[] }
    assert.equal(rows[0]?.at, Date.UTC(2020, 10, 26, 16, 25, 49))
    const [event] = await rig.store.trace({ ref: rows[0]!.key, limit: 1 })
    assert.deepEqual([event?.step, event?.subject, event?.detail['storedIn']], ['imported', 'old', ['ann']])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('MB-04 a mailbox that gets full ends the import in words, and what came before stays', async () => {
  await using rig = await operationsRig()
  await arrive(rig, 'ann', mails)
  await rig.run('mailbox.add', { name: 'bob', quotaBytes: 50 })
  const done = await upload(rig, 'bob', await download(rig, 'mailbox-export', { mailbox: 'ann' }))
  assert.match(done.ended ?? '', /bob is full/)
  assert.ok(done.imported > 0)
  assert.deepEqual((await rig.store.verify()).problems, [])
})

test('SX-05 an archive that ends in the middle keeps what was whole, and one that is nothing is refused', async () => {
  await using rig = await operationsRig()
  await arrive(rig, 'ann', mails)
  await rig.run('mailbox.add', { name: 'bob' })
  const zip = await download(rig, 'mailbox-export', { mailbox: 'ann', format: 'eml' })
  const done = await upload(rig, 'bob', zip.subarray(0, 5000))
  assert.deepEqual([counts(done), done.ended === null], [[2, 0, 0], false])
  await assert.rejects(upload(rig, 'bob', zip.subarray(0, 20)), /ends in the middle/)
})

test('WEB-12 an owner takes and brings the mail of their own mailbox only', () => {
  for (const { owner } of [downloads.get('mailbox-export')!, uploads.get('mailbox-import')!])
    assert.throws(() => owner?.({ mailbox: 'ann' } as never, 'bob'), /not your mailbox/)
})
