// SIGKILL while mail goes out, again and again: `npm run torture -- --relay --kills 200`. Afterwards the queue is let run
// empty: each recipient of each message that got its 250 has it, and who has it twice is named in the trace.
import assert from 'node:assert/strict'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { startTestServer, zoneOf, type TestServer } from '#/dns/test-server.ts'
import { openStates } from '#/storage/queue.ts'
import { openStore } from '#/storage/open.ts'
import type { Store, TraceEvent } from '#/storage/store.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { silentLog } from '#/world/node/log.ts'
import { nodeNet } from '#/world/node/net.ts'
import { cli, dataFolder, start } from '../serve.ts'
import type { Acknowledged, RelayRound } from './relay-load.ts'
import type { Copies } from './sink.ts'

export type RelayFigures = {
  readonly kills: number
  readonly acknowledged: number // recipients, not messages
  readonly delivered: number
  readonly interrupted: number // recipients whose attempt a kill fell into
  readonly repeated: number
  readonly lost: readonly string[]
  readonly unmarked: readonly string[] // repeated, and the trace does not say that this could be
  readonly verify: string
}

const zone = zoneOf(
  'far.example MX 10 mx.far.example',
  'away.example MX 10 mx.far.example',
  'mx.far.example A 127.0.0.1',
)
const worldFor = (dns: string, mxPort: number): string => `
[settings.server]
hostname = "mx.example.org"
[[mailbox]]
name = "ann"
[[access]]
pattern = "127.0.0.0/8"
[settings.dns]
servers = ["${dns}"]
[settings.mailServer]
connectionsPerClientMax = 1000
forwarding = true
[settings.mailRelay]
mxPort = ${mxPort}
allowPrivateTargets = true
retryDelaysMs = [1000]
`

type Wanted = { readonly kills: number; readonly clients: number; readonly secondsMax?: number }
type Rig = {
  readonly folder: string
  readonly sink: ChildProcess
  readonly load: ChildProcess
  readonly dns: TestServer
}

export async function tortureRelay({ kills: killsMax, clients, secondsMax = Infinity }: Wanted): Promise<RelayFigures> {
  using folder = dataFolder()
  await using dns = await startTestServer(zone)
  const sink = fork('test/torture/sink.ts')
  const load = fork('test/torture/relay-load.ts')
  try {
    const [mxPort] = (await once(sink, 'message')) as [number] // what sink.ts sends first
    const imported = cli(folder.path, ['settings', 'import', '-'], worldFor(dns.address, mxPort))
    assert.equal(imported.status, 0, imported.stderr)
    const rig = { folder: folder.path, sink, load, dns }
    const stopAt = Date.now() + secondsMax * 1000
    const acknowledged: string[] = []
    let kills = 0
    for (; kills < killsMax && Date.now() < stopAt; kills++) acknowledged.push(...(await killed(rig, kills, clients)))
    await emptied(rig)
    return await reconcile(rig, kills, acknowledged)
  } finally {
    load.disconnect()
    sink.disconnect()
  }
}

/** One life of the server: it takes and sends until it dies. */
async function killed({ folder, load }: Rig, number: number, clients: number): Promise<Acknowledged> {
  const server = await start(folder, ['smtp'])
  const round: RelayRound = { number, smtp: Number(server.listening['smtp']?.split(':').at(-1)), clients }
  const ended = once(load, 'message')
  load.send(round)
  await sleep((number % 4 === 3 ? 500 : 60) + ((number * 97) % 240))
  await server.stop('SIGKILL')
  const [noted] = (await ended) as [Acknowledged] // what relay-load.ts sends
  return noted
}

async function withStore<T>(folder: string, work: (store: Store) => Promise<T>): Promise<T> {
  using net = nodeNet(clock)
  const world = { clock, random: randomPool(), net, log: silentLog }
  const store = await openStore({ folder, world, reserveBytes: () => 0 })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

const roundsMax = 20

/** What several kills fell upon waits or is held: it is released, as an operator would, until nothing is left. QUE-20 */
async function emptied({ folder, sink }: Rig): Promise<void> {
  for (let round = 0; round < roundsMax; round++) {
    const server = await start(folder, ['smtp'])
    await quiet(sink)
    await server.stop()
    if ((await withStore(folder, released)) === 0) return
  }
}

/** Resolves when nothing came for two seconds. */
async function quiet(sink: ChildProcess): Promise<void> {
  let before = -1
  for (let now = await countOf(sink); now !== before; now = await countOf(sink)) {
    before = now
    await sleep(2000)
  }
}

async function countOf(sink: ChildProcess): Promise<number> {
  const answer = once(sink, 'message')
  sink.send('count')
  const [count] = (await answer) as [number] // what sink.ts sends
  return count
}

async function released({ queue }: Store): Promise<number> {
  const at = clock.now()
  const rows = await queue.find({ states: openStates, limit: 1_000_000 })
  const moves = rows
    .filter(({ state }) => state !== 'leased') // the next start takes these up
    .map((row) => {
      const { hold: _, ...memo } = row.memo
      return { row, to: { ...row, state: 'waiting' as const, dueAt: at, memo } }
    })
  await queue.move({ at, moves })
  return rows.length
}

async function reconcile({ folder, sink }: Rig, kills: number, acknowledged: readonly string[]): Promise<RelayFigures> {
  const answer = once(sink, 'message')
  sink.send('copies')
  const [copies] = (await answer) as [Copies] // what sink.ts sends when it is asked
  const counts = new Map<string, number>()
  for (const copy of copies) counts.set(copy, (counts.get(copy) ?? 0) + 1)
  const interrupted = interruptedOf(await withStore(folder, (store) => store.trace({ limit: 10_000_000 })))
  const twice = [...counts].filter(([, count]) => count > 1)
  const repeats = twice.reduce((sum, [, count]) => sum + count - 1, 0)
  return {
    kills,
    acknowledged: acknowledged.length,
    delivered: counts.size,
    interrupted: [...interrupted.values()].reduce((sum, count) => sum + count, 0),
    repeated: repeats,
    lost: acknowledged.filter((copy) => !counts.has(copy)),
    unmarked: twice.filter(([copy, count]) => count - 1 > (interrupted.get(copy) ?? 0)).map(([copy]) => copy),
    verify: cli(folder, ['verify']).stdout.trim(),
  }
}

/** How often an attempt for `name recipient` was interrupted, as the trace tells it. */
function interruptedOf(events: readonly TraceEvent[]): Map<string, number> {
  const names = new Map(events.filter(({ step }) => step === 'received').map(({ ref, subject }) => [ref, subject]))
  const counts = new Map<string, number>()
  for (const { ref, to } of events.filter(({ step }) => step === 'interrupted')) {
    const copy = `${names.get(ref)} ${to[0]}`
    counts.set(copy, (counts.get(copy) ?? 0) + 1)
  }
  return counts
}

export const relaySentence = (f: RelayFigures): string =>
  `${f.kills} kills, ${f.acknowledged} recipients acknowledged, ${f.delivered} delivered, ${f.interrupted} interrupted, ` +
  `${f.repeated} repeated, ${f.lost.length} lost, ${f.unmarked.length} repeated without a mark; verify: ${f.verify}`
