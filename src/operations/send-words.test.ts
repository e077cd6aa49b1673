// What is said before sending: a mistyped domain, a promised file that is missing.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { nearestDomain } from './near-domains.ts'
import { warningsOf } from './send-warnings.ts'

const known = ['gmail.com', 'harbour-supplies.test', 'example.org', 'web.de']
const near: readonly [typed: string, meant: string | null][] = [
  ['harbour-suplies.test', 'harbour-supplies.test'],
  ['gmial.com', 'gmail.com'],
  ['exmaple.org', 'example.org'],
  ['example.og', 'example.org'],
  ['we.de', 'web.de'],
  ['w.de', null],
  ['gmail.com', null],
  ['elsewhere.example', null],
]
for (const [typed, meant] of near)
  test(`SE-06 ${typed} ${meant === null ? 'is near nothing' : `may be meant as ${meant}`}`, () =>
    assert.equal(nearestDomain(typed, known), meant))

const texts: readonly [text: string, promised: boolean][] = [
  ['See the attached file.', true],
  ['Please find enclosed', true],
  ['die Liste ist im Anhang', true],
  ['anbei die Rechnung', true],
  ['Ich habe sie angehängt.', true],
  ['I am detached from it', false],
  ['> see attachment\nThanks', false],
  ['Bis morgen', false],
]
for (const [text, promised] of texts)
  test(`SE-06 ${JSON.stringify(text)} ${promised ? 'promises a file' : 'promises none'}`, () => {
    assert.equal(warningsOf({ subject: 'x', text }, 0).includes('no-attachment'), promised)
    assert.deepEqual(warningsOf({ subject: 'x', text }, 1), [])
  })
