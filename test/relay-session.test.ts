// The outgoing conversation on real sockets against a scripted receiver: what becomes of each recipient, stage by stage.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Receiver } from './receiver.ts'
import { deliver, fates, mailTo, text } from './relay-rig.ts'

test('RO-21, RO-24: a mail arrives as it is, its dots doubled and undone, in one group of commands', async () => {
  await using far = await Receiver.open()
  const result = await deliver(far, mailTo(['bob@far.example', 'cyd@far.example']))
  assert.deepEqual(fates(result), ['250 dot', '250 dot'])
  assert.equal(result.pipelined, true)
  assert.equal(far.ledger[0]?.octets, text)
  assert.equal(far.ledger[0]?.rcpts.length, 2)
})
