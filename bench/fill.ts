// Fills a mailbox of a stopped server through the store: `fill.ts FOLDER MAILBOX COUNT SIZE`. For measuring only.
import { openStore } from '../src/storage/open.ts'
import type { Envelope } from '../src/message/envelope.ts'
import { messageKey } from '../src/message/key.ts'
import { noMailParameters } from '../src/wire/esmtp.ts'
import { clock, randomPool } from '../src/world/node/clock.ts'
import { silentLog } from '../src/world/node/log.ts'

const [folder, name, count, size] = process.argv.slice(2) as [string, string, string, string] // the driver gives all four
const random = randomPool()
const store = await openStore({ folder, world: { clock, random, log: silentLog }, reserveBytes: () => 0 })
const mailbox = (await store.mailboxes()).find((row) => row.name === name)
if (!mailbox) throw new Error(`no mailbox ${name}`)
const line = `${'x'.repeat(76)}\r\n`
const envelope: Envelope = { from: null, parameters: noMailParameters, to: [] }

async function add(i: number): Promise<void> {
  const head = `From: s@load.test\r\nSubject: ${i}\r\n\r\n`
  const text = (head + line.repeat(Math.ceil(Number(size) / line.length))).slice(0, Number(size) - 2) + '\r\n'
  const spool = store.spool()
  await spool.write(Buffer.from(text))
  const content = await spool.finish()
  const at = clock.now()
  const key = messageKey(at, random.bytes(10))
  const event = {
    ref: key,
    at,
    step: 'received',
    client: null,
    from: '<s@load.test>',
    to: [name],
    subject: String(i),
    messageId: null,
    detail: {},
  }
  const local = [
    { mailbox: mailbox!.id, recipients: [name], prefix: `Return-Path: <s@load.test>\r\nDelivered-To: ${name}\r\n` },
  ]
  await store.accept({ key, at, envelope, content, local, remote: [], event })
}

for (let i = 0; i < Number(count); i += 500)
  await Promise.all(Array.from({ length: Math.min(500, Number(count) - i) }, (_, j) => add(i + j)))
await store.close()
