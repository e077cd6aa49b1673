// How far the first set-up is.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settingsSchema } from '../../../../src/config/settings.ts'
import { answersOf, domainOf, nextOf, questions, settingOf, type Answered, type Question } from './questions.ts'

test('the first set-up goes on at the first question without an answer, skipped ones are answered', () => {
  const answers = answersOf(['done name', 'skipped domain'])
  assert.equal(nextOf(answers), 'mailbox')
  assert.equal(nextOf(answersOf([])), 'name')
  assert.deepEqual(settingOf(answers), ['done name', 'skipped domain'])
  assert.equal(nextOf(answersOf(questions.map((one) => `done ${one}`))), null)
})

test('a question that is answered anew has its later answer', () => {
  assert.deepEqual(settingOf(answersOf(['skipped out', 'done out'])), ['done out'])
})

test('every state of the first set-up is one that the setting takes', () => {
  for (const how of ['done', 'skipped'] as const) {
    const all = new Map<Question, Answered>(questions.map((question) => [question, how]))
    const welcome = [...settingOf(all), 'over']
    assert.deepEqual(settingsSchema.parse({ console: { welcome } }).console.welcome, welcome)
  }
  assert.equal(settingsSchema.safeParse({ console: { welcome: ['done nonsense'] } }).success, false)
})

test('the domain is guessed from the host name', () => {
  for (const [host, domain] of [
    ['mail.example.org', 'example.org'],
    ['example.org', ''],
    ['box', ''],
    ['a.b.example.co.uk', 'b.example.co.uk'],
  ] as const)
    assert.equal(domainOf(host), domain)
})
