// What is said of a password while it is typed.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { strengthOf } from './strength.ts'

for (const [password, name, said] of [
  ['', 'ann', 'short'],
  ['Xk3$9qz', 'ann', 'short'],
  ['Administrator1', 'administrator', 'plain'],
  ['password12345678', 'ann', 'plain'],
  ['aaaaaaaaaaaaaaaa', 'ann', 'plain'],
  ['qwertqwertqwert', 'ann', 'plain'],
  ['annannannann', 'ann', 'plain'],
  ['tr4dE-wInd', 'ann', 'fair'],
  ['four plain words here', 'ann', 'good'],
  ['vier schlichte Wörter', '', 'good'],
] as const)
  test(`${JSON.stringify(password)} of ${name} is ${said}`, () => assert.equal(strengthOf(password, name), said))
