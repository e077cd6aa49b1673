// Fills a data folder of a stopped server, past SMTP, through the store's own door:
//   node bench/fill.ts DATA users COUNT          user1..userCOUNT exist, each with the password of user1
//   node bench/fill.ts DATA queue COUNT DOMAINS   COUNT deliveries due now, 100 a message, for d1.dead.test to dDOMAINS.dead.test
//   node bench/fill.ts DATA trace COUNT           COUNT events more in the trace, four a message
//   node bench/fill.ts DATA mail USER COUNT SIZE COUNT messages of SIZE octets (as POP3 sends them) more in USER
import type { Domain } from '#/message/address.ts'
import { messageKey } from '#/message/key.ts'
import { openStore } from '#/storage/open.ts'
import type { Acceptance, MailboxRow, Store, TraceEvent } from '#/storage/store.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { silentLog } from '#/world/node/log.ts'

const [folder = '', what, ...rest] = process.argv.slice(2)
const world = { clock, random: randomPool(), log: silentLog }
const atOnce = 500
const steps = ['received', 'attempted', 'deferred', 'delivered'] as const
const parameters = { sizeBytes: null, body: null, smtputf8: false, ret: null, envid: null, auth: null }
const prefix = 'Return-Path: <sender@bench.test>\r\nDelivered-To: user@bench.test\r\n'

const store = await openStore({ folder, world, reserveBytes: () => 0 })
try {
  if (what === 'users') await users(store, Number(rest[0]))
  else if (what === 'mail') await mail(store, { user: rest[0] ?? '', count: Number(rest[1]), size: Number(rest[2]) })
  else if (what === 'queue') await queue(store, Number(rest[0]), Number(rest[1]))
  else if (what === 'trace') await trace(store, Number(rest[0]))
  else throw new Error('fill.ts DATA users COUNT | trace COUNT | mail USER COUNT SIZE | queue COUNT DOMAINS')
} finally {
  await store.close()
}

async function users(to: Store, count: number): Promise<void> {
  const known = await to.mailboxes()
  const names = new Set(known.map(({ name }) => name))
  const { argon2, scram } = find(known, 'user1')
  for (let i = 1; i <= count; i++) {
    if (names.has(`user${i}`)) continue
    const { id } = await to.addMailbox(`user${i}`, clock.now())
    await to.changeMailbox(id, { pop3: true, argon2, scram })
  }
}

async function mail(to: Store, wanted: { user: string; count: number; size: number }): Promise<void> {
  const mailbox = find(await to.mailboxes(), wanted.user).id
  for (let done = 0; done < wanted.count; done += atOnce) {
    const batch = Math.min(atOnce, wanted.count - done)
    await Promise.all(
      Array.from({ length: batch }, (_, i) => one(to, mailbox, message(done + i, wanted.size - prefix.length))),
    )
  }
}

async function queue(to: Store, count: number, domains: number): Promise<void> {
  const each = 100
  for (let done = 0; done < count; done += each * 20)
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const number = done / each + i
        const domain = `d${(number % domains) + 1}.dead.test` as Domain // a plain name
        const remote = Array.from({ length: each }, (_one, n) => ({
          to: { local: `r${n}`, domain },
          parameters: { notify: null, orcpt: null },
          allowedBy: 'bench',
        }))
        await to.accept({ ...(await acceptance(to, message(number, 1024))), local: [], remote })
      }),
    )
}

/** Stories of the last month, of 5,000 people in 500 domains. */
async function trace(to: Store, count: number): Promise<void> {
  const each = 2000
  const since = clock.now() - 30 * 86_400_000
  for (let done = 0; done < count; done += each)
    await to.record(
      Array.from({ length: each }, (_, i) => {
        const story = Math.floor((done + i) / steps.length)
        const at = since + Math.floor((story / (count / steps.length)) * 29 * 86_400_000) + (i % steps.length) * 1000
        return storyEvent(story, { at, step: steps[(done + i) % steps.length]! })
      }),
    )
}

function storyEvent(story: number, { at, step }: { at: number; step: string }): TraceEvent {
  const first = at - steps.indexOf(step as 'received') * 1000
  return {
    ref: messageKey(
      first,
      Uint8Array.from({ length: 10 }, (_, n) => (n < 4 ? story >> (8 * n) : 7) & 255),
    ),
    at,
    step,
    client: `192.0.2.${story % 250}`,
    from: `<person${story % 5000}@d${story % 500}.example>`,
    to: [`reader${(story * 7) % 5000}@bench.test`],
    subject: step === 'received' ? `Offer ${story % 997} about boat ${story % 31}` : null,
    messageId: step === 'received' ? `<${story}@bench.test>` : null,
    detail: step === 'received' ? { sizeBytes: 2048 } : { reply: '250 2.0.0 Ok' },
  }
}

async function one(to: Store, mailbox: number, octets: Buffer): Promise<void> {
  const local = [{ mailbox, recipients: ['user@bench.test'], prefix }]
  await to.accept({ ...(await acceptance(to, octets)), local, remote: [] })
}

async function acceptance(to: Store, octets: Buffer): Promise<Omit<Acceptance, 'local' | 'remote'>> {
  const at = clock.now()
  const key = messageKey(at, world.random.bytes(10))
  const spool = to.spool()
  await spool.write(octets)
  const content = await spool.finish()
  const event = {
    ref: key,
    at,
    step: 'received',
    client: '127.0.0.1',
    from: '<sender@bench.test>',
    to: ['user@bench.test'],
    subject: 'bench',
    messageId: `<${key}@bench.test>`,
    detail: {},
  }
  return { key, at, envelope: { from: null, parameters, to: [] }, content, event }
}

/** The same kind of message as mkmail makes for the peers. */
function message(number: number, size: number): Buffer {
  const head =
    'Received: from load.bench.test (load.bench.test [127.0.0.1])\r\n\tby mx.bench.test with ESMTP\r\n' +
    '\tfor <user@bench.test>; Mon, 1 Jan 2024 00:00:00 +0000\r\nFrom: <sender@bench.test>\r\nTo: <user@bench.test>\r\n' +
    `Date: Mon, 1 Jan 2024 00:00:00 +0000\r\nMessage-Id: <${number}.load@bench.test>\r\nSubject: bench ${number}\r\n\r\n`
  const line = `${String.fromCharCode(97 + (number % 26)).repeat(78)}\r\n`
  const body = line.repeat(Math.ceil(size / 80)).slice(0, Math.max(size - head.length - 2, 0))
  return Buffer.from(`${head}${body.replace(/\r$/, 'x')}\r\n`, 'latin1')
}

function find(rows: readonly MailboxRow[], name: string): MailboxRow {
  const row = rows.find((one) => one.name === name)
  if (!row) throw new Error(`There is no mailbox ${name}`)
  return row
}
