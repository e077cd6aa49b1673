// A real systemd in namespaces of its own: processes, files, network and control groups, made for one test and gone with it.
// For systemd.test.ts. SEC-06
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

export type Ran = { readonly status: number | null; readonly stdout: string; readonly stderr: string }
export type Systemd = AsyncDisposable & {
  /** A script for the shell of its root, begun in the folder of the program. */
  readonly run: (script: string, input?: string) => Ran
}

const runMs = 30_000
const triesMax = 100
const needed = ['/lib/systemd/systemd', '/usr/bin/unshare', '/usr/bin/nsenter', '/usr/bin/setpriv']
const namespaces = ['--mount', '--pid', '--uts', '--ipc', '--net', '--cgroup', '--propagation=private', '--fork']

/** Where control groups of the second version are, the only ones that systemd needs. */
function groupsFolder(): string | undefined {
  if (!existsSync('/proc/self/mountinfo')) return undefined
  return /^\S+ \S+ \S+ \S+ (\S+) .* - cgroup2 /m.exec(readFileSync('/proc/self/mountinfo', 'latin1'))?.[1]
}

/** Why it cannot be had on this machine; false: it can. */
export function noSystemd(): string | false {
  if (process.getuid?.() !== 0) return 'only root can start a systemd'
  const missing = needed.find((file) => !existsSync(file))
  if (missing !== undefined) return `there is no ${missing}`
  if (groupsFolder() === undefined) return 'there are no control groups of version 2'
  const tried = spawnSync('unshare', [...namespaces, 'mount', '-t', 'cgroup2', 'cgroup2', '/mnt'], { encoding: 'utf8' })
  return tried.status === 0 ? false : `it gets no namespaces of its own: ${tried.stderr.trim()}`
}

/** @throws when it has not started within ten seconds */
export async function startSystemd(): Promise<Systemd> {
  const tree = mkdtempSync(join(tmpdir(), 'netcruiser-'))
  const group = join(groupsFolder()!, `netcruiser-${process.pid}`)
  mkdirSync(group)
  const begin = 'echo $$ > "$1/cgroup.procs" && shift && exec setpriv --pdeathsig KILL unshare "$@"'
  const boot = ['sh', 'test/systemd-root.sh', tree, resolve('.')]
  const child = spawn('sh', ['-c', begin, 'sh', group, '--kill-child', ...namespaces, ...boot], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ends = async (): Promise<void> => {
    await killed(child)
    await emptied(group)
    rmdirSync(tree)
  }
  try {
    return { run: await entrance(child), [Symbol.asyncDispose]: ends }
  } catch (error) {
    await ends()
    throw error
  }
}

/** Resolves when its systemd answers. */
async function entrance({ pid }: ChildProcess): Promise<Systemd['run']> {
  const inside = (id: string, script: string, input = ''): Ran => {
    const clean = [
      'env',
      '-i',
      'PATH=/usr/sbin:/usr/bin',
      'HOME=/root',
      'SYSTEMD_PAGER=',
      'sh',
      '-c',
      `cd /opt/netcruiser && ${script}`,
    ]
    const args = ['-t', id, '-a', ...clean]
    return spawnSync('nsenter', args, { encoding: 'utf8', input, timeout: runMs })
  }
  for (let tries = 0; tries < triesMax; tries++) {
    await wait(100)
    const id = textOf(`/proc/${pid}/task/${pid}/children`).trim()
    if (textOf(`/proc/${id}/comm`) !== 'systemd\n') continue // the shell that makes the tree
    if (inside(id, 'systemctl is-system-running').stdout === 'running\n') return (...line) => inside(id, ...line)
  }
  throw new Error('no systemd came up')
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return '' // its process has ended
  }
}

/** Its first process goes with it, and with that all others. */
async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** A group goes when the last of its processes is wholly gone, which takes a moment. */
async function emptied(group: string): Promise<void> {
  for (let tries = 0; existsSync(group) && tries < triesMax; tries++) {
    const inner = globSync(`${group}/**/cgroup.procs`).map((file) => join(file, '..'))
    const deepest = inner.toSorted((a, b) => b.length - a.length)
    if (!deepest.every(isRemoved)) await wait(50)
  }
}

function isRemoved(group: string): boolean {
  try {
    rmdirSync(group)
    return true
  } catch {
    return false
  }
}
