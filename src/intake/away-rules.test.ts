// Whom an absent owner answers: what hostile header sections make of it, and who counts as the same sender.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { formatAddress, parseAddress } from '#/message/address.ts'
import { isAway, readAwayHeader, senderKey } from './away-rules.ts'
import { awayAddresseesMax } from './limits.ts'

const read = (...lines: string[]): ReturnType<typeof readAwayHeader> =>
  readAwayHeader(Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1'))

for (const [value, quiet] of [
  ['no', null],
  ['NO', null],
  [' (really) no (yes)', null],
  ['no; why=x', null],
  ['none', 'automatic'],
  ['auto-generated', 'automatic'],
  ['', 'automatic'],
  ['(no)', 'automatic'],
] as const)
  test(`LP-05, RFC 3834 §5: Auto-Submitted: ${value}`, () => {
    assert.equal(read(`Auto-Submitted: ${value}`, 'Auto-Submitted : no').quiet, quiet)
  })

test('LP-05: who is addressed is read from folded fields, groups and names, and bounded', () => {
  const { addressees } = read(
    'To: "Ann, me" <ann@example.org>,',
    ' friends: bob@far.example (Bob), <carl@far.example>;',
    'CC: broken <dora@far.example',
    'Resent-Cc: "=?utf-8?q?eve=40x?=" <eve@far.example>',
    'Bcc: frank@far.example',
    'X-To: gus@far.example',
  )
  assert.deepEqual(addressees.map(formatAddress), [
    'ann@example.org',
    'bob@far.example',
    'carl@far.example',
    'eve@far.example',
  ])
  const many = read(...Array.from({ length: 3000 }, (_, n) => `To: a${n}@far.example, b${n}@far.example`))
  assert.equal(many.addressees.length, awayAddresseesMax)
  const long = read(`To: ${'x@far.example, '.repeat(60_000)}ann@example.org`)
  assert.ok(long.addressees.length <= awayAddresseesMax)
})

test('LP-05: only identifiers count as references', () => {
  assert.deepEqual(read('References: <a@x> b', '\t<c@x>').references, ['<a@x>', '<c@x>'])
})

for (const [sender, key] of [
  ['Bob@far.example', 'bob@far.example'],
  ['prvs=1234abcdef=Bob@far.example', 'bob@far.example'],
  ['SRS0=HHHH=TT=far.example=Bob@fwd.example', 'bob@far.example'],
  ['SRS0+HHHH=TT=far.example=bob@fwd.example', 'bob@far.example'],
  ['SRS1=HHHH=fwd.example==HHHH=TT=far.example=bob@other.example', 'bob@far.example'],
  ['srs0@far.example', 'srs0@far.example'],
] as const)
  test(`LP-05: ${sender} is remembered as ${key}`, () => {
    const parsed = parseAddress(sender)
    assert.ok(parsed.ok)
    assert.equal(senderKey(parsed.value), key)
  })

test('LP-05: an owner is away from the first moment to the last', () => {
  const at = (from: number | null, until: number | null, on = true): string =>
    [4, 5, 8, 9].filter((now) => isAway({ away: { on, text: 'x', subject: null, from, until } }, now)).join(' ')
  assert.deepEqual(
    [at(5, 9), at(null, 9), at(5, null), at(null, null), at(5, 9, false)],
    ['5 8', '4 5 8', '5 8 9', '4 5 8 9', ''],
  )
  assert.equal(isAway({ away: null }, 1), false)
})
