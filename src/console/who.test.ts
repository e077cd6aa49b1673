// Whose address counts when a proxy stands between.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { clientOf } from './who.ts'

const asked = (peer: string, forwarded?: string) => ({
  header: (name: string) => (name === 'x-forwarded-for' ? forwarded : undefined),
  peer,
  secure: false,
})

for (const [peer, forwarded, is] of [
  ['192.0.2.9', '203.0.113.7', '192.0.2.9'], // no proxy of ours: its word counts nothing
  ['127.0.0.1', '203.0.113.7', '203.0.113.7'],
  ['127.0.0.1', '198.51.100.1, 203.0.113.7', '203.0.113.7'], // what stands before may be forged
  ['127.0.0.1', 'evil; drop', '127.0.0.1'],
  ['127.0.0.1', undefined, '127.0.0.1'],
] as const)
  test(`WEB-16 a client at ${peer} that is said to be ${forwarded} counts as ${is}`, () =>
    assert.equal(clientOf(asked(peer, forwarded), ['127.0.0.1']), is))
