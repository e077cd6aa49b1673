// What was asked, in a line.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { saidOf } from './said.ts'

const reading = { now: Date.UTC(2026, 10, 26, 12), language: 'en' } as const
for (const [parameters, line] of [
  ['{}', ''],
  ['null', ''],
  ['{"name":"ann","pop3":true,"force":false,"quotaBytes":null}', 'name ann, pop3'],
  ['{"label":"x","scopes":["read","queue"],"targets":[]}', 'label x, scopes read + queue'],
  ['{"password":"hidden","n":0}', 'password hidden, n 0'],
  ['{"changes":[{"name":"a.b","value":5}]}', 'changes (name a.b, value 5)'],
  [`{"expiresAt":${Date.UTC(2027, 1, 24, 12)}}`, 'expiresAt 24 Feb 2027'],
] as const)
  test(`${parameters} is ${JSON.stringify(line)}`, () => assert.equal(saidOf(parameters, reading), line))
