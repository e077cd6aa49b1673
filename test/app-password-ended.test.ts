// An app password that is taken back while somebody is signed in with it, on a running server.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, base64, greeted, login } from './pop3-client.ts'
import { cli, cliAsync, dataFolder, start } from './serve.ts'
import { connect } from './wire-client.ts'

const noun = ['mailbox', 'app-password']

test('AUT-14, PS-19: who is signed in with an app password that is taken back is signed out, and nobody else', async () => {
  using data = dataFolder()
  for (const name of ['ann', 'bob']) cli(data.path, ['mailbox', 'add', name, '--pop3', '--password-stdin'], 'main one')
  const served = await start(data.path, ['smtp', 'pop3'])
  const ports = Object.fromEntries(
    Object.entries(served.listening).map(([is, at]) => [is, Number(at.split(':').at(-1))]),
  )
  try {
    const app = async (label: string): Promise<string> => {
      const { stdout } = await cliAsync(data.path, [...noun, 'add', 'ann', '--label', label, '--json'])
      return (JSON.parse(stdout) as { password: string }).password
    }
    const [phone, tablet] = [await app('phone'), await app('tablet')]
    const enter = async (name: string, password: string) => {
      const client = await greeted(ports['pop3']!)
      assert.match(await login(client, name, password), /^\+OK/)
      return client
    }
    const lost = await enter('ann', phone)
    const other = await enter('bob', 'main one')
    const smtp = await Promise.all([phone, tablet].map(async (password) => {
      const client = await connect(ports['smtp']!)
      await client.reply()
      await client.ask('EHLO client.example')
      assert.match((await client.ask(`AUTH PLAIN ${base64(`\0ann\0${password}`)}`)) ?? '', /^235/)
      return client
    })) // prettier-ignore
    assert.equal((await cliAsync(data.path, [...noun, 'remove', 'ann', '--label', 'phone'])).status, 0)
    assert.equal(await lost.line(), null)
    assert.match((await smtp[0]!.reply()) ?? '', /^421/)
    assert.match((await smtp[1]!.ask('NOOP')) ?? '', /^250/)
    assert.match(await ask(other, 'NOOP'), /^\+OK/)
    for (const client of [lost, other, ...smtp]) client.destroy()
  } finally {
    await served.stop()
  }
})
