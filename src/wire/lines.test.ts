// Lines: CRLF ends one and nothing else does, in any chunks, in constant memory.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { LineReader } from './lines.ts'
import type { Line } from './session.ts'

function read(chunks: readonly (Buffer | string)[], bytesMax = 20): Line[] {
  const reader = new LineReader()
  const lines: Line[] = []
  for (const chunk of chunks) {
    reader.push(Buffer.from(chunk as string, 'latin1')) // strings and buffers
    for (let line = reader.next(bytesMax); line; line = reader.next(bytesMax)) lines.push(line)
  }
  return lines
}
const kinds = (lines: readonly Line[]): string =>
  lines.map((line) => ('text' in line ? `${line.is}(${line.text})` : line.is)).join(' ')

const rows: readonly [id: string, octets: string, wanted: string][] = [
  ['EOD-16', 'NOOP\r\n', 'line(NOOP)'],
  ['EOD-16', 'NOOP\n', ''],
  ['EOD-16', 'NOOP\r', ''],
  ['EOD-16', 'NOOP\nQUIT\r\n', 'bad-end(NOOP\nQUIT)'],
  ['EOD-16', 'NOOP\rQUIT\r\n', 'bad-end(NOOP\rQUIT)'],
  ['EOD-16', 'NO\0OP\r\n', 'bad-end(NO\0OP)'],
  ['EOD-16', 'NOOP\r\r\n', 'bad-end(NOOP\r)'],
  ['EOD-16', '\n\r\n', 'bad-end(\n)'],
  ['EOD-14', 'a\x0bb\r\n', 'line(a\x0bb)'],
  ['EOD-14', 'a\x85b\r\n', 'line(a\x85b)'],
  ['EOD-14', 'a\xe2\x80\xa8b\r\n', 'line(a\xe2\x80\xa8b)'],
  ['EOD-16', '\r\n\r\n', 'line() line()'],
  ['RES-01', `${'a'.repeat(18)}\r\n`, `line(${'a'.repeat(18)})`],
  ['RES-01', `${'a'.repeat(19)}\r\nb\r\n`, 'too-long line(b)'],
  ['RES-01', `${'a'.repeat(60)}\r\nb\r\n`, 'too-long line(b)'],
]
for (const [id, octets, wanted] of rows) {
  test(`${id}: ${JSON.stringify(octets)} is read as ${JSON.stringify(wanted)}, at every split`, () => {
    const whole = Buffer.from(octets, 'latin1')
    assert.equal(kinds(read([whole])), wanted)
    for (let i = 1; i < whole.length; i++) assert.equal(kinds(read([whole.subarray(0, i), whole.subarray(i)])), wanted)
    assert.equal(kinds(read([...whole].map((octet) => Buffer.of(octet)))), wanted)
  })
}

test('EOD-13: any octets give the same lines in any chunks', () => {
  const unit = fc.constantFrom('\r', '\n', '\r\n', 'a', '\0', 'bbbbbbbb')
  fc.assert(
    fc.property(
      fc.array(unit, { maxLength: 40, size: 'max' }),
      fc.array(fc.nat(100), { maxLength: 5 }),
      (parts, cuts) => {
        const octets = Buffer.from(parts.join(''), 'latin1')
        const at = [0, ...cuts.sort((a, b) => a - b), octets.length]
        const chunks = at.slice(1).map((to, i) => octets.subarray(at[i], to))
        const wanted = parts
          .join('')
          .split('\r\n')
          .slice(0, -1)
          .map((text) => {
            if (text.length > 18) return 'too-long'
            return `${/[\r\n\0]/.test(text) ? 'bad-end' : 'line'}(${text})`
          })
        assert.equal(kinds(read(chunks)), wanted.join(' '))
      },
    ),
    { numRuns: 3000 },
  )
})

test('RES-01: of a line without end nothing is kept, and after 64 KiB its end is not waited for', () => {
  const reader = new LineReader()
  let sent = 0
  for (let line: Line | undefined; line === undefined; sent += 1000) {
    assert.ok(sent < 100_000)
    reader.push(Buffer.alloc(1000, 97))
    line = reader.next(512)
    if (line) assert.equal(line.is, 'endless')
    else assert.ok(reader.unread <= 512)
  }
})

test('RES-16: a rest of a few octets does not keep the chunk alive that it came in', () => {
  const reader = new LineReader()
  reader.push(Buffer.concat([Buffer.from('NOOP\r\n'.repeat(10_000)), Buffer.from('MAIL')]))
  while (reader.next(512));
  const rest = reader.take()
  assert.equal(Buffer.from(rest ?? '').toString(), 'MAIL')
  assert.ok((rest?.buffer.byteLength ?? 0) <= 16_384, `${rest?.buffer.byteLength} octets are held`)
})

test('what is unread is taken away for a body, once; clearing forgets it', () => {
  const reader = new LineReader()
  assert.equal(reader.take(), undefined)
  reader.push(Buffer.from('DATA\r\nbody'))
  assert.deepEqual(reader.next(100), { is: 'line', text: 'DATA' })
  assert.equal(Buffer.from(reader.take() ?? '').toString(), 'body')
  assert.equal(reader.unread, 0)
  reader.push(Buffer.from('half'))
  reader.clear()
  reader.push(Buffer.from('x\r\n'))
  assert.deepEqual(reader.next(100), { is: 'line', text: 'x' })
})
