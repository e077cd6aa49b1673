// Asks a running server for an operation. Loads nothing of what carries it out: commands start fast.
import net from 'node:net'
import { StoreError } from '#/storage/store.ts'
import type { OnShare } from './context.ts'
import { eachLine, endingCall, socketPath, type Answer, type Call, type Progress } from './control-lines.ts'
import { OperationError } from './errors.ts'

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

/** Whether a server answers on this folder. */
export function isServed(folder: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(socketPath(folder))
    const say = (is: boolean) => (): void => {
      socket.destroy()
      resolve(is)
    }
    socket.on('error', say(false)).once('connect', say(true))
  })
}

const answersWithinMs = 2000 // one that is stopped by its owner, or very busy, ends nothing

/** Whether the server of this folder was told to stop; also when it has ended just now. One of before this question does not
 *  know it. `wait` keeps no program alive. */
export function isEnding(folder: string, wait: (ms: number) => Promise<unknown>): Promise<boolean> {
  const asked = callServer(folder, endingCall).then(
    (answer) => answer === null || answer.value === true,
    async () => !(await isServed(folder)),
  )
  return Promise.race([asked, wait(answersWithinMs).then(() => false)])
}
