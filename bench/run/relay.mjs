// Relaying: from the first connection until smtp-sink, as the alternate server of each, has the last message.
import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sendMail, settled, state } from './servers.mjs'

const [warmUp, countMax] = [300, 30_000]
const sinkPort = Number(process.env.SINK_PORT ?? 12600)

export const relayMeasures = [
  { id: 'relay-4k-one-10', text: 'one message a connection', size: 4096, keep: false, target: 3 },
  { id: 'relay-4k-kept-10', text: 'connections kept', size: 4096, keep: true, target: 3 },
  { id: 'relay-64k-kept-10', text: 'connections kept', size: 65_536, keep: true, target: 2 },
].map((measure) => ({
  ...measure,
  text: `accept, queue, deliver ${measure.size / 1024} KiB, ${measure.text}, 10 connections`,
  connections: 10,
  unit: 'messages/s',
  peers: ['postfix', 'haraka'],
  more: true,
}))

/** Ends when it has `count` messages. */
function sink(count) {
  const child = spawn(
    'chroot',
    [
      join(state, 'roots', 'postfix'),
      'smtp-sink',
      '-u',
      'nobody',
      '-M',
      String(count),
      `127.0.0.1:${sinkPort}`,
      '1000',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const late = setTimeout(() => child.kill(), 120_000)
  const ended = new Promise((done) => child.on('close', done)).finally(() => clearTimeout(late))
  return { ended, stop: () => child.kill() }
}

/** A destination that is not up yet would be left alone for a while by any server. */
async function listening() {
  for (let tries = 0; tries < 100; tries++) {
    const up = await new Promise((done) => {
      const socket = connect(sinkPort, '127.0.0.1', () => done(true)).on('error', () => done(false))
      socket.on('connect', () => socket.end('QUIT\r\n'))
    })
    if (up) return
    await sleep(50)
  }
  throw new Error('smtp-sink does not listen')
}

/** A sink that listens by now. */
export async function sinkOf(count) {
  const one = sink(count)
  await listening()
  return one
}

async function round(server, measure, count) {
  const { ended, stop } = await sinkOf(count)
  const start = Date.now()
  try {
    await sendMail(server.port('smtp'), { ...measure, count, to: 'user@relay.test' })
  } catch (error) {
    stop()
    throw error
  }
  const code = await ended
  if (code !== 0) throw new Error(`${server.name}: not all of ${count} messages were delivered`)
  return (1000 * count) / (Date.now() - start)
}

const clamp = (count) => Math.min(Math.max(Math.round(count), warmUp), countMax)

export async function prepareRelay(server, measure, { seconds }) {
  server.call('reset')
  const first = await round(server, measure, warmUp)
  const second = await round(server, measure, clamp(first))
  return clamp(second * seconds)
}

export async function relay(server, measure, count) {
  await settled()
  return { value: await round(server, measure, count), count }
}
