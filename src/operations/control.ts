// The control socket of a running server: one JSON line asks for an operation, one answers; lines before the answer tell
// how much is done, when that was asked for. For this user only.
import { chmodSync, rmSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { commandLine } from './audit.ts'
import type { Context, OnShare } from './context.ts'
import { OperationError } from './errors.ts'
import { StoreError } from '#/storage/store.ts'
import { perform } from './table.ts'

export type Call = { readonly name: string; readonly parameters: unknown; readonly progress?: boolean }
type Progress = { readonly share: number; readonly words?: string | undefined }
/** `temporary`: trouble on our side, not of who asked. */
type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string; readonly temporary?: boolean }

const lineCharsMax = 67_108_864 // a world of 100,000 mailboxes
const socketPath = (folder: string): string => join(folder, 'control.sock')

/** @throws when the socket cannot be made. */
export function serveControl(context: Context): Promise<{ close(): Promise<void> }> {
  const path = socketPath(context.folder)
  rmSync(path, { force: true }) // the folder lock proves that its owner is gone
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined)
    const say: OnShare = (share, words) => void socket.write(`${JSON.stringify({ share, words } satisfies Progress)}\n`)
    const answer = (line: string): Promise<unknown> =>
      answerLine(context, line, say).then((said) => socket.end(`${JSON.stringify(said)}\n`))
    eachLine(socket, (line) => void answer(line))
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      chmodSync(path, 0o600)
      resolve({ close: () => new Promise((done) => server.close(() => done())) })
    })
  })
}

async function answerLine(context: Context, line: string, say: OnShare): Promise<Answer> {
  try {
    const call = JSON.parse(line) as Call // perform checks the name and the parameters
    const asking = { ...context, actor: commandLine }
    return { ok: true, value: await perform(call.progress ? { ...asking, onShare: say } : asking, call) }
  } catch (error) {
    const temporary = !(error instanceof OperationError)
    if (temporary) context.world.log.error('operation', { error })
    return { ok: false, problem: error instanceof Error ? error.message : String(error), temporary }
  }
}

function eachLine(socket: net.Socket, take: (line: string) => void): void {
  let begun = '' // no line end in it: a long line is looked through once
  socket.setEncoding('utf8')
  socket.on('data', (chunk) => {
    const [first = '', ...more] = String(chunk).split('\n')
    begun += first
    for (const next of more) {
      take(begun)
      begun = next
    }
    if (begun.length > lineCharsMax) socket.destroy()
  })
}

/** Null when no server runs on this folder. @throws OperationError, or StoreError for trouble on its side, in its words */
export function callServer(folder: string, call: Call, onShare?: OnShare): Promise<{ value: unknown } | null> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(socketPath(folder))
    let connected = false
    socket.on('error', () => connected || resolve(null))
    socket.on('close', () =>
      reject(new OperationError('The server ended before it answered; look whether the change was made')),
    )
    socket.once('connect', () => {
      connected = true
      socket.write(`${JSON.stringify(onShare ? { ...call, progress: true } : call)}\n`)
    })
    eachLine(socket, (line) => {
      const answer = JSON.parse(line) as Answer | Progress // written by serveControl
      if ('share' in answer) onShare?.(answer.share, answer.words)
      else if (answer.ok) resolve({ value: answer.value })
      else reject(answer.temporary ? new StoreError('failed', answer.problem) : new OperationError(answer.problem))
    })
  })
}
