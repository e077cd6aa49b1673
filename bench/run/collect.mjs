// Collecting from another server: the time of a whole run, from the command until it ends. It counts when every message is
// where it belongs and none, or all, are left on the server, which is Dovecot for all.
import { readFileSync, writeFileSync } from 'node:fs'
import { server, settled } from './servers.mjs'

const MB = 1_000_000
const rate = (measure) => ({
  ...measure,
  unit: 'messages/s',
  peers: Object.keys(measure.counts).filter((name) => name !== 'ours'),
  go: (one, remote, { quick }) => {
    const count = Math.ceil(measure.counts[one.name] / (quick ? 20 : 1))
    return collect(one, remote, { count, octets: 4096, leave: measure.leave })
  },
})

/** Of the slow ones fewer messages tell their rate as well. */
export const collectMeasures = [
  rate({
    id: 'collect-near',
    text: 'collect 10,000 x 4 KiB, each durable before it is deleted there',
    counts: { ours: 10_000, mpop: 10_000, 'mpop-waiting': 3_000, getmail: 1_000, fetchmail: 500 },
    targets: { mpop: 2, getmail: 20 },
  }),
  rate({
    id: 'collect-leave',
    text: 'collect 10,000 x 4 KiB that stay on the server',
    counts: { ours: 10_000, mpop: 10_000 },
    targets: { mpop: 2 },
    leave: true,
  }),
  rate({
    id: 'collect-far',
    text: 'collect 2,000 x 4 KiB over a round trip of 20 ms',
    counts: { ours: 2_000, mpop: 2_000, 'mpop-waiting': 300, getmail: 200, fetchmail: 200 },
    targets: { mpop: 2, fetchmail: 100 },
    far: true,
  }),
  {
    id: 'collect-large',
    text: 'collect one message of 100 MB, memory above what was held before',
    unit: 'MB',
    lower: true,
    absolute: 32,
    peers: [],
    go: collectLarge,
  },
]

export const remoteFolder = '/srv/mail-collect' // in the root of the peers

/** The remote server, empty at first; each round has an account of its own on it. */
export function remoteServer(extra = {}) {
  const it = server('dovecot', { MAILROOT: remoteFolder, USERS: '200', NUSERS: '200', ...extra })
  it.call('reset')
  const [host, port] = it.facts.pop3.split(':')
  const kinds = new Set()
  let last = 0
  return Object.assign(it, {
    host,
    port,
    /** A user who has messages like that. */
    userWith({ count, octets }) {
      const kind = `kind-${count}-${octets}`
      if (!kinds.has(kind)) it.call('import', kind, String(count), String(octets))
      kinds.add(kind)
      const user = `user${++last}`
      it.call('copy', kind, user)
      return user
    },
    left: (user) => Number(it.call('left', user)),
  })
}

/** One run of a collector over so many messages. */
export async function collect(one, remote, messages) {
  const user = remote.userWith(messages)
  const { count, leave = false } = messages
  one.prepare({ host: remote.host, port: remote.port, user, leave })
  await settled()
  const start = performance.now()
  one.run()
  const seconds = (performance.now() - start) / 1000
  const [here, there] = [one.delivered(), remote.left(user)]
  if (here !== count || there !== (leave ? count : 0))
    throw new Error(`${one.name}: ${here} of ${count} are here, ${there} are there`)
  return { value: count / seconds, seconds, count }
}

/** Megabytes of a process; `field` as in proc(5). */
export function memoryOf(pid, field) {
  const kib = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'))[1]
  return (Number(kib) * 1024) / MB
}

/** Of a server just started that has collected a little: later messages of that size take what the first has left. */
async function collectLarge(ours, remote) {
  ours.restart()
  await collect(ours, remote, { count: 500, octets: 4096 })
  const [pid] = ours.call('pids').split('\n')
  writeFileSync(`/proc/${pid}/clear_refs`, '5') // VmHWM begins anew: proc(5)
  const before = memoryOf(pid, 'VmRSS')
  const { seconds } = await collect(ours, remote, { count: 1, octets: 100 * MB })
  return { value: memoryOf(pid, 'VmHWM') - before, before, seconds }
}
