// Measures our server and the peers that are installed, in turn, in one run: npm run bench -- --help
import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { loadavg } from 'node:os'
import { accept, acceptMeasures, prepareAccept } from './run/accept.mjs'
import { readArgs, usage } from './run/args.mjs'
import { collect, collectMeasures, remoteFolder, remoteServer } from './run/collect.mjs'
import { collectMany, collectManyMeasures } from './run/collect-many.mjs'
import { client, clientVersion, ourCollector } from './run/collectors.mjs'
import { withEarlier } from './run/earlier.mjs'
import { growth, growthMeasures, growthServers, prepareGrowth } from './run/growth.mjs'
import { idle, idleMeasures } from './run/idle.mjs'
import { fill, pop3Measures } from './run/pop3.mjs'
import { prepareRelay, relay, relayMeasures } from './run/relay.mjs'
import { machine, table, writeReport } from './run/report.mjs'
import { scale, scaleMeasures } from './run/scale.mjs'
import { bench, program, server, title } from './run/servers.mjs'

const args = readArgs(process.argv.slice(2))
if (args.help) {
  console.log(usage)
  process.exit(0)
}
const started = new Date()
const rawFile = join(bench, 'raw', `${started.toISOString().replaceAll(/[:.]/g, '-')}.jsonl`)
mkdirSync(join(bench, 'raw'), { recursive: true })
const notes = []
const results = [] // { measure, values: Map(server name -> numbers) }
const running = new Set()
process.once('SIGINT', () => {
  stopAll()
  process.exit(130)
})

const raw = (line) => appendFileSync(rawFile, `${JSON.stringify(line)}\n`)
const say = (text) => process.stderr.write(`${text}\n`)
function note(text) {
  if (!notes.includes(text)) {
    notes.push(text)
    say(`note: ${text}`)
  }
}

function start(one) {
  running.add(one)
  one.restart()
  return one
}
function stopAll() {
  for (const one of [...running].reverse())
    try {
      one.call('stop')
    } catch (error) {
      say(error.message)
    }
  running.clear()
}

/** Ours and the peers of a section that are asked for and installed. */
function serversFor(peers, extra = {}) {
  return ['ours', ...peers]
    .map((name) => server(name, extra[name]))
    .filter((one) => {
      if (one.name !== 'ours' && one.name !== 'ceiling' && !args.peers.includes(one.name)) return false
      if (one.present()) return true
      note(
        one.name === 'ceiling'
          ? 'the ceiling was not measured: bench/ceiling.ts is missing'
          : `${title[one.name]} is not installed (bench/setup-peers.sh): left out`,
      )
      return false
    })
}

/** Every server in turn, `reps` times. One that fails is left out of this measure, with a note. */
async function interleave(measure, servers, reps, once) {
  const values = new Map()
  const failed = new Set()
  for (let rep = 1; rep <= reps; rep++)
    for (const one of servers) {
      const key = one.label ?? one.name
      if (failed.has(key)) continue
      try {
        const figures = await once(one)
        raw({ measure: measure.id, server: key, rep, unit: measure.unit, load1: loadavg()[0], ...figures })
        say(`${measure.id.padEnd(20)} ${key.padEnd(8)} ${figures.value.toFixed(1)} ${measure.unit}`)
        values.set(key, [...(values.get(key) ?? []), figures.value])
      } catch (error) {
        failed.add(key)
        values.delete(key)
        note(`${measure.text}: ${error.message}`)
      }
    }
  results.push({ measure, values })
}

async function acceptSection() {
  const servers = serversFor(['ceiling', 'postfix', 'haraka']).map(start)
  for (const measure of acceptMeasures) {
    const counts = new Map()
    const able = []
    for (const one of servers.filter(({ name }) => name !== 'ceiling' || measure.ceiling))
      try {
        counts.set(one, await prepareAccept(one, measure, args))
        able.push(one)
      } catch (error) {
        note(`${measure.text}: ${error.message}`)
      }
    await interleave(measure, able, args.reps, (one) => accept(one, measure, counts.get(one)))
  }
  stopAll()
}

async function relaySection() {
  const relaying = { VARIANT: 'relay' }
  const ours = { ...relaying, OURS_STORE: 'relay', OURS_PORT: '12550' }
  const servers = serversFor(['postfix', 'haraka'], { ours, postfix: relaying, haraka: relaying }).map(start)
  for (const measure of relayMeasures) {
    const counts = new Map()
    for (const one of servers)
      try {
        counts.set(one, await prepareRelay(one, measure, args))
      } catch (error) {
        note(`${measure.text}: ${error.message}`)
      }
    await interleave(measure, [...counts.keys()], args.reps, (one) => relay(one, measure, counts.get(one)))
  }
  stopAll()
}

async function collectSection() {
  if (!server('dovecot').present()) return note('collecting: Dovecot, the remote server, is not installed')
  for (const measure of collectMeasures) await told(measure, () => collectFrom(measure))
  await told(collectManyMeasures[0], async () => report(collectManyMeasures, await collectMany(args)))
}

/** What fails as a whole is left out, with a note. */
async function told({ text }, work) {
  try {
    await work()
  } catch (error) {
    note(`${text}: ${error.message}`)
  } finally {
    stopAll()
  }
}

async function collectFrom(measure) {
  const far = measure.far ? server('far') : null
  if (far && !far.present()) return note(`${measure.text}: needs root and network namespaces with tun devices`)
  if (far) start(far)
  const remote = start(remoteServer(far ? { NETNS: 'ncfar', LISTEN: '10.99.0.1' } : {}))
  const ours = start(ourCollector(far ? { NETNS: 'ncnear', OURS_STORE: 'far' } : { OURS_STORE: 'near' }))
  await collect(ours, remote, { count: 500, octets: 4096 }) // long enough for compilers
  const all = [ours, ...clientsFor(measure)]
  await interleave(measure, all, args.reps, (one) => measure.go(one, remote, args))
}

/** Over the long line Dovecot cannot be delivered to. */
function clientsFor({ far, leave, peers }) {
  const extra = {
    MAILROOT: remoteFolder,
    KEEP: leave ? 'on' : 'off',
    ...(far ? { NETNS: 'ncnear', TARGET: 'mda' } : {}),
  }
  return peers
    .filter((name) => args.peers.includes(name))
    .filter((name) => clientVersion(name) ?? note(`${title[name]} is not installed (bench/setup-peers.sh): left out`))
    .map((name) => client(name, extra))
}

async function pop3Section() {
  const servers = serversFor(['dovecot'], { ours: { OURS_STORE: 'pop3' } })
  for (const one of servers) {
    fill(one)
    start(one)
  }
  for (const measure of pop3Measures) {
    const go = async (one) => ({ value: await measure.go(one) })
    if (!measure.noWarmUp) for (const one of servers) await go(one).catch(() => undefined) // told by the measured round
    await interleave(measure, servers, args.reps, go)
  }
  stopAll()
}

async function idleSection() {
  const many = { USERS: '5000', NUSERS: '5000' }
  for (const measure of idleMeasures) {
    const extra = {
      ours: { ...many, OURS_STORE: 'idle', OURS_PORT: '12539' },
      dovecot: { ...many, MAILROOT: '/srv/mail-idle' },
    }
    const servers = serversFor(measure.peers, extra)
    await interleave(measure, servers, 1, async (one) => {
      if (one.name !== 'haraka' && !one.filled()) {
        one.call('reset')
        one.call('filldone')
      }
      start(one)
      try {
        return await idle(one, measure)
      } finally {
        stopAll()
      }
    })
  }
}

async function growthSection() {
  const servers = growthServers().map(({ name, it }) => Object.assign(it, { label: name }))
  servers.forEach(start)
  const counts = new Map()
  for (const one of servers) counts.set(one, await prepareGrowth(one, args.seconds))
  for (const measure of growthMeasures) {
    if (measure.id === 'growth-login') for (const one of servers) await growth(one, measure.id)
    await interleave(measure, servers, args.reps, (one) => growth(one, measure.id, counts.get(one)))
  }
  stopAll()
}

async function scaleSection() {
  report(scaleMeasures, await scale())
}

/** Figures of our server alone, by the ids of their measures. */
function report(measures, figures) {
  for (const measure of measures) {
    const value = figures[measure.id]
    raw({ measure: measure.id, server: 'ours', unit: measure.unit, value })
    say(`${measure.id.padEnd(20)} ours     ${value.toFixed(1)} ${measure.unit}`)
    results.push({ measure, values: new Map([['ours', [value]]]) })
  }
}

if (!existsSync(program('watchdirs'))) execFileSync(join(bench, 'build.sh'), { stdio: 'inherit' })
const work = {
  accept: acceptSection,
  relay: relaySection,
  collect: collectSection,
  pop3: pop3Section,
  idle: idleSection,
  growth: growthSection,
  scale: scaleSection,
}
const allMeasures = [
  acceptMeasures,
  relayMeasures,
  collectMeasures,
  collectManyMeasures,
  pop3Measures,
  idleMeasures,
  growthMeasures,
  scaleMeasures,
].flat()
const facts = await machine(args.peers)
raw({ machine: facts, args })
if (facts.load1 > 0.5)
  note(
    `other work ran beside (load average ${facts.load1.toFixed(1)} at the start): measure again on a quiet machine before believing a close row`,
  )
try {
  for (const section of args.only) await work[section]()
} finally {
  stopAll()
}
if (args.earlier.length > 0)
  note(`rows of other sections are from earlier runs: ${args.earlier.map((file) => basename(file)).join(', ')}`)
const all = args.earlier.length > 0 ? withEarlier(results, args.earlier, allMeasures) : results
console.log(`\n${table(all)}\n${notes.map((text) => `- ${text}`).join('\n')}`)
if (args.write) writeReport({ results: all, notes, facts, started, args })
say(`raw lines: ${rawFile}`)
