// Whose process this is. Root starts it so that it gets the ports of mail; it has no need of more. What decides is the data folder:
// it is worked on as the user that it belongs to. Called by the command line and main. SEC-05
import { execFileSync, spawnSync } from 'node:child_process'
import {
  accessSync,
  constants,
  existsSync,
  lchownSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

export type User = { readonly uid: number; readonly gid: number }

const lowPort = 25
const bindCapability = 1n << 10n // CAP_NET_BIND_SERVICE, capabilities(7)

export const isRoot = (): boolean => process.getuid?.() === 0

/** Whether the ports of mail, below 1024, may be listened on: as root, with that capability, or where the system lets everybody. */
export const mayTakeLowPorts = (): boolean =>
  isRoot() || lowPortsAllowed(textOf('/proc/sys/net/ipv4/ip_unprivileged_port_start'), textOf('/proc/self/status'))

/** `first`: the first port that everybody may take; `status`: that of the process, proc(5). Null: the system does not say. */
export function lowPortsAllowed(first: string | null, status: string | null): boolean {
  if (first !== null && Number(first) <= lowPort) return true
  const effective = /^CapEff:\t([0-9a-f]+)$/m.exec(status ?? '')?.[1]
  return effective !== undefined && (BigInt(`0x${effective}`) & bindCapability) !== 0n
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return null // no Linux
  }
}

/** Whom root works for in this folder: its owner; null when that is root, or there is no folder yet. */
export function ownerOf(folder: string): User | null {
  if (!existsSync(folder)) return null
  const { uid, gid } = statSync(folder)
  return uid === 0 ? null : { uid, gid }
}

/** @throws Error with a sentence when the system knows no such user, or it is root. */
export function userNamed(name: string): User {
  const ask = (what: string): number => {
    try {
      return Number(execFileSync('id', [what, '--', name], { encoding: 'latin1', stdio: ['ignore', 'pipe', 'ignore'] }))
    } catch {
      throw new Error(
        `There is no user ${name} on this machine: useradd --system --user-group --shell /usr/sbin/nologin ${name} makes one`,
      )
    }
  }
  const user = { uid: ask('-u'), gid: ask('-g') }
  if (user.uid === 0) throw new Error(`${name} is root: name a user that may do nothing else`)
  return user
}

/** Gives the folder and all in it to a user, a new one too. Links are given away themselves, and not followed. */
export function giveFolder(folder: string, user: User): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  give(realpathSync(folder), user)
}

/** The folder last: one that was broken off begins again. */
function give(folder: string, { uid, gid }: User): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) give(path, { uid, gid })
    else lchownSync(path, uid, gid)
  }
  lchownSync(folder, uid, gid)
}

/** For work on the folder of a stopped server: what root would make there the server could not open. No way back. */
export function actAs({ uid, gid }: User): void {
  process.setgroups?.([gid])
  process.setgid?.(gid)
  process.setuid?.(uid)
}

/** Whether this process may go there: all folders above must let it pass. */
export function mayEnter(folder: string): boolean {
  try {
    accessSync(folder, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Begins this program anew as that user, which may still take the ports of mail and can never become more. Does not return.
 *  `setpriv` is part of every Debian: the rights of a process are taken away before the first line of ours runs.
 *  @throws Error with a sentence where that cannot be done. */
export function startAnewAs({ uid, gid }: User): never {
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((file) => existsSync(file))
  if (setpriv === undefined || process.execve === undefined)
    throw new Error(
      'There is no setpriv on this machine: start the server as the owner of the data folder, not as root',
    )
  const rights = ['--inh-caps', '--ambient-caps', '--bounding-set'].map((one) => `${one}=-all,+net_bind_service`)
  const who = [`--reuid=${uid}`, `--regid=${gid}`, `--groups=${gid}`, '--no-new-privs', ...rights, '--']
  const program = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  const tried = spawnSync(setpriv, [...who, 'test', '-r', process.argv[1] ?? ''], { encoding: 'utf8' })
  if (tried.status !== 0) throw new Error(whyNot(tried.stderr.trim(), uid))
  return process.execve(setpriv, [setpriv, ...who, ...program], process.env)
}

const whyNot = (said: string, uid: number): string =>
  said === ''
    ? `User ${uid} may not read the program, which lies in ${dirname(process.argv[1] ?? '')}: put it into /opt`
    : `The server cannot run as user ${uid}: ${said}`
