// What a mailbox may be called, as a table.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mailboxName } from './names.ts'

const table: readonly (readonly [title: string, typed: string, name: string | null])[] = [
  ['a plain name', 'ann', 'ann'],
  ['capital letters are folded: no two that differ by case', 'Ann', 'ann'],
  ['a dot inside', 'ann.b', 'ann.b'],
  ['a device of Windows is only a name', 'CON', 'con'],
  ['another one', 'nul.txt', 'nul.txt'],
  ['two spellings of one letter are one', 'cafe\u0301', 'caf\u00e9'],
  ['only A to Z are folded: the Kelvin sign is normalised, not a second k', '\u212a', 'k'],
  ['64 octets', 'x'.repeat(64), 'x'.repeat(64)],
  ['65 octets', 'x'.repeat(65), null],
  ['65 octets in 33 characters', '\u00e9'.repeat(33), null],
  ['nothing', '', null],
  ['a dot at the end', 'ann.', null],
  ['a dot at the start', '.ann', null],
  ['two dots', 'a..b', null],
  ['the folder above', '..', null],
  ['a blank', 'a b', null],
  ['a hard blank', 'a\u00a0b', null],
  ['a tab', 'a\tb', null],
  ['a line end', 'ann\r\nx', null],
  ['NUL', 'ann\0', null],
  ['delete', 'ann\u007f', null],
  ['an address', 'ann@example.org', null],
  ['a pattern', 'a*', null],
  ['a quote', 'a"b', null],
  ['a way to elsewhere on Windows', 'a\\b', null],
  ['a drive', 'c:', null],
  ['AD-15: a word that says what becomes of the rest of a domain', 'Discard', null],
  ['AD-15: the other one', 'reject', null],
]

test('MB-07: names of mailboxes are one canonical form or refused in words', async (t) => {
  for (const [title, typed, name] of table)
    await t.test(title, () => {
      const found = mailboxName(typed)
      assert.equal(found.ok ? found.name : null, name)
      if (!found.ok) assert.match(found.problem, /^[A-Z].{10,}/)
    })
})
