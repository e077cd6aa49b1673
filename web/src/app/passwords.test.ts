// How passwords are judged, and made up.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { madeUp, strengthOf } from './passwords.ts'

const cases = [
  ['', 'empty'],
  ['aB3$xyz', 'short'],
  ['aaaaaaaaaaaaaaaa', 'weak'],
  ['abcdefghijklmnop', 'weak'],
  ['9876543210', 'weak'],
  ['sunshine', 'weak'],
  ['boats and ropes', 'good'],
  ['Xk3$pq9!', 'fair'],
] as const

for (const [password, strength] of cases)
  test(`AUT-07 the password "${password}" is ${strength}`, () => assert.equal(strengthOf(password), strength))

test('SEC-11 passwords that are made up are long, good and different', () => {
  const many = Array.from({ length: 100 }, madeUp)
  assert.equal(new Set(many).size, 100)
  for (const one of many) {
    assert.match(one, /^[a-z2-9]{5}(?:-[a-z2-9]{5}){3}$/)
    assert.equal(strengthOf(one), 'good')
  }
})
