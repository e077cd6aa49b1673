// What a person is told about a pattern while typing it.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { meaningOf } from './access-meaning.ts'

const meant: readonly [pattern: string, words: string][] = [
  ['192.0.2.20', 'Only this one address'],
  ['2001:db8::1', 'Only this one address'],
  ['192.0.2.*', 'The 256 addresses 192.0.2.0 to 192.0.2.255'],
  ['10.0.0.0/8', 'The 16,777,216 addresses 10.0.0.0 to 10.255.255.255'],
  ['10.0.0.1-10.0.0.9', 'The 9 addresses 10.0.0.1 to 10.0.0.9'],
  ['2001:db8:4::/64', 'All addresses from 2001:db8:4:: to 2001:db8:4:0:ffff:ffff:ffff:ffff'],
  ['::ffff:10.0.0.0/104', 'The 16,777,216 addresses 10.0.0.0 to 10.255.255.255'],
  ['printer.example.org', 'The machine whose address printer.example.org leads to'],
  [
    '*.office.example.org',
    'Any name below office.example.org whose address also leads back to it; not office.example.org itself',
  ],
  ['*', 'Every machine on the Internet'],
]
for (const [pattern, words] of meant)
  test(`AC-03: ${pattern} means: ${words}`, () => {
    const meaning = meaningOf(pattern)
    assert.ok(meaning.ok)
    assert.equal(meaning.words, words)
  })

const likely: readonly [typed: string, likely: string | null][] = [
  ['192.0.2', '192.0.2.*'],
  ['192.0.2.', '192.0.2.*'],
  ['192.0.2*', '192.0.2.*'],
  ['192.0.2.5/24', '192.0.2.0/24'],
  ['2001:db8:4::7/64', '2001:db8:4::/64'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['.example.org', '*.example.org'],
  ['*example.org', '*.example.org'],
  ['https://printer.example.org/setup', 'printer.example.org'],
  ['10.0.0.1 – 10.0.0.9', '10.0.0.1-10.0.0.9'],
  ['192,0,2,7', '192.0.2.7'],
  ['ann@example.org', null],
  ['0.0.0.5/0', null], // never everybody
  ['.org', null],
  ['', null],
]
for (const [typed, wanted] of likely)
  test(`AC-03: ${typed} is not understood; ${wanted ?? 'nothing'} is offered`, () => {
    const meaning = meaningOf(typed)
    assert.ok(!meaning.ok)
    assert.equal(meaning.likely, wanted)
    assert.equal(meaning.words === null, wanted === null)
  })

test('AC-02: a pattern that opens the server says so in its meaning', () => {
  for (const pattern of ['*', '*.*.*.*', '0.0.0.0/0', '::/0', '0.0.0.0/1', '*.org']) {
    const meaning = meaningOf(pattern)
    assert.match((meaning.ok && meaning.danger) || '', /through this server/)
  }
})
