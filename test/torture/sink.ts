// The receiver of the relay's torture, in a process of its own: a ledger of what each recipient got, by the name of the
// message. It notes a message before it answers, and answers late, so that kills fall between the two.
import { Receiver } from '../receiver.ts'
import { nameOf } from './message.ts'

/** `name recipient` of each copy that was taken. */
export type Copies = readonly string[]

const receiver = await Receiver.open({ script: { dot: { say: '250 2.0.0 taken', delayMs: 5 } } })
const copies: string[] = []

/** The octets are not kept: only who got what. */
function drain(): void {
  for (const { octets, rcpts } of receiver.ledger.splice(0))
    for (const rcpt of rcpts) copies.push(`${nameOf(octets)} ${/<(.*)>/.exec(rcpt)?.[1]}`)
}
setInterval(drain, 100).unref()

process.on('message', (asked) => {
  drain()
  process.send?.(asked === 'count' ? copies.length : copies)
})
process.on('disconnect', () => process.exit())
process.send?.(receiver.port)
