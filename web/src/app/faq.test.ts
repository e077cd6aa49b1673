// Sentences of the server lead to the entries of the FAQ that they name. HP-03
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faqIn } from './faq.ts'

test('HP-03 a sentence that names an entry of the FAQ is parted into its words and the entry', () => {
  for (const [sentence, words, entry] of [
    ['550 5.7.1 Relaying denied: x (see FAQ: relaying-denied)', '550 5.7.1 Relaying denied: x', 'relaying-denied'],
    ['smtp does not listen (EACCES): see port-busy in docs/faq.md.', 'smtp does not listen (EACCES).', 'port-busy'],
    ['sign in again (see FAQ: sign-in-expired). It says: no', 'sign in again. It says: no', 'sign-in-expired'],
    ['All is well.', 'All is well.', null],
  ] as const)
    assert.deepEqual(faqIn(sentence), { words, entry })
})
