// What is composed chunk by chunk is what is composed in memory, to the octet, however the chunks fall.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { parseAddressList, type Correspondent } from './address-list.ts'
import { composeText, type Written } from './compose.ts'
import { composeStream, type AttachedFile } from './compose-stream.ts'

const people = (text: string): Correspondent[] => [
  ...parseAddressList(Buffer.from(text).toString('latin1'), null).correspondents,
]
const written: Written = {
  from: people('Ännchen <ann@a.example>')[0]!,
  to: people('bob@b.example, "C, Cy" <cy@c.example>'),
  cc: [],
  subject: 'Grüße',
  text: 'one\ntwo =_netcruiser\n',
  at: 0,
  messageId: '<1@a.example>',
}

function file(octets: Uint8Array, pieceBytes: number): AttachedFile {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < octets.length; at += pieceBytes) pieces.push(octets.subarray(at, at + pieceBytes))
  return { name: 'a b.bin', type: 'application/pdf', sizeBytes: octets.length, open: () => Promise.resolve(pieces) }
}

async function octets(draft: Written, files: readonly AttachedFile[]): Promise<Buffer> {
  const stream = composeStream(draft, files)
  assert(stream.ok)
  const chunks: Uint8Array[] = []
  for await (const chunk of stream.value.chunks()) chunks.push(chunk)
  const all = Buffer.concat(chunks)
  assert.equal(all.length, stream.value.sizeBytes)
  return all
}

test('SE-06 a message is the same to the octet, and its size is known before, however its attachments are cut', async () => {
  for (const size of [0, 1, 2, 3, 56, 57, 58, 113, 114, 1000])
    for (const cut of [1, 7, 57, 1000]) {
      const content = Buffer.from(Array.from({ length: size }, (_, i) => (i * 7) % 256))
      const { name, type } = file(content, cut)
      const whole = composeText({ ...written, attachments: [{ name, type, octets: content }] })
      assert(whole.ok)
      assert.equal((await octets(written, [file(content, cut)])).toString(), Buffer.from(whole.value).toString())
    }
  const plain = composeText({ ...written, attachments: [] })
  assert(plain.ok)
  assert.equal((await octets(written, [])).toString(), Buffer.from(plain.value).toString())
})

test('SE-03 an answer names what it answers, and ids that are none are refused', async () => {
  const answer = (await octets({ ...written, references: ['<a@b>', '<c@d>'] }, [])).toString()
  assert.match(answer, /\r\nIn-Reply-To: <c@d>\r\nReferences: <a@b> <c@d>\r\n/)
  for (const bad of ['a@b', '<a b>', '<a>\r\nBcc: x@y.example', '<>'])
    assert.deepEqual(composeStream({ ...written, references: [bad] }, []), {
      ok: false,
      problem: 'A message id is not of the form <a@b>',
    })
})
