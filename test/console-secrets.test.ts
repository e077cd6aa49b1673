// No secret that the program keeps is in any answer, whatever is asked. WEB-14
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { operations } from '#/operations/table.ts'
import { operationsRig } from './operations-rig.ts'

/** They talk to other servers, or walk over everything: their answers have tests of their own. */
const elsewhere = /\.(?:test|browse|preview|explain)$|^(?:doctor|verify)$/

test('WEB-14, SEC-01: passwords, tokens and keys that were given are in no answer', { timeout: 60_000 }, async () => {
  await using rig = await operationsRig()
  const canary = (n: number): string => `canary words number ${n}`
  await rig.run('mailbox.add', { name: 'ann', password: canary(1) })
  await rig.run('domain.add', { name: 'example.org', target: 'ann' })
  await rig.run('alternate.add', { name: 'isp', hosts: ['192.0.2.1'], user: 'u', password: canary(2) })
  await rig.run('collect.add', { name: 'old', host: 'pop.example.com', user: 'u', password: canary(3), mailbox: 'ann' })
  await rig.run('admin.add', { name: 'root', password: canary(4) })
  const { token } = (await rig.run('token.add', { label: 'watch', scopes: ['read'] })) as { token: string }
  const { password } = (await rig.run('app-password.add', { name: 'ann', label: 'phone' })) as { password: string }
  const secrets = [1, 2, 3, 4].map(canary).concat(token, password, '$argon2', 'v1:')
  let answered = 0
  for (const [name, { kind }] of operations) {
    if (kind !== 'read' || elsewhere.test(name) || name === 'admin.begin-totp') continue
    for (const parameters of [
      {},
      { name: 'ann' },
      { name: 'isp' },
      { name: 'old' },
      { name: 'root' },
      { mailbox: 'ann' },
    ]) {
      const answer = await rig.run(name, parameters).catch(() => null)
      if (answer === null) continue
      answered++
      const text = JSON.stringify(answer) ?? ''
      for (const secret of secrets) assert.ok(!text.includes(secret), `${name} tells ${secret}`)
    }
  }
  assert.ok(answered > 30, `${answered} answers were looked at`)
})

test('WEB-14: this can fail: an export with secrets would be found', async () => {
  await using rig = await operationsRig()
  await rig.run('alternate.add', { name: 'isp', hosts: ['192.0.2.1'], user: 'u', password: 'canary words' })
  assert.ok(JSON.stringify(await rig.run('settings.export', { secrets: true })).includes('canary words'))
})
