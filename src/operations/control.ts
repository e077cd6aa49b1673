// The control socket of a running server: one JSON line asks for an operation, one answers. For this user only.
import { chmodSync, rmSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { perform } from './table.ts'

export type Call = { readonly name: string; readonly parameters: unknown }
type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string }

const lineCharsMax = 67_108_864 // a world of 100,000 mailboxes
const socketPath = (folder: string): string => join(folder, 'control.sock')

/** @throws when the socket cannot be made. */
export function serveControl(context: Context): Promise<{ close(): Promise<void> }> {
  const path = socketPath(context.folder)
  rmSync(path, { force: true }) // the folder lock proves that its owner is gone
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined)
    readLine(
      socket,
      (line) => void answerLine(context, line).then((answer) => socket.end(`${JSON.stringify(answer)}\n`)),
    )
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      chmodSync(path, 0o600)
      resolve({ close: () => new Promise((done) => server.close(() => done())) })
    })
  })
}

async function answerLine(context: Context, line: string): Promise<Answer> {
  try {
    return { ok: true, value: await perform(context, JSON.parse(line) as Call) } // perform checks the name and the parameters
  } catch (error) {
    if (!(error instanceof OperationError)) context.world.log.error('operation', { error })
    return { ok: false, problem: error instanceof Error ? error.message : String(error) }
  }
}

function readLine(socket: net.Socket, done: (line: string) => void): void {
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk) => {
    text += String(chunk)
    const end = text.indexOf('\n')
    if (end >= 0) done(text.slice(0, end))
    else if (text.length > lineCharsMax) socket.destroy()
  })
}

/** Null when no server runs on this folder. @throws OperationError with the server's words */
export function callServer(folder: string, call: Call): Promise<{ value: unknown } | null> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(socketPath(folder))
    let connected = false
    socket.on('error', () => connected || resolve(null))
    socket.on('close', () =>
      reject(new OperationError('The server ended before it answered; look whether the change was made')),
    )
    socket.once('connect', () => {
      connected = true
      socket.write(`${JSON.stringify(call)}\n`)
    })
    readLine(socket, (line) => {
      const answer = JSON.parse(line) as Answer // written by answerLine
      if (answer.ok) resolve({ value: answer.value })
      else reject(new OperationError(answer.problem))
    })
  })
}
