// Makes system calls of a running process fail, by strace. For tests of a disk that fails.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** Attached once the server runs, so that the count begins with the mail. */
export async function inject(pid: number, fault: string): Promise<ChildProcess> {
  const strace = spawn(
    'strace',
    ['-f', '-p', String(pid), '-e', `trace=${fault.split(':')[0]}`, '-e', `inject=${fault}`],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  await once(strace.stderr, 'data') // "Process … attached"
  strace.stderr.resume()
  await new Promise((go) => setTimeout(go, 150)) // its other threads
  return strace
}

export async function release(strace: ChildProcess): Promise<void> {
  const ended = once(strace, 'exit')
  strace.kill('SIGINT')
  await ended
}
