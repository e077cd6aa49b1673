// The figures for Prometheus, made when they are first asked for.
import { Counter, Gauge, Registry, collectDefaultMetrics } from '@prometheus-io/client'
import type { QueueFigures } from '#/storage/queue.ts'
import type { Instant } from '#/world/world.ts'
import type { Sources } from './server.ts'

/** Every figure that the monitor tells. */
export function registryOf(sources: Sources): Registry {
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
