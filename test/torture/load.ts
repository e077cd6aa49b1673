// The clients of the torture rig, in a process of their own: their ledger survives whatever happens to the server.
// Senders note a message at its 250; readers note deletions at the +OK to QUIT. One round lasts until the server dies.
import { connect, type WireClient } from '../wire-client.ts'
import { isWhole, messageOf, nameOf } from './message.ts'

export type Round = { readonly number: number; readonly smtp: number; readonly pop3: number; readonly clients: number }
export type Ledger = {
  readonly acknowledged: string[]
  readonly deleted: string[]
  readonly undecided: string[] // QUIT was sent, no answer came
  readonly torn: string[]
}
export const mailboxes = ['ann', 'bob', 'cat', 'dan'] as const

class Gone extends Error {}

async function wanted(answer: Promise<string | null>, start: string): Promise<void> {
  if (!(await answer)?.startsWith(start)) throw new Gone()
}

/** Works until the connection breaks, which every round ends with. */
async function until(port: number, work: (client: WireClient) => Promise<void>): Promise<void> {
  let client: WireClient | undefined
  try {
    client = await connect(port)
    await work(client)
  } catch {
    client?.destroy() // killed in the middle: what the ledger holds is what counts
  }
}

function sender(round: Round, index: number, ledger: Ledger): Promise<void> {
  return until(round.smtp, async (client) => {
    await wanted(client.reply(), '220')
    await wanted(client.ask('EHLO client.example'), '250')
    const to = mailboxes[index % mailboxes.length]
    for (let number = index; ; number++) {
      const name = `${round.number}-${index}-${number}`
      await client.send(`MAIL FROM:<bob@client.example>\r\nRCPT TO:<${to}@example.org>\r\nDATA\r\n`)
      for (const code of ['250', '250', '354']) await wanted(client.reply(), code)
      await wanted(client.ask(`${messageOf(name)}.`), '250')
      ledger.acknowledged.push(name)
    }
  })
}

async function body(client: WireClient): Promise<string> {
  const lines: string[] = []
  for (;;) {
    const line = await client.line()
    if (line === null) throw new Gone()
    if (line === '.') return lines.map((text) => `${text}\r\n`).join('')
    lines.push(line)
  }
}

/** Reads the newest messages of a mailbox and deletes every second one. */
async function readAndDelete(client: WireClient, mailbox: string, ledger: Ledger): Promise<void> {
  await wanted(client.line(), '+OK')
  for (const command of [`USER ${mailbox}`, 'PASS secret', 'STAT']) await client.send(`${command}\r\n`)
  for (let i = 0; i < 2; i++) await wanted(client.line(), '+OK')
  const count = Number((await client.line())?.split(' ')[1] ?? 0)
  const marked: string[] = []
  for (let n = Math.max(1, count - 9); n <= count; n++) {
    await client.send(`RETR ${n}\r\n`)
    await wanted(client.line(), '+OK')
    const read = await body(client)
    if (!isWhole(read)) ledger.torn.push(nameOf(read))
    if (n % 2 === 1) continue
    await client.send(`DELE ${n}\r\n`)
    await wanted(client.line(), '+OK')
    marked.push(nameOf(read))
  }
  await client.send('QUIT\r\n')
  const said = await client.line().catch(() => null)
  if (said?.startsWith('+OK')) ledger.deleted.push(...marked)
  else ledger.undecided.push(...marked)
}

async function reader(round: Round, mailbox: string, ledger: Ledger, over: () => boolean): Promise<void> {
  while (!over()) await until(round.pop3, (client) => readAndDelete(client, mailbox, ledger))
}

async function play(round: Round): Promise<Ledger> {
  const ledger: Ledger = { acknowledged: [], deleted: [], undecided: [], torn: [] }
  let over = false
  const readers = mailboxes.map((mailbox) => reader(round, mailbox, ledger, () => over))
  await Promise.all(Array.from({ length: round.clients }, (_, index) => sender(round, index, ledger)))
  over = true
  await Promise.all(readers)
  return ledger
}

process.on('message', (round: Round) => void play(round).then((ledger) => process.send?.(ledger)))
process.on('disconnect', () => process.exit())
