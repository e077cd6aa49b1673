// Idle sessions: proportional memory of every process of a server, before and with the sessions open; then NOOP on each.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { program } from './servers.mjs'

export const idleMeasures = [
  { id: 'idle-pop3', protocol: 'pop3', text: '5,000 idle POP3 sessions, memory above start', peers: ['dovecot'] },
  { id: 'idle-smtp', protocol: 'smtp', text: '5,000 idle SMTP sessions, memory above start', peers: ['haraka'] },
].map((measure) => ({ ...measure, unit: 'MB', lower: true, absolute: 100, sessions: 5000 }))

function megabytes(server) {
  const kib = server
    .call('pids')
    .split('\n')
    .map((pid) => {
      try {
        return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))[1])
      } catch {
        return 0
      }
    })
  return (kib.reduce((sum, n) => sum + n, 0) * 1024) / 1e6
}

export async function idle(server, { protocol, sessions }) {
  await sleep(1000)
  const before = megabytes(server)
  const hold = spawn(program('hold'), [protocol, server.port(protocol), sessions, sessions, 'secret'].map(String))
  let [out, err] = ['', '']
  hold.stdout.on('data', (text) => (out += text))
  hold.stderr.on('data', (text) => (err += text))
  const ended = new Promise((done) => hold.on('close', done))
  for (let i = 0; i < 2500 && !/^held/m.test(out) && hold.exitCode === null; i++) await sleep(100)
  await sleep(2000)
  const after = megabytes(server)
  hold.stdin.end()
  await ended
  const alive = Number(/^alive (\d+)/m.exec(out)?.[1] ?? 0)
  if (alive !== sessions) throw new Error(`${server.name}: ${alive} of ${sessions} sessions were alive. ${err.trim()}`)
  return { value: after - before, before, after }
}
