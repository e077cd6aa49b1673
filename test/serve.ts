// Starts the real server process on a data folder of its own and stops it by its id.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export type Ready = { readonly listening: Readonly<Record<string, string>>; readonly pid: number }
export type Served = Ready & { readonly child: ChildProcess; stop(signal?: NodeJS.Signals): Promise<void> }

export const world = `[settings.server]
hostname = "mx.example.org"
[settings.mailServer]
connectionsPerClientMax = 1000
[settings.pop3Server]
connectionsPerClientMax = 1000
[[domain]]
name = "example.org"
[[mailbox]]
name = "ann"
password = "secret"
pop3 = true
`

type Ran = { readonly status: number | null; readonly stdout: string; readonly stderr: string }

export function dataFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'netcruiser-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** Runs the command line. */
export function cli(data: string, args: readonly string[], input = ''): Ran {
  return spawnSync('./netcruiser', [...args, '--data', data], { input, encoding: 'utf8', timeout: 60_000 })
}

/** The same while this process answers, too: a server of the test that the command talks to. */
export async function cliAsync(data: string, args: readonly string[], input = ''): Promise<Ran> {
  const child = spawn('./netcruiser', [...args, '--data', data], { timeout: 60_000 })
  child.stdin.end(input)
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => stream.setEncoding('utf8').toArray())
  const [status] = (await once(child, 'close')) as [number | null] // its exit code
  return { status, stdout: (await stdout!).join(''), stderr: (await stderr!).join('') }
}

/** Resolves when the server says that it is ready. @throws when it ends before */
export async function start(
  data: string,
  components = ['smtp', 'pop3'],
  addresses: readonly string[] = [], // further ones, `component=address:port`
): Promise<Served> {
  const free = components.map((component) => `${component}=127.0.0.1:0`)
  const listen = [...free, ...addresses].flatMap((one) => ['--listen', one])
  const args = ['bin/netcruiser.ts', 'serve', '--data', data, '--json', ...listen]
  const env = { NODE_COMPILE_CACHE: 'node_modules/.cache/compiled', ...process.env } // as ./netcruiser does: a quick start
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  const said = await new Promise<Ready>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the server did not start')))
    lines.on('line', (line) => line.startsWith('{"ready"') && resolve(JSON.parse(line) as Ready)) // others are its log
  })
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  return { ...said, child, stop }
}
