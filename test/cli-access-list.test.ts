// The access list as an operator changes it: order, single fields, confirmation, what the tester says.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { operationsRig, type Operations } from './operations-rig.ts'

type Row = { id: number; place: number; pattern: string; action: string; senders: string[]; note: string }
const list = async (rig: Operations): Promise<Row[]> => (await rig.run('access.list')) as Row[]
const patterns = async (rig: Operations): Promise<string[]> => (await list(rig)).map(({ pattern }) => pattern)
const add = async (rig: Operations, pattern: string, more: object = {}): Promise<number> =>
  ((await rig.run('access.add', { pattern, ...more })) as { id: number }).id

test('AC-03: an entry is moved to any place, and the rules follow at once', async () => {
  await using rig = await operationsRig()
  await rig.run('settings.set', { name: 'mailServer.forwarding', value: true })
  await add(rig, '10.0.0.*')
  await add(rig, '10.1.0.*')
  const deny = await add(rig, '10.0.0.66', { action: 'deny' })
  const may = async (): Promise<unknown> =>
    ((await rig.run('access.test', { address: '10.0.0.66' })) as { may: string }).may
  assert.equal(await may(), 'yes')
  assert.partialDeepStrictEqual(await rig.run('access.move', { id: deny, place: 1 }), { place: 1 })
  assert.equal(await may(), 'no')
  assert.deepEqual(await patterns(rig), ['10.0.0.66', '10.0.0.*', '10.1.0.*'])
  assert.partialDeepStrictEqual(await rig.run('access.move', { id: deny, place: 99 }), { place: 3 })
  assert.deepEqual(await patterns(rig), ['10.0.0.*', '10.1.0.*', '10.0.0.66'])
  await assert.rejects(rig.run('access.move', { id: 99, place: 1 }), /no access entry 99/)
})

test('AC-03: a removed entry comes back at its old place', async () => {
  await using rig = await operationsRig()
  for (const pattern of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) await add(rig, pattern)
  await rig.run('access.remove', { id: (await list(rig))[1]!.id })
  await add(rig, '10.0.0.2', { place: 2 })
  assert.deepEqual(await patterns(rig), ['10.0.0.1', '10.0.0.2', '10.0.0.3'])
})

test('AC-02: an entry is not widened to everyone without being confirmed; its note may change', async () => {
  await using rig = await operationsRig()
  const id = await add(rig, '10.0.0.1')
  await assert.rejects(rig.run('access.set', { id, pattern: '*' }), /everyone on the Internet/)
  const denied = await add(rig, '*', { action: 'deny' })
  await assert.rejects(rig.run('access.set', { id: denied, action: 'allow' }), /everyone on the Internet/)
  await rig.run('access.set', { id, note: 'printer' })
  await rig.run('access.set', { id, senders: ['Scans@Example.org', '@example.org'] })
  assert.partialDeepStrictEqual((await list(rig))[0], {
    pattern: '10.0.0.1',
    note: 'printer',
    senders: ['scans@example.org', '@example.org'],
  })
  await assert.rejects(rig.run('access.set', { id, senders: ['printer'] }), /neither a sender address nor a domain/)
})

test('AC-12: the tester says when only the sender address is in the way', async () => {
  await using rig = await operationsRig()
  await rig.run('settings.set', { name: 'mailServer.forwarding', value: true })
  const id = await add(rig, '10.0.0.1', { senders: ['scans@example.org'] })
  const asked = (sender: string): Promise<unknown> => rig.run('access.test', { address: '10.0.0.1', sender })
  assert.partialDeepStrictEqual(await asked('mara@example.org'), { may: 'no', rule: id, wrongSender: true })
  assert.partialDeepStrictEqual(await asked('Scans@Example.org'), { may: 'yes', rule: id, wrongSender: false })
})

test('AC-02, AC-18: whether strangers could send is told with the entry that lets them', async () => {
  await using rig = await operationsRig()
  const openness = (): Promise<unknown> => rig.run('access.openness')
  const id = await add(rig, '0.0.0.0/1', { everyone: true })
  assert.partialDeepStrictEqual(await openness(), { forwarding: false, strangers: null, dangers: [{ id }] })
  await rig.run('settings.set', { name: 'mailServer.forwarding', value: true })
  await rig.run('access.set', { id, pattern: '*', everyone: true })
  assert.match(((await openness()) as { strangers: string }).strangers, /ANYONE/)
})
