// An away notice as people type it.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { awayAsked, awayFields, awayWrong } from './away.ts'

const kept = { on: true, text: 'x', subject: null, from: 1_700_000_030_000, until: null } // half a minute

test('LP-05 what is not touched is not sent, and a moment keeps its seconds', () => {
  for (const shown of [null, kept]) assert.equal(awayAsked(awayFields(shown), shown), undefined)
  const asked = awayAsked({ ...awayFields(kept), on: false }, kept)
  assert.deepEqual(asked, { on: false, text: 'x', subject: null, from: 1_700_000_030_000, until: null })
  const until = '2030-01-31T18:00'
  assert.equal(awayAsked({ ...awayFields(kept), from: '', until }, kept)!.from, null)
  assert.equal(awayAsked({ ...awayFields(kept), until }, kept)!.until, new Date(until).getTime())
  assert.equal(awayAsked({ ...awayFields(null), subject: ' Weg ' }, null)!.subject, 'Weg')
})

test('LP-05 a notice needs words, and ends behind its beginning', () => {
  const fields = awayFields(kept)
  assert.equal(awayWrong(fields), null)
  assert.equal(awayWrong({ ...fields, text: ' \n' }), 'text')
  assert.equal(awayWrong({ ...fields, on: false, text: '' }), null)
  assert.equal(awayWrong({ ...fields, from: '2030-01-31T18:00', until: '2030-01-31T18:00' }), 'times')
})
