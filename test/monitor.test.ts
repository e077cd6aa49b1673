// The figures of the queue for machines.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { cli, dataFolder, start } from './serve.ts'

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
