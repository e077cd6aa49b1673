// The figures of the queue for machines.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { maildrop, Pop3Remote } from './pop3-remote.ts'
import { cli, cliAsync, dataFolder, start } from './serve.ts'

test('QU-16 the monitor has the queue by state, the age of the oldest delivery and the deferred share', async () => {
  using folder = dataFolder()
  cli(folder.path, ['settings', 'set', 'mailRelay.paused', 'true'])
  cli(folder.path, ['send', '--to', 'bob@far.example', '--to', 'cyd@far.example', '--text', 'x'])
  cli(folder.path, ['queue', 'hold', 'cyd@'])
  const server = await start(folder.path, ['metrics'])
  try {
    const text = await (await fetch(`http://${server.listening['metrics']}/metrics`)).text()
    assert.match(text, /^netcruiser_queue_deliveries\{state="waiting"\} 1$/m)
    assert.match(text, /^netcruiser_queue_deliveries\{state="held"\} 1$/m)
    assert.match(text, /^netcruiser_queue_deferred_share 0$/m)
    assert.ok(Number(/^netcruiser_queue_oldest_seconds (.+)$/m.exec(text)?.[1]) > 0)
  } finally {
    await server.stop()
  }
})

test('PC-39 the monitor has the remote accounts by state, what was collected, and how long ago', async () => {
  using folder = dataFolder()
  await using remote = await Pop3Remote.open({ messages: maildrop(3) })
  cli(folder.path, ['mailbox', 'add', 'ann'])
  const where = ['--host', '127.0.0.1', '--port', String(remote.port), '--tls', 'none', '--plain-login', '--private']
  const add = ['collect', 'add', 'old', '--into', 'ann', '--user', 'ann', '--first', 'everything', '--password-stdin']
  const server = await start(folder.path, ['metrics'])
  try {
    assert.equal((await cliAsync(folder.path, [...add, ...where], 'secret')).status, 0)
    await cliAsync(folder.path, ['collect', 'run', 'old'])
    const text = await (await fetch(`http://${server.listening['metrics']}/metrics`)).text()
    assert.match(text, /^netcruiser_collect_accounts\{state="idle"\} 1$/m)
    assert.match(text, /^netcruiser_collect_accounts\{state="stopped"\} 0$/m)
    assert.match(text, /^netcruiser_collect_messages_total\{what="collected"\} 3$/m)
    assert.match(text, /^netcruiser_collect_messages_total\{what="removed"\} 0$/m)
    const age = Number(/^netcruiser_collect_oldest_success_seconds (.+)$/m.exec(text)?.[1])
    assert.ok(age > 0 && age < 60)
  } finally {
    await server.stop()
  }
})
