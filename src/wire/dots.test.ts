// Dots and ends of bodies: every hostile form at every split against a reference that sees all octets at once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { DotReader, needsStuffing, stuff, type Facts } from './dots.ts'

type Read = { readonly body: string; readonly taken: number; readonly done: boolean; readonly facts: Facts }

/** The obvious way, over the whole text. */
function reference(text: string): Read {
  const framed = `\r\n${text}`
  const end = framed.indexOf('\r\n.\r\n')
  const done = end >= 0
  const raw = done ? framed.slice(0, end + 2) : framed
  const body = raw.replaceAll('\r\n.', '\r\n').slice(2)
  const stray = raw.replaceAll('\r\n', '')
  const facts = {
    sizeBytes: body.length,
    strayLineEnds: /[\r\n]/.test(stray),
    nul: raw.includes('\0'),
    eightBit: /[\x80-\xff]/.test(raw),
  }
  return { body, taken: done ? end + 3 : text.length, done, facts }
}

function read(chunks: readonly Buffer[]): Read {
  const reader = new DotReader()
  const parts: Buffer[] = []
  let taken = 0
  for (const chunk of chunks) {
    if (reader.done) break
    taken += reader.push(chunk, (part) => parts.push(Buffer.from(part)))
  }
  return { body: Buffer.concat(parts).toString('latin1'), taken, done: reader.done, facts: reader.facts }
}

const single = (octets: Buffer): Buffer[] => [...octets].map((octet) => Buffer.of(octet))

// Behind each comes what a smuggler wants to be taken for commands, and then the true end.
const payloads: readonly [id: string, octets: string, ends: boolean][] = [
  ['EOD-01', '\n.\n', false],
  ['EOD-02', '\n.\r\n', false],
  ['EOD-03', '\r.\r', false],
  ['EOD-04', '\r.\r\n', false],
  ['EOD-05', '\r\n.\n', false],
  ['EOD-06', '\r\n.\r', false],
  ['EOD-06', '\r\n.\rx\n', false],
  ['EOD-07', '\0\r\n.\r\n', true],
  ['EOD-07', '\r\n.\r\n\0', true],
  ['EOD-08', '\r\n\0.\r\n', false],
  ['EOD-09', '\r\0\n.\r\n', false],
  ['EOD-10', '\r\n.\0\r\n', false],
  ['EOD-10', '\r\n.\r\0\n', false],
  ['EOD-11', '\r\n.\r\r\n', false],
  ['EOD-11', '\r\r\n.\r\r\n', false],
  ['EOD-14', '\x0b.\x0b', false],
  ['EOD-14', '\x0c.\x0c', false],
  ['EOD-14', '\x85.\x85', false],
  ['EOD-14', '\xe2\x80\xa8.\xe2\x80\xa8', false],
  ['EOD-19', '\r\n..\r\n', false],
  ['EOD-19', '\r\n..', false],
]
for (const [id, octets, ends] of payloads) {
  test(`${id}, EOD-13: ${JSON.stringify(octets)} ${ends ? 'is' : 'is not'} an end, however it is cut`, () => {
    const text = `a${octets}MAIL FROM:<evil@client.example>\r\n.\r\nQUIT\r\n`
    const wanted = reference(text)
    assert.equal(wanted.body.includes('MAIL'), !ends)
    const whole = Buffer.from(text, 'latin1')
    assert.deepEqual(read([whole]), wanted)
    for (let i = 0; i <= octets.length + 2; i++)
      for (let j = i; j <= octets.length + 2; j++)
        assert.deepEqual(read([whole.subarray(0, i), whole.subarray(i, j), whole.subarray(j)]), wanted)
    assert.deepEqual(read(single(whole)), wanted)
  })
}

for (const text of ['.\r\n', '..', '.\n', '\n.\r\n', '..\r\n.\r\n', '', '\r', '.', '.\r', '.\r\r\n', '.\0'])
  test(`EOD-12: a body that begins with ${JSON.stringify(text)} is read as the reference reads it`, () => {
    const octets = Buffer.from(`${text}x\r\n.\r\nrest`, 'latin1')
    assert.deepEqual(read([octets]), reference(octets.toString('latin1')))
    assert.deepEqual(read(single(octets)), reference(octets.toString('latin1')))
  })

const unit = fc.constantFrom('\r', '\n', '.', '\0', 'a', '\xe9', '\r\n', '\r\n.', '\r\n.\r\n')
const anything = fc.array(unit, { maxLength: 30, size: 'max' }).map((parts) => parts.join(''))

test('EOD-13: any octets in any chunks are read as the reference reads them', () => {
  fc.assert(
    fc.property(anything, fc.array(fc.nat(40), { maxLength: 4, size: 'max' }), (text, cuts) => {
      const octets = Buffer.from(text, 'latin1')
      const at = [0, ...cuts.sort((a, b) => a - b), octets.length]
      const chunks = at.slice(1).map((to, i) => octets.subarray(at[i], to))
      const { done } = reference(text)
      const unfinished = /\r\n\.\r?$|^\.\r?$/.test(text) // held back until it is known what it is
      if (done || !unfinished) assert.deepEqual(read(chunks), withoutOpenEnd(reference(text), text))
    }),
    { numRuns: 5000 },
  )
})

/** These octets somewhere in memory: the reader's words begin at every distance from a line's end. */
function placed(octets: Uint8Array, offset: number): Buffer {
  const memory = Buffer.from(new ArrayBuffer(offset + octets.length), offset)
  memory.set(octets)
  return memory
}

test('EOD-13: long lines wherever they lie in memory, in any chunks, are read as the reference reads them', () => {
  const run = fc.tuple(fc.constantFrom('a', '\x0e', '\x0d', '\x7f', '\x80', '\x8d', '\xff', '.'), fc.nat(9))
  const piece = fc.oneof(
    unit,
    run.map(([octet, count]) => octet.repeat(count)),
  )
  const text = fc.array(piece, { maxLength: 40, size: 'max' }).map((pieces) => `${pieces.join('')}x\r\n.\r\nQUIT\r\n`)
  const cuts = fc.array(fc.nat(120), { maxLength: 3, size: 'max' })
  fc.assert(
    fc.property(text, cuts, fc.nat(3), (all, where, offset) => {
      const octets = Buffer.from(all, 'latin1')
      const at = [0, ...where.sort((a, b) => a - b), octets.length]
      const chunks = at.slice(1).map((to, i) => placed(octets.subarray(at[i], to), offset))
      assert.deepEqual(read(chunks), reference(all))
    }),
    { numRuns: 5000 },
  )
})

for (const beside of ['a', '\x0e', '\x7f', '\x80', '\xff'])
  test(`EOD-13: each octet between ${JSON.stringify(beside)} is told for what it is, at each place in memory`, () => {
    for (let octet = 0; octet < 256; octet++)
      for (let before = 0; before < 8; before++) {
        const text = `${beside.repeat(before)}${String.fromCharCode(octet)}${beside.repeat(9)}\r\n.\r\n`
        for (let offset = 0; offset < 4; offset++)
          assert.deepEqual(read([placed(Buffer.from(text, 'latin1'), offset)]), reference(text))
      }
  })

/** A CR that is the last octet is no stray one yet. */
function withoutOpenEnd(wanted: Read, text: string): Read {
  if (wanted.done || !text.endsWith('\r')) return wanted
  const earlier = reference(text.slice(0, -1)).facts.strayLineEnds
  return { ...wanted, facts: { ...wanted.facts, strayLineEnds: earlier } }
}

test('EOD-19: what is stuffed and ended is read back octet by octet, in whatever chunks it is stuffed', () => {
  const line = fc
    .array(fc.constantFrom('.', '..', 'a', '\r', '\xe9', '\0'), { maxLength: 4, size: 'max' })
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8, size: 'max' }), fc.nat(40), (lines, cut) => {
      const content = Buffer.from(lines.map((text) => `${text}x\r\n`.replace(/^(\.*)x/, '$1')).join(''), 'latin1')
      const parts = [content.subarray(0, cut), content.subarray(cut)].filter((part) => part.length > 0)
      let lineStart = true
      const stuffed = parts.map((part) => {
        const out = Buffer.from(stuff(part, lineStart))
        lineStart = part.at(-1) === 10
        return out
      })
      const back = read([...stuffed, Buffer.from('.\r\n')])
      assert.equal(back.body, content.toString('latin1'))
      assert.ok(back.done)
    }),
    { numRuns: 3000 },
  )
})

test('EOD-19: octets without a dot at a line start are not copied; a dot behind a bare LF is doubled too', () => {
  const plain = Buffer.from('a.b\r\nc')
  assert.equal(stuff(plain), plain)
  assert.equal(stuff(Buffer.from('.'), false).length, 1)
  assert.equal(Buffer.from(stuff(Buffer.from('a\n.b'))).toString(), 'a\n..b')
  assert.deepEqual([needsStuffing(Buffer.from('.')), needsStuffing(Buffer.from('.'), false)], [true, false])
})

for (const pattern of ['a', '.', '\r\n.', '\r', '\n', '.\r', '\r\n..'])
  test(`RES-01: a MiB of ${JSON.stringify(pattern)} in single octets is read in linear time`, () => {
    const octets = Buffer.from(pattern.repeat(1_048_576 / pattern.length), 'latin1')
    const reader = new DotReader()
    const startedAt = performance.now()
    for (let i = 0; i < octets.length && !reader.done; i++) reader.push(octets.subarray(i, i + 1), () => undefined)
    stuff(octets)
    assert.ok(performance.now() - startedAt < 4000)
  })
