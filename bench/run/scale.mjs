// A queue of 1,000,000 deliveries for destinations that do not answer (our server only): how soon it greets, whether mail for
// a destination that lives passes by, and what memory it takes. Then one message for 10,000 recipients in 100 domains.
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { sinkOf } from './relay.mjs'
import { server } from './servers.mjs'

const deliveries = Number(process.env.SCALE ?? 1_000_000)
const MB = 1_000_000

export const scaleMeasures = [
  { id: 'scale-start', text: 'start-up to greeting', unit: 'ms', absolute: 5_000 },
  {
    id: 'scale-live',
    text: 'a new message to a destination that lives arrives, slowest of 20',
    unit: 'ms',
    absolute: 1_000,
  },
  { id: 'scale-memory', text: 'memory after a minute', unit: 'MB', absolute: 300 },
  {
    id: 'scale-bulk',
    text: 'one message to 10,000 recipients in 100 domains, delivered',
    unit: 'ms',
    absolute: 60_000,
  },
  { id: 'scale-bulk-memory', text: 'highest memory meanwhile', unit: 'MB', absolute: 300 },
].map((measure) => ({
  ...measure,
  text: measure.id.startsWith('scale-bulk')
    ? measure.text
    : `${deliveries.toLocaleString('en')} deliveries waiting: ${measure.text}`,
  peers: [],
  lower: true,
}))

/** Memory of the process itself, not of its page cache: what its threads hold. */
function memoryOf(it) {
  const pids = it.call('pids').split('\n').filter(Boolean)
  const kib = pids.map((pid) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]))
  return (kib.reduce((sum, one) => sum + one, 0) * 1024) / MB
}

export async function scale() {
  const figures = {}
  const it = server('ours', { VARIANT: 'relay', OURS_STORE: 'scale', OURS_PORT: '12560' })
  it.call('reset')
  it.call('queue', String(deliveries), '1000')
  const started = Date.now()
  it.call('start')
  figures['scale-start'] = Date.now() - started
  try {
    const slowest = []
    const until = Date.now() + 60_000
    while (Date.now() < until) {
      const sink = await sinkOf(1)
      const begun = Date.now()
      await send(it.port('smtp'), ['user@live.test'])
      await sink.ended
      slowest.push(Date.now() - begun)
      await sleep(2_500)
    }
    figures['scale-live'] = Math.max(...slowest)
    figures['scale-memory'] = memoryOf(it)
  } finally {
    it.call('stop')
  }
  Object.assign(figures, await bulk())
  return figures
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
