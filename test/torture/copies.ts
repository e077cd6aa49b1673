// What a mailbox of the server holds in the end, read over POP3 in a row of commands: the names of the messages, and which of
// them are not whole. For messages of message.ts.
import net from 'node:net'
import { isWhole, nameOf } from './message.ts'

export type Held = { readonly names: readonly string[]; readonly torn: readonly string[] }

const end = '\r\n.\r\n'
const inARow = 20

/** @throws when the server refuses or hangs up */
export async function heldIn(port: number, mailbox: string): Promise<Held> {
  const socket = net.connect(port, '127.0.0.1').setEncoding('latin1')
  const read = readerOf(socket)
  const [names, torn]: [string[], string[]] = [[], []]
  socket.write(`USER ${mailbox}\r\nPASS secret\r\nSTAT\r\n`)
  for (let i = 0; i < 3; i++) await read('\r\n')
  const count = Number((await read('\r\n')).split(' ')[1])
  for (let first = 1; first <= count; first += inARow) {
    const numbers = Array.from({ length: Math.min(inARow, count - first + 1) }, (_, i) => first + i)
    socket.write(numbers.map((number) => `RETR ${number}\r\n`).join(''))
    for (const _ of numbers) {
      const message = await read(end)
      names.push(nameOf(message))
      if (!isWhole(message.slice(0, -3))) torn.push(nameOf(message))
    }
  }
  socket.destroy()
  return { names, torn }
}

/** Reads up to and with what ends a reply. */
function readerOf(socket: net.Socket): (ending: string) => Promise<string> {
  let text = ''
  let wake = (): void => undefined
  socket.on('data', (chunk) => {
    text += String(chunk)
    wake()
  })
  socket.on('close', () => wake())
  return async (ending) => {
    for (let from = 0; ;) {
      const at = text.indexOf(ending, from)
      if (at >= 0) {
        const reply = text.slice(0, at + ending.length)
        text = text.slice(reply.length)
        return reply
      }
      from = Math.max(0, text.length - ending.length)
      if (socket.closed) throw new Error('the server hung up')
      await new Promise<void>((resolve) => (wake = resolve))
    }
  }
}
