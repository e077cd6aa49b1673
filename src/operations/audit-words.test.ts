// What the audit keeps of parameters: never a secret, never mail, never much.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditWords } from './audit-words.ts'

const canary = 'canary-7f3a'

test('WEB-14: no secret of any operation stands in the audit, however deep', () => {
  const kept = auditWords({
    name: 'ann',
    password: canary,
    currentPassword: canary,
    passphrase: canary,
    clientSecret: canary,
    refreshToken: canary,
    ticket: canary,
    code: canary,
    cameBack: `https://x.example/?code=${canary}`,
    argon2Hash: canary,
    keyPem: canary,
    pem: canary,
    text: `[[mailbox]]\npassword = "${canary}"`,
    attachments: [{ name: 'a', octets: canary }],
    nested: [{ deeper: { password: canary } }],
  })
  assert.ok(!kept.includes(canary), kept)
  assert.match(kept, /"name":"ann","password":"hidden"/)
})

test('WEB-17: what was done is still told', () => {
  assert.equal(
    auditWords({ name: 'ann', pop3: true, quotaBytes: null, targets: ['a', 'b'], limit: 3 }),
    '{"name":"ann","pop3":true,"quotaBytes":null,"targets":["a","b"],"limit":3}',
  )
})

test('WEB-17: a row of the audit is bounded, whatever was asked', () => {
  let deep: unknown = 'end'
  for (let i = 0; i < 1000; i++) deep = { deep }
  for (const parameters of [
    { note: 'x'.repeat(1e6) },
    { ids: Array.from({ length: 1e5 }, (_, i) => `id ${i}`) },
    Object.fromEntries(Array.from({ length: 1e4 }, (_, i) => [`k${i}`, i])),
    deep,
    undefined,
  ])
    assert.ok(auditWords(parameters).length < 4_100)
})
