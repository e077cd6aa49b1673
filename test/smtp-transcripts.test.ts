// Plays every conversation of the mail server's transcripts over TCP: whole, octet by octet, and cut by chance.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { smtpRig } from './smtp-rig.ts'
import { playTranscript } from './transcript.ts'
import { connect, single, whole, type Cut } from './wire-client.ts'

const folder = join(import.meta.dirname, '../src/mail-server/transcripts')

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

test('transcripts of the mail server', async (t) => {
  await using rig = await smtpRig({ mailServer: { softErrorsMax: 100, hardErrorsMax: 100 } })
  for (const file of readdirSync(folder)) {
    const text = readFileSync(join(folder, file), 'utf8')
    const title = text.slice(2, text.indexOf('\n'))
    for (const [way, cut] of Object.entries(ways)) {
      await t.test(`${title} (${way})`, async () => {
        const client = await connect(rig.port, cut)
        await playTranscript(text, client)
        client.destroy()
      })
    }
  }
})
