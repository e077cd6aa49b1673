// A few lines said to a server of ours: a message handed in, a mailbox read. For tests of what the server tells of it.
import { once } from 'node:events'
import net from 'node:net'

const lineMs = 5

/** Says each line when the one before was answered; hangs up when `then` is done. An empty line only listens. */
export async function talk(
  at: string,
  lines: readonly string[],
  then: (said: () => string) => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  const [host, port] = at.split(':')
  const socket = net.connect(Number(port), host)
  let said = ''
  socket.setEncoding('latin1').on('data', (text) => void (said += String(text)))
  for (const line of lines) {
    const before = said.length
    socket.write(line)
    while (said.length === before && !socket.closed) await new Promise((wake) => setTimeout(wake, lineMs))
  }
  await then(() => said)
  if (!socket.closed) {
    socket.destroy()
    await once(socket, 'close')
  }
  return said
}

export const deliver = (at: string, to: string, from = 'bob@far.example'): Promise<string> =>
  talk(at, [
    'EHLO far.example\r\n',
    `MAIL FROM:<${from}>\r\n`,
    `RCPT TO:<${to}>\r\n`,
    'DATA\r\n',
    'Subject: x\r\n\r\nx\r\n.\r\n',
  ])

/** Takes the first message and leaves it there. */
export const readFirst = (at: string, name: string, password: string): Promise<string> =>
  talk(at, ['', `USER ${name}\r\n`, `PASS ${password}\r\n`, 'RETR 1\r\n', 'QUIT\r\n'])
