// A queue of 1,000,000 deliveries for destinations that do not answer (our server only): how soon it greets, whether mail for
// a destination that lives passes by, and what memory it takes. Then one message for 10,000 recipients in 100 domains.
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { sinkOf } from './relay.mjs'
import { server } from './servers.mjs'

const [many, some] = [Number(process.env.SCALE ?? 1_000_000), 100_000]
const MB = 1_000_000
const waitingText = (count, text) => `${count.toLocaleString('en')} deliveries waiting for dead hosts: ${text}`

export const scaleMeasures = [
  { id: 'scale-start', text: waitingText(many, 'start-up to greeting'), unit: 'ms', absolute: 5_000 },
  {
    id: 'scale-first',
    text: waitingText(many, 'the first new message to a living host'),
    unit: 'ms',
    absolute: 30_000,
  },
  { id: 'scale-memory', text: waitingText(many, 'memory after a minute'), unit: 'MB', absolute: 300 },
  { id: 'scale-live', text: waitingText(some, 'a new message to a living host, slowest'), unit: 'ms', absolute: 1_000 },
  {
    id: 'scale-bulk',
    text: 'one message to 10,000 recipients in 100 domains, delivered',
    unit: 'ms',
    absolute: 60_000,
  },
  { id: 'scale-bulk-memory', text: 'highest memory meanwhile', unit: 'MB', absolute: 300 },
].map((measure) => ({ ...measure, peers: [], lower: true }))

/** Memory of the process itself, not of its page cache: what its threads hold. */
function memoryOf(it) {
  const pids = it.call('pids').split('\n').filter(Boolean)
  const kib = pids.map((pid) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]))
  return (kib.reduce((sum, one) => sum + one, 0) * 1024) / MB
}

export async function scale() {
  const large = await waiting(many)
  const small = await waiting(some)
  return {
    'scale-start': large.startMs,
    'scale-first': large.arrivedMs[0],
    'scale-memory': large.memory,
    'scale-live': Math.max(...small.arrivedMs),
    ...(await bulk()),
  }
}

/** A minute of a server whose queue is full of mail for hosts that do not answer, while mail for one that does comes in. */
async function waiting(count) {
  const it = server('ours', { VARIANT: 'relay', OURS_STORE: 'scale', OURS_PORT: '12560' })
  it.call('reset')
  it.call('queue', String(count), '1000')
  const begun = Date.now()
  it.call('start')
  const startMs = Date.now() - begun
  const arrivedMs = []
  try {
    while (Date.now() < begun + 60_000) {
      const sink = await sinkOf(1)
      const sentAt = Date.now()
      await send(it.port('smtp'), ['user@live.test'])
      await sink.ended
      arrivedMs.push(Date.now() - sentAt)
      await sleep(2_500)
    }
    return { startMs, arrivedMs, memory: memoryOf(it) }
  } finally {
    it.call('stop')
  }
}

/** smtp-sink counts transactions: 100 recipients each, so 100 of them. */
async function bulk() {
  const it = server('ours', { VARIANT: 'relay', OURS_STORE: 'bulk', OURS_PORT: '12564' })
  it.call('reset')
  it.call('start')
  try {
    const sink = await sinkOf(100)
    let highest = 0
    const watching = setInterval(() => (highest = Math.max(highest, memoryOf(it))), 200)
    const begun = Date.now()
    await send(
      it.port('smtp'),
      Array.from({ length: 10_000 }, (_, i) => `r${i}@d${i % 100}.many.test`),
    )
    await sink.ended
    clearInterval(watching)
    return { 'scale-bulk': Date.now() - begun, 'scale-bulk-memory': highest }
  } finally {
    it.call('stop')
  }
}

/** One message to these recipients, pipelined. */
function send(port, recipients) {
  return new Promise((done, fail) => {
    const socket = connect(Number(port), '127.0.0.1')
    let text = ''
    let replies = 0
    const body = `Subject: bench\r\n\r\n${`${'x'.repeat(78)}\r\n`.repeat(50)}.\r\nQUIT\r\n`
    socket.on('error', fail)
    socket.on('data', (data) => {
      text += data
      for (let end; (end = text.indexOf('\r\n')) >= 0; text = text.slice(end + 2)) {
        if (text[0] > '3') return fail(new Error(text.slice(0, end)))
        if (text[3] === '-') continue
        replies++
        if (replies === 1) socket.write('EHLO load.test\r\n')
        if (replies === 2)
          socket.write(`MAIL FROM:<s@load.test>\r\n${recipients.map((to) => `RCPT TO:<${to}>\r\n`).join('')}DATA\r\n`)
        if (replies === recipients.length + 4) socket.write(body)
        if (replies === recipients.length + 5) done()
      }
    })
  })
}
