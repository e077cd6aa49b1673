// Another recipient for a delivery that waits: with the same octets, and as what it was.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import type { Sent } from '#/operations/send.ts'
import { operationsRig, type Operations } from './operations-rig.ts'

async function queued(rig: Operations, to: readonly string[]): Promise<string> {
  return ((await rig.run('send', { from: 'ann@here.example', to, subject: 'x', text: 'y' })) as Sent).key!
}
const open = async (rig: Operations) => rig.store.queue.find({ states: ['waiting', 'held'], limit: 10 })

test('QU-11 a delivery goes to another recipient, whole, once, and both stories tell it', async () => {
  await using rig = await operationsRig()
  const key = await queued(rig, ['bod@far.example', 'cyd@far.example'])
  const [bod] = await rig.store.queue.ofMessage(key)
  const before = await rig.store.queue.content(bod!)
  await rig.run('queue.hold', { what: bod!.id })
  await rig.run('queue.edit', { what: bod!.id, to: 'bob@far.example' })
  const rows = await open(rig)
  const bob = rows.find(({ to }) => to.local === 'bob')!
  assert.deepEqual(rows.map(({ to }) => to.local).toSorted(), ['bob', 'cyd'])
  assert.deepEqual(await rig.store.queue.content(bob), before)
  assert.deepEqual([bob.from, bob.state, bob.rcpt.orcpt], [bod!.from, 'held', 'rfc822;bod@far.example'])
  assert.equal((await rig.store.queue.ofMessage(key))[0]!.state, 'dropped')
  const told = JSON.stringify(await rig.run('trace.story', { ref: key }))
  assert.match(told, /"edited-to","values":\{"to":"bob@far\.example"\}/)
  assert.match(told, new RegExp(`"link":"${bob.message}"`))
})

test('QU-11 a recipient that is nobody, or one for many, changes nothing', async () => {
  await using rig = await operationsRig()
  await rig.run('domain.add', { name: 'us.example', mode: 'addresses-only' })
  const key = await queued(rig, ['bob@far.example', 'cyd@far.example'])
  const edit = (more: object) => rig.run('queue.edit', { what: key, ...more })
  await assert.rejects(edit({ to: 'x@far.example', yes: true }), /for one delivery/)
  await assert.rejects(edit({ what: 'bob@', to: 'nobody' }), /domain/)
  await assert.rejects(edit({ what: 'bob@', to: 'no@us.example' }), /no mailbox no@us\.example/)
  await assert.rejects(edit({ what: 'bob@', to: 'x@far.example', lifetimeMs: 60_000 }), /alone/)
  assert.deepEqual((await open(rig)).map(({ to }) => to.local), ['bob', 'cyd']) // prettier-ignore
})

test('QU-11 a recipient here gets it into the mailbox', async () => {
  await using rig = await operationsRig()
  await rig.run('mailbox.add', { name: 'ann' })
  await queued(rig, ['bob@far.example'])
  await rig.run('queue.edit', { what: 'bob@', to: 'ann@mx.example.net' })
  assert.deepEqual(await open(rig), [])
  assert.equal((await rig.store.mailboxes())[0]!.messages, 1)
})
