// What a message holds in memory while it is collected.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { collectAll } from '#/world/node/heap.ts'
import { intakeRig, type Rig } from './test-rig.ts'
import type { Collecting } from './types.ts'

const text = 'From: bob@there.example\r\nSubject: hello\r\n\r\nhello\r\n'

async function begin({ store, intake, ann }: Rig): Promise<Collecting> {
  const account = { id: await store.collected.addAccount('{}', '{}'), name: 'old' }
  return intake.beginCollecting({
    account,
    mailbox: ann,
    host: 'pop.there.example',
    address: '192.0.2.1',
    tls: null,
    uid: 'u1',
    sizeBytes: text.length,
    dateFromHeader: false,
    distribution: null,
    raw: false,
  })
}

/** The whole message, as it comes from the network: a small part of a large buffer. */
function write(collecting: Collecting): WeakRef<ArrayBuffer> {
  const buffer = new ArrayBuffer(65_536)
  const chunk = new Uint8Array(buffer, 0, text.length)
  chunk.set(Buffer.from(text, 'latin1'))
  void collecting.write(chunk)
  return new WeakRef(buffer)
}

test('PC-13: a message that waits for the disk holds its own octets, not all that came with them', async () => {
  await using rig = await intakeRig()
  const collecting = await begin(rig)
  const buffer = write(collecting)
  const keeping = collecting.keep({ ...collecting.end(), uid: 'u1' })
  await turn()
  collectAll()
  assert.equal(buffer.deref(), undefined)
  assert.equal((await keeping).is, 'kept')
  assert.ok((await rig.read(rig.ann)).endsWith(text))
})
