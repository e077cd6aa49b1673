// 200 remote accounts that are all due at once (our server only): how many sessions the remote server sees, what memory ours takes.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { memoryOf, remoteServer } from './collect.mjs'
import { server, state } from './servers.mjs'

const deadlineMs = 600_000
const text = 'collect 200 accounts of 500 messages of 4 KiB'
export const collectManyMeasures = [
  { id: 'collect-many-sessions', text: `${text}, sessions at once`, unit: 'sessions', lower: true, absolute: 20 },
  { id: 'collect-many-memory', text: `${text}, highest memory`, unit: 'MB', lower: true, absolute: 200 },
  { id: 'collect-many-rate', text, unit: 'messages/s' },
].map((measure) => ({ ...measure, peers: [] }))

/** Starts a server that has the accounts; it begins by itself. */
export async function collectMany({ quick }) {
  const [accounts, each] = quick ? [20, 50] : [200, 500]
  const remote = remoteServer()
  const users = Array.from({ length: accounts }, () => remote.userWith({ count: each, octets: 4096 }))
  const accountFile = join(state, 'many.toml')
  writeFileSync(accountFile, world(users, remote))
  const ours = server('ours', { OURS_STORE: 'many', OURS_PORT: '12574', WORLD: accountFile })
  ours.call('reset')
  remote.restart()
  try {
    ours.call('start')
    return await watch(ours, remote, accounts * each)
  } finally {
    ours.call('stop')
    remote.call('stop')
  }
}

async function watch(ours, remote, count) {
  const begun = Date.now()
  const [pid] = ours.call('pids').split('\n')
  let [sessions, before] = [0, new Set()]
  const watching = setInterval(() => {
    const now = sessionsOn(remote.port)
    sessions = Math.max(sessions, now.intersection(before).size)
    before = now
  }, 20)
  try {
    while (remote.left('user*') > 0) {
      if (Date.now() > begun + deadlineMs) throw new Error(`ours: ${remote.left('user*')} messages are still there`)
      await sleep(1000)
    }
  } finally {
    clearInterval(watching)
  }
  const here = Number(ours.call('messages'))
  if (here !== count) throw new Error(`ours: ${here} of ${count} messages are here`)
  return {
    'collect-many-sessions': sessions,
    'collect-many-memory': memoryOf(pid, 'VmHWM'),
    'collect-many-rate': (1000 * count) / (Date.now() - begun),
  }
}

/** The far ends of established connections whose near end is this port. They are read one after the other: only those that are in
 *  two lists were there at the same moment, between the two. */
function sessionsOn(port) {
  const [end, established] = [`:${Number(port).toString(16).toUpperCase().padStart(4, '0')}`, '01']
  const rows = readFileSync('/proc/net/tcp', 'latin1').split('\n').slice(1)
  const all = rows.map((row) => row.trim().split(/ +/))
  return new Set(all.filter(([, near, , is]) => near?.endsWith(end) && is === established).map(([, , far]) => far))
}

const world = (users, { host, port }) => `[settings.pop3Client]
allowPrivateTargets = true
${users
  .map(
    (user) => `
[[collect]]
name = "${user}"
mailbox = "user1"
host = "${host}"
port = ${port}
tls = "none"
plainAuthAllowed = true
user = "${user}"
password = "secret"
first = "everything"
leave = false
`,
  )
  .join('')}`
