// The pickup folder of old programs: files are sent once, whatever happens in between, and bad ones block nobody.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { lookOnce } from '#/operations/pickup.ts'
import { parsePickup } from '#/operations/pickup-file.ts'
import type { ShownDelivery } from '#/operations/queue-select.ts'
import { operationsRig, type Operations } from './operations-rig.ts'
import { cli, dataFolder, start } from './serve.ts'

async function pickupRig() {
  const rig = await operationsRig()
  const folder = dataFolder()
  await rig.run('settings.set', { name: 'mailRelay.pickupFolder', value: folder.path })
  const put = (name: string, text: string): void => {
    writeFileSync(join(folder.path, name), text)
    utimesSync(join(folder.path, name), 1, 1)
  }
  const there = (where: string): string[] =>
    readdirSync(join(folder.path, where))
      .map((name) => name.replace(/^[0-9a-z]{26}-/, ''))
      .toSorted()
  return {
    rig,
    path: folder.path,
    put,
    there,
    look: () => lookOnce(rig.context),
    async [Symbol.asyncDispose]() {
      await rig[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}
const queue = async (rig: Operations): Promise<string[]> =>
  ((await rig.run('queue.list')) as ShownDelivery[]).map(({ from, to }) => `${from} ${to}`)

const plain = 'From: ann@here.example\r\nTo: bob@far.example\r\nBcc: cyd@far.example\r\nSubject: x\r\n\r\nhi\r\n'

test('SE-08 a file with its recipients in the header or in lines on top is sent and moved to done', async () => {
  await using given = await pickupRig()
  given.put('a.eml', plain)
  given.put(
    'b.EML',
    `X-Sender: <dan@here.example>\r\nX-Receiver: eve@far.example\r\nx-receiver: fay@far.example\n${plain}`,
  )
  given.put('c.txt', plain)
  await given.look()
  assert.deepEqual((await queue(given.rig)).toSorted(), [
    '<ann@here.example> bob@far.example',
    '<ann@here.example> cyd@far.example',
    '<dan@here.example> eve@far.example',
    '<dan@here.example> fay@far.example',
  ])
  assert.deepEqual([given.there('done'), given.there('work'), given.there('bad')], [['a.eml', 'b.EML'], [], []])
  const [row] = await given.rig.store.queue.find({ text: 'eve@', limit: 1 })
  const content = await given.rig.store.queue.content(row!)
  assert.doesNotMatch(Buffer.from(content as Uint8Array).toString(), /x-receiver|x-sender|bcc/i) // small: one piece
})

test('SE-08 a file that is still being written is left alone, and so is what is no file', async () => {
  await using given = await pickupRig()
  writeFileSync(join(given.path, 'half.eml'), 'To: bob@far')
  mkdirSync(join(given.path, 'folder.eml'))
  symlinkSync('/etc/passwd', join(given.path, 'link.eml'))
  given.put('a.eml', plain)
  await given.look()
  assert.deepEqual(given.there('done'), ['a.eml'])
  assert.deepEqual(given.there('.'), ['bad', 'done', 'folder.eml', 'half.eml', 'link.eml', 'work'])
  writeFileSync(join(given.path, 'elsewhere'), plain)
  utimesSync(join(given.path, 'elsewhere'), 1, 1)
  renameSync(join(given.path, 'elsewhere'), join(given.path, 'renamed.eml'))
  await given.look()
  assert.deepEqual(given.there('done'), ['a.eml', 'renamed.eml'])
})

test('SE-08 a file that cannot be sent goes to bad with the reason beside it, and blocks no other', async () => {
  await using given = await pickupRig()
  await given.rig.run('settings.set', { name: 'mailServer.messageBytesMax', value: 65_536 })
  given.put('1.eml', 'Subject: to nobody\r\n\r\nhi\r\n')
  given.put('2.eml', 'To: nobody@mx.example.net\r\n\r\nhi\r\n')
  given.put('3.eml', `To: bob@far.example\r\n\r\n${'x'.repeat(70_000)}`)
  given.put('4.eml', 'X-Receiver: a b@far.example\r\n\r\nhi\r\n')
  given.put('5.eml', '')
  given.put('z.eml', plain)
  await given.look()
  assert.deepEqual(given.there('done'), ['z.eml'])
  const reasons = readdirSync(join(given.path, 'bad'))
    .filter((name) => name.endsWith('.txt'))
    .map((name) => `${name.slice(27)}: ${readFileSync(join(given.path, 'bad', name), 'utf8').trim()}`)
    .toSorted()
  const expected = [/Nobody is named/, /no mailbox nobody@/, /too large/, /a b@far\.example/, /Nobody is named/]
  assert.equal(reasons.length, expected.length)
  for (const [i, reason] of reasons.entries()) assert.match(reason, expected[i]!)
})

test('SE-08 a program that ended between sending and moving sends nothing twice, and what was only claimed is sent', async () => {
  await using given = await pickupRig()
  given.put('a.eml', plain)
  await given.look()
  const [done] = readdirSync(join(given.path, 'done'))
  renameSync(join(given.path, 'done', done!), join(given.path, 'work', done!))
  writeFileSync(join(given.path, 'work', `${'0'.repeat(26)}-b.eml`), plain.replace('bob', 'dan'))
  await given.look()
  assert.deepEqual((await queue(given.rig)).length, 4)
  assert.deepEqual([given.there('done'), given.there('work')], [['a.eml', 'b.eml'], []])
})

test(
  'SE-08 a file that cannot be read is put aside',
  { skip: process.getuid?.() === 0 && 'root reads all' },
  async () => {
    await using given = await pickupRig()
    given.put('a.eml', plain)
    chmodSync(join(given.path, 'a.eml'), 0)
    given.put('b.eml', plain)
    await given.look()
    assert.deepEqual([given.there('bad'), given.there('done')], [['a.eml', 'a.eml.txt'], ['b.eml']])
  },
)

test('the lines on top of a pickup file end where something else begins', () => {
  const parsed = parsePickup(
    Buffer.from('x-sender: <>\nX-Receiver:<a@b.example>\r\nSubject: x\r\nX-Receiver: c@d.example\r\n'),
  )
  assert.deepEqual([parsed.sender, parsed.receivers], ['<>', ['a@b.example']])
  assert.equal(Buffer.from(parsed.message).toString(), 'Subject: x\r\nX-Receiver: c@d.example\r\n')
})

test('SE-08 a running server looks into the folder by itself', async () => {
  using folder = dataFolder()
  using pickup = dataFolder()
  cli(folder.path, ['settings', 'set', 'mailRelay.pickupFolder', pickup.path])
  cli(folder.path, ['settings', 'set', 'mailRelay.pickupQuietMs', '0'])
  cli(folder.path, ['settings', 'set', 'mailRelay.paused', 'true'])
  const server = await start(folder.path, ['smtp'])
  try {
    writeFileSync(join(pickup.path, 'a.eml'), plain)
    for (let i = 0; i < 100 && !cli(folder.path, ['queue', 'list']).stdout.includes('bob@far.example'); i++)
      await wait(100)
    assert.match(cli(folder.path, ['trace', 'bob@far.example']).stdout, /sent from here[^]*by: pickup folder/)
  } finally {
    await server.stop()
  }
})
