// Figures and health for machines, on localhost only: GET /metrics (Prometheus), GET /health (200 or 503, JSON in words).
import { createServer, type ServerResponse } from 'node:http'
import { Counter, Gauge, Registry, collectDefaultMetrics } from '@prometheus-io/client'
import type { AccountStatus } from '#/config/remote-accounts.ts'
import type { QueueFigures } from '#/storage/queue.ts'
import type { Store } from '#/storage/store.ts'
import type { Instant } from '#/world/world.ts'

export type Sources = {
  readonly store: Store
  readonly now: () => Instant
  readonly sessions: () => { readonly smtp: number; readonly pop3: number }
  readonly problems: () => readonly string[]
  readonly accounts: () => readonly { readonly paused: boolean; readonly status: AccountStatus }[]
  readonly collected: () => { readonly collected: number; readonly removed: number }
}
export type Monitor = { readonly address: string; readonly port: number; close(): Promise<void> }

/** @throws when the port is busy. */
export function monitor(sources: Sources, listenOn: { address: string; port: number }): Promise<Monitor> {
  const registry = registryOf(sources)
  const server = createServer({ maxHeaderSize: 8192, requestTimeout: 10_000 }, (request, response) => {
    if (request.method !== 'GET') return answer(response, { status: 405, type: 'text/plain', text: 'GET only\n' })
    if (request.url === '/metrics') return void metrics(registry, response)
    if (request.url === '/health') return answer(response, health(sources))
    answer(response, { status: 404, type: 'text/plain', text: 'Here are /metrics and /health\n' })
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(listenOn.port, listenOn.address, () => {
      const at = server.address() as { address: string; port: number } // a TCP server has one
      const close = (): Promise<void> =>
        new Promise((done) => {
          server.close(() => done())
          server.closeAllConnections()
        })
      resolve({ address: at.address, port: at.port, close })
    })
  })
}

type Answer = { status: number; type: string; text: string }

function answer(response: ServerResponse, { status, type, text }: Answer): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text)
}

async function metrics(registry: Registry, response: ServerResponse): Promise<void> {
  try {
    answer(response, { status: 200, type: registry.contentType, text: await registry.metrics() })
  } catch (error) {
    answer(response, { status: 500, type: 'text/plain', text: `${String(error)}\n` })
  }
}

function health({ store, problems }: Sources): Answer {
  const storage = store.canAccept()
  const words = [...problems()]
  if (storage === 'full') words.push('The disk is nearly full: no new mail is taken until space is free.')
  if (storage === 'failed')
    words.push('The store reported a disk error: restart after checking the disk, then run verify.')
  const ok = words.length === 0
  const text = `${JSON.stringify({ ok, storage, problems: words })}\n`
  return { status: ok ? 200 : 503, type: 'application/json', text }
}

function registryOf(sources: Sources): Registry {
  const { store, sessions } = sources
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  new Gauge({
    name: 'netcruiser_sessions',
    help: 'Open connections by service',
    labelNames: ['service'],
    registers,
    collect() {
      const now = sessions()
      this.set({ service: 'mail-server' }, now.smtp)
      this.set({ service: 'pop3-server' }, now.pop3)
    },
  })
  const stored = new Gauge({ name: 'netcruiser_messages', help: 'Messages in mailboxes', registers })
  const bytes = new Gauge({ name: 'netcruiser_content_bytes', help: 'Octets of stored contents', registers })
  new Gauge({
    name: 'netcruiser_deliveries_waiting',
    help: 'Outbound deliveries that wait',
    registers,
    async collect() {
      const facts = await store.facts()
      this.set(facts.waiting)
      stored.set(facts.messages)
      bytes.set(facts.contentBytes)
    },
  })
  queueGauges(registry, sources)
  collectGauges(registry, sources)
  return registry
}

/** QU-16. The queue is counted at most once a minute: that walks over all of it. */
function queueGauges(registry: Registry, { store, now }: Sources): void {
  let counted: { at: Instant; figures: Promise<QueueFigures> } | null = null
  const figures = (): Promise<QueueFigures> => {
    if (counted === null || now() - counted.at >= countEveryMs) counted = { at: now(), figures: store.queue.figures() }
    return counted.figures
  }
  const registers = [registry]
  new Gauge({
    name: 'netcruiser_queue_deliveries',
    help: 'Open deliveries by state',
    labelNames: ['state'],
    registers,
    async collect() {
      const { waiting, deferred, leased, held } = await figures()
      for (const [state, count] of Object.entries({ waiting, deferred, leased, held })) this.set({ state }, count)
    },
  })
  new Gauge({
    name: 'netcruiser_queue_oldest_seconds',
    help: 'Age of the oldest open delivery',
    registers,
    async collect() {
      const { oldestAcceptedAt } = await figures()
      this.set(oldestAcceptedAt === null ? 0 : Math.max(0, now() - oldestAcceptedAt) / 1000)
    },
  })
  new Gauge({
    name: 'netcruiser_queue_deferred_share',
    help: 'Share of the waiting deliveries that were tried before',
    registers,
    async collect() {
      const { waiting, deferred } = await figures()
      this.set(waiting === 0 ? 0 : deferred / waiting)
    },
  })
}

const countEveryMs = 60_000

/** PC-39 */
function collectGauges(registry: Registry, { accounts, collected, now }: Sources): void {
  const registers = [registry]
  new Gauge({
    name: 'netcruiser_collect_accounts',
    help: 'Remote accounts by state',
    labelNames: ['state'],
    registers,
    collect() {
      const counts = { idle: 0, busy: 0, failing: 0, stopped: 0, paused: 0 }
      for (const { paused, status } of accounts()) counts[paused ? 'paused' : status.is]++
      for (const [state, count] of Object.entries(counts)) this.set({ state }, count)
    },
  })
  new Gauge({
    name: 'netcruiser_collect_oldest_success_seconds',
    help: 'Longest time since a remote account that is not paused was collected; 0 when there is none',
    registers,
    collect() {
      const good = accounts().flatMap(({ paused, status }) => (paused ? [] : (status.lastGoodAt ?? [])))
      this.set(good.length === 0 ? 0 : Math.max(0, now() - Math.min(...good)) / 1000)
    },
  })
  new Counter({
    name: 'netcruiser_collect_messages_total',
    help: 'Messages since the start that were collected from remote accounts, and that were removed there',
    labelNames: ['what'],
    registers,
    collect() {
      this.reset()
      for (const [what, count] of Object.entries(collected())) this.inc({ what }, count)
    },
  })
}
