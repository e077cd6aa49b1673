// The control socket of a running server: one JSON line asks for an operation, one answers; lines before the answer tell
// how much is done, when that was asked for. For this user only.
import { chmodSync, rmSync } from 'node:fs'
import net from 'node:net'
import { commandLine } from './audit.ts'
import type { Context, OnShare } from './context.ts'
import { eachLine, endingCall, socketPath, type Answer, type Call, type Progress } from './control-lines.ts'
import { OperationError } from './errors.ts'
import { loadTable } from './load-table.ts'

/** `ending`: it is told from now on that this server was told to stop. */
type Control = { ending(): void; close(): Promise<void> }

/** @throws when the socket cannot be made. */
export function serveControl(context: Context): Promise<Control> {
  const path = socketPath(context.folder)
  rmSync(path, { force: true }) // the folder lock proves that its owner is gone
  let isEnding = false
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined)
    const say: OnShare = (share, words) => void socket.write(`${JSON.stringify({ share, words } satisfies Progress)}\n`)
    const answer = (line: string): Promise<unknown> =>
      answerLine(context, line, { say, isEnding }).then((said) => socket.end(`${JSON.stringify(said)}\n`))
    eachLine(socket, (line) => void answer(line))
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      chmodSync(path, 0o600)
      resolve({ ending: () => (isEnding = true), close: () => new Promise((done) => server.close(() => done())) })
    })
  })
}

type Asked = { readonly say: OnShare; readonly isEnding: boolean }

async function answerLine(context: Context, line: string, { say, isEnding }: Asked): Promise<Answer> {
  try {
    const call = JSON.parse(line) as Call // perform checks the name and the parameters
    if (call.name === endingCall.name) return { ok: true, value: isEnding }
    const asking = { ...context, actor: commandLine }
    const { perform } = await loadTable(context.world.clock) // takes 16 MB: only where somebody asks. Decision 18
    return { ok: true, value: await perform(call.progress ? { ...asking, onShare: say } : asking, call) }
  } catch (error) {
    const temporary = !(error instanceof OperationError)
    if (temporary) context.world.log.error('operation', { error })
    return { ok: false, problem: error instanceof Error ? error.message : String(error), temporary }
  }
}
