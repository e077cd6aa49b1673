// Waits as servers have really asked for them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reply } from '#/message/reply.ts'
import { waitTold } from './wait-told.ts'

const said: readonly [words: string, ms: number | null][] = [
  ['Greylisted, please try again in 300 seconds', 300_000],
  ['Recipient address rejected: Greylisted for 5 minutes', 300_000],
  ['Too many messages, retry after 2 hours', 7_200_000],
  ['You are being rate limited. Please wait 90s before sending more', 90_000],
  ['Daily limit reached, resets in 12 hours', 14_400_000],
  ['Try again in 0 seconds', 1000],
  ['Try again in 99999 hours', 14_400_000],
  ['Please try again later', null],
  ['Limit of 500 messages in 24 hours exceeded', null],
  ['Try again. Limit is 500 messages per 24 hours', null],
  ['come again', null],
]

test('RO-31 the wait that a host asks for is read, within bounds', () => {
  for (const [words, ms] of said) assert.equal(waitTold(reply(451, '4.7.1', words)), ms, words)
})
