// Plays every conversation of the POP3 server's transcripts over TCP: whole, octet by octet, and cut by chance.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Store } from '#/storage/store.ts'
import { pop3Rig } from './pop3-rig.ts'
import { playTranscript } from './transcript.ts'
import { connect, single, whole, type Cut } from './wire-client.ts'

const folder = join(import.meta.dirname, '../src/pop3-server/transcripts')

/** Segments of one to nine octets by a fixed seed. */
const uneven: Cut = (octets) => {
  const parts: Buffer[] = []
  for (let at = 0, seed = 7; at < octets.length; seed = (seed * 31 + 11) % 97) {
    parts.push(octets.subarray(at, at + 1 + (seed % 9)))
    at += 1 + (seed % 9)
  }
  return parts
}
const ways = { whole, 'octet by octet': single, 'in uneven segments': uneven }

/** Mailboxes that nobody may read by POP3, two of them with ann's password. */
async function barred(store: Store): Promise<void> {
  const { argon2 } = (await store.mailboxes())[0]!
  const rows = [
    { name: 'pop3-off', argon2 },
    { name: 'no-password', pop3: true },
    { name: 'disabled', argon2, pop3: true, disabled: 'no-login' },
  ] as const
  for (const { name, ...changes } of rows) await store.changeMailbox((await store.addMailbox(name, 1)).id, changes)
}

test('transcripts of the POP3 server', async (t) => {
  const patient = { failuresFree: 1000, banAfter: 1000 }
  await using rig = await pop3Rig({ errorsMax: 100 }, { logins: patient, prepare: barred })
  await rig.deliver('Subject: x\r\n\r\none\r\n.two\r\n', 'Subject: y\r\n\r\nbb\r\n')
  for (const file of readdirSync(folder)) {
    const text = readFileSync(join(folder, file), 'utf8')
    const title = text.slice(2, text.indexOf('\n'))
    for (const [way, cut] of Object.entries(ways)) {
      await t.test(`${title} (${way})`, async () => {
        const client = await connect(rig.port, cut)
        await playTranscript(text, client).finally(() => client.destroy())
      })
    }
  }
})
