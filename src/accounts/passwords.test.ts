// Passwords as they are kept: nothing is cut off, one form for all keyboards, nothing readable in the store.
import assert from 'node:assert/strict'
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { test } from 'node:test'
import { hashPassword, passwordProblem, scramKeysOf, setPassword, verifyPassword } from './passwords.ts'
import { accountsRig, testWorld } from './test-rig.ts'

const { random } = testWorld

const pairs: readonly (readonly [title: string, set: string, typed: string, works: boolean])[] = [
  ['itself', 'secret', 'secret', true],
  ['another case', 'secret', 'Secret', false],
  ['AUT-12: a blank at the end counts', 'secret ', 'secret', false],
  ['AUT-12: a blank at the end', 'secret ', 'secret ', true],
  ['AUT-12: 300 octets', 'x'.repeat(300), 'x'.repeat(300), true],
  ['AUT-12: the 300th octet counts', `${'x'.repeat(299)}a`, `${'x'.repeat(299)}b`, false],
  ['AUT-12: composed and decomposed are one', 'caf\u00e9', 'cafe\u0301', true],
  ['AUT-13: the empty one', 'secret', '', false],
]

test('AUT-12, AUT-13: which typed password opens', async (t) => {
  for (const [title, set, typed, works] of pairs)
    await t.test(title, async () => {
      assert.equal(await verifyPassword((await hashPassword(set, random)).argon2, typed), works)
    })
})

test('AUT-12, AUT-13: what cannot be a password is told in words', async () => {
  await using rig = await accountsRig({ mailboxes: { ann: {} } })
  const { id } = rig.directory.mailbox('ann')!
  for (const [password, problem] of [
    ['', /empty/],
    ['a\0b', /NUL/],
    ['x'.repeat(1025), /at most 1024/],
  ] as const) {
    assert.match(passwordProblem(password)!, problem)
    await assert.rejects(setPassword(rig.store, random, { id, password }), problem)
  }
  assert.equal(passwordProblem('x'.repeat(1024)), null)
})

test('SEC-01: the store holds a salted argon2id hash and SCRAM keys, never the password', async () => {
  await using rig = await accountsRig({ mailboxes: { ann: {}, bob: {} } })
  for (const { id } of await rig.store.mailboxes()) await setPassword(rig.store, random, { id, password: 'canary' })
  const [ann, bob] = await rig.store.mailboxes()
  assert.match(ann!.argon2!, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  assert.notEqual(ann!.argon2, bob!.argon2)
  assert.notEqual(ann!.scram, bob!.scram)
  assert.doesNotMatch(`${ann!.argon2} ${ann!.scram}`, /canary/)
})

test('AUT-11: SCRAM keys are those of RFC 5802', async () => {
  const { iterations, salt, storedKey, serverKey } = scramKeysOf((await hashPassword('secret', random)).scram)
  const salted = pbkdf2Sync('secret', salt, iterations, 32, 'sha256')
  const key = (label: string): Buffer => createHmac('sha256', salted).update(label).digest()
  assert.deepEqual(Buffer.from(storedKey), createHash('sha256').update(key('Client Key')).digest())
  assert.deepEqual(Buffer.from(serverKey), key('Server Key'))
  assert.ok(iterations >= 4096)
})
