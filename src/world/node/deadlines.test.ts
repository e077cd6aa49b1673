// Deadlines of connections are kept by the clock on the wall, which may be set while somebody waits.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../world.ts'
import { clock as real } from './clock.ts'
import { nodeNet } from './net.ts'

test('CLK-02 a clock that is set back makes nobody wait longer for a silent peer', { timeout: 20_000 }, async () => {
  let aheadMs = 0
  const clock: Clock = { ...real, now: () => real.now() + aheadMs }
  using net = nodeNet(clock)
  const listener = await net.listen({ address: '127.0.0.1', port: 0 }, () => undefined)
  const opened = await net.connect({ address: '127.0.0.1', port: listener.port, timeoutMs: 5000 })
  assert.ok(opened.ok)
  const heard = opened.connection.read(clock.now() + 1500)
  aheadMs = -3600_000
  assert.equal(await Promise.race([heard, real.sleep(8000).then(() => 'still waiting')]), 'timeout')
  opened.connection.destroy()
  await listener.close()
})
