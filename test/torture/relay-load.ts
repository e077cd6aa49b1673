// Clients that send to recipients elsewhere, in a process of their own: a message is noted at its 250. One round lasts until
// the server dies. The counterpart of load.ts for the relay.
import { connect, type WireClient } from '../wire-client.ts'
import { messageOf } from './message.ts'

export type RelayRound = { readonly number: number; readonly smtp: number; readonly clients: number }
/** `name recipient` of each recipient of each message that got its 250. */
export type Acknowledged = readonly string[]

export const recipientsOf = (name: string): string[] =>
  ['bob@far.example', 'cyd@far.example', 'dan@away.example'].slice(0, 1 + (Number(name.split('-').at(-1)) % 3))

async function wanted(answer: Promise<string | null>, start: string): Promise<void> {
  if (!(await answer)?.startsWith(start)) throw new Error('the server is gone')
}

async function send(client: WireClient, name: string): Promise<void> {
  const rcpts = recipientsOf(name).map((to) => `RCPT TO:<${to}>\r\n`)
  await client.send(`MAIL FROM:<ann@example.org>\r\n${rcpts.join('')}DATA\r\n`)
  for (const code of ['250', ...rcpts.map(() => '250'), '354']) await wanted(client.reply(), code)
  await wanted(client.ask(`${messageOf(name)}.`), '250')
}

async function sender({ number, smtp }: RelayRound, index: number, noted: string[]): Promise<void> {
  let client: WireClient | undefined
  try {
    client = await connect(smtp)
    await wanted(client.reply(), '220')
    await wanted(client.ask('EHLO client.example'), '250')
    for (let n = index; ; n++) {
      const name = `${number}-${index}-${n}`
      await send(client, name)
      noted.push(...recipientsOf(name).map((to) => `${name} ${to}`))
    }
  } catch {
    client?.destroy() // killed in the middle: what is noted is what counts
  }
}

async function play(round: RelayRound): Promise<Acknowledged> {
  const noted: string[] = []
  await Promise.all(Array.from({ length: round.clients }, (_, index) => sender(round, index, noted)))
  return noted
}

process.on('message', (round: RelayRound) => void play(round).then((noted) => process.send?.(noted)))
process.on('disconnect', () => process.exit())
