// Accepting mail: from the first connection until every message is in the mailbox. For our server the last 250 says so
// (checked with STAT afterwards); for the peers inotify sees the last file in new/.
import { spawn } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { messagesOf, program, sendMail, settled, state } from './servers.mjs'

const [warmUp, countMax] = [300, 60_000]

export const acceptMeasures = [
  {
    id: 'accept-4k-one-10',
    text: 'accept 4 KiB, one message a connection, 10 connections',
    size: 4096,
    connections: 10,
    keep: false,
    target: 5,
    ceiling: true,
  },
  {
    id: 'accept-4k-one-50',
    text: 'accept 4 KiB, one message a connection, 50 connections',
    size: 4096,
    connections: 50,
    keep: false,
    target: 5,
  },
  {
    id: 'accept-4k-kept-10',
    text: 'accept 4 KiB, connections kept, 10 connections',
    size: 4096,
    connections: 10,
    keep: true,
    target: 6,
    ceiling: true,
  },
  {
    id: 'accept-64k-kept-10',
    text: 'accept 64 KiB, connections kept, 10 connections',
    size: 65_536,
    connections: 10,
    keep: true,
    target: 3,
  },
].map((measure) => ({ ...measure, unit: 'messages/s', peers: ['postfix', 'haraka'], more: true }))

/** Sends `count` messages; messages a second. */
async function round(server, measure, count) {
  const { watch } = server.facts
  const before = watch === 'pop3' ? await messagesOf(server.port('pop3'), 'user1') : 0
  const seen = watch === 'maildir' ? await watchFiles(server, count) : null
  const start = Date.now() / 1000
  await sendMail(server.port('smtp'), { ...measure, count })
  let end = Date.now() / 1000
  if (seen) end = await seen()
  if (watch === 'pop3') {
    const arrived = (await messagesOf(server.port('pop3'), 'user1')) - before
    if (arrived !== count) throw new Error(`${server.name}: ${arrived} of ${count} messages are in the mailbox`)
  }
  return count / (end - start)
}

async function watchFiles(server, count) {
  const ready = join(state, 'watching')
  rmSync(ready, { force: true })
  const child = spawn(program('watchdirs'), [String(count), '60', ready, ...server.call('newdirs').split('\n')])
  let out = ''
  child.stdout.on('data', (text) => (out += text))
  const ended = new Promise((done) => child.on('close', done))
  while (!existsSync(ready)) await sleep(10)
  return async () => {
    const code = await ended
    const [last, seen] = out.trim().split(' ').map(Number)
    if (code !== 0) throw new Error(`${server.name}: ${seen} of ${count} messages are in the mailbox`)
    return last
  }
}

/** Two rounds unmeasured: the second is long enough for compilers and tells how many messages `seconds` take. */
export async function prepareAccept(server, measure, { seconds, keepStore = false }) {
  if (!keepStore) server.call('reset')
  const first = await round(server, measure, warmUp)
  const second = await round(server, measure, clamp(first))
  return clamp(second * seconds)
}
const clamp = (count) => Math.min(Math.max(Math.round(count), warmUp), countMax)

export async function accept(server, measure, count) {
  if (server.facts.watch === 'maildir') server.call('reset')
  await settled()
  return { value: await round(server, measure, count), count }
}
