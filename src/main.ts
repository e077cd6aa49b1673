// Puts the program together and runs it: the one file that knows every room. `serve` is called by the command line.
import { existsSync, readFileSync } from 'node:fs'
import os from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { resolve } from 'node:path'
import { openDirectory } from '#/accounts/directory.ts'
import { openSecrets } from '#/accounts/secrets.ts'
import { openPeople } from '#/accounts/people.ts'
import { openLogins, type Attempt } from '#/accounts/logins.ts'
import { parseDomain } from '#/message/address.ts'
import { collectMarks } from '#/message/marks.ts'
import { openResolver } from '#/dns/open.ts'
import { targetProblem } from '#/dns/targets.ts'
import { openIntake, type OpenIntake } from '#/intake/open.ts'
import type { Answering } from '#/intake/types.ts'
import { consoleServer, type Console } from '#/console/server.ts'
import { purgeExpired } from '#/mailboxes/deleted.ts'
import { openReading } from '#/mailboxes/reading/open.ts'
import { mailServer } from '#/mail-server/server.ts'
import { openRelayTables } from '#/mail-relay/tables.ts'
import { watchQueue } from '#/mail-relay/queue-watch.ts'
import { openCredentials } from '#/mail-relay/credentials.ts'
import type { Own } from '#/mail-relay/hop-types.ts'
import { ownOf } from '#/mail-relay/own.ts'
import { mailRelay, type RelayParts } from '#/mail-relay/server.ts'
import { openRemoteAccounts } from '#/pop3-client/accounts.ts'
import { openRemoteSignIn } from '#/pop3-client/sign-in.ts'
import { pop3Client } from '#/pop3-client/open.ts'
import type { Context } from '#/operations/context.ts'
import { openJobs } from '#/operations/backup-jobs.ts'
import { openBackupSchedule } from '#/operations/backup-schedule.ts'
import { isEnding, isServed } from '#/operations/control-call.ts'
import { serveControl } from '#/operations/control.ts'
import { openDigest } from '#/operations/digest.ts'
import { inTurn } from '#/operations/folder-turn.ts'
import { openPickup } from '#/operations/pickup.ts'
import { openProblemBook, watchProblems } from '#/operations/problems.ts'
import { openQueueLooks } from '#/operations/queue-look.ts'
import { openRestored } from '#/operations/restored.ts'
import { openSettings, type SettingsHolder } from '#/operations/settings.ts'
import { pop3Server } from '#/pop3-server/server.ts'
import { openStore } from '#/storage/open.ts'
import type { Store } from '#/storage/store.ts'
import { openTutorial } from '#/tutorial/tutorial.ts'
import { clock, minuteOfDay, randomPool } from '#/world/node/clock.ts'
import { growHeap } from '#/world/node/heap.ts'
import { localAddresses } from '#/world/node/interfaces.ts'
import { ensureCertificate, readIdentity, watchCertificate } from '#/world/node/certificate.ts'
import { nodeLog, type LogBook } from '#/world/node/log.ts'
import { nodeNet } from '#/world/node/net.ts'
import { openSecretKey } from '#/world/node/secret-key.ts'
import { setupFile } from '#/world/node/setup-file.ts'
import { mayTakeLowPorts } from '#/world/node/user.ts'
import { nodeWeb } from '#/world/node/web.ts'
import type { Identity } from '#/world/node/tls.ts'
import type { Listener, LogLevel, Web, World } from '#/world/world.ts'
import { wantedListeners, type Wanted } from '#/config/listeners.ts'
import { announce, type Listening } from './main/announce.ts'
import { innerSystems, type Instead } from './main/inner-system.ts'

export type ServeOptions = {
  readonly data: string
  /** `component=address:port`; empty: the standard ports where they are free, otherwise the unprivileged ones. */
  readonly listen: readonly string[]
  readonly json: boolean
  readonly logLevel: LogLevel
}

const drainMs = 30_000
const pruneEveryMs = 3_600_000
const addressesKnownMs = 10_000
/** So many are collected at once that memory counts for more than how fast they are. Decision 18. */
const manyAccounts = 8
/** How far the heap may grow while so many accounts are collected: many of them hold much for a short time. Decision 18. */
const heapPercent = (accounts: number): number | null => (accounts === 0 ? null : accounts === 1 ? 100 : 25)

function saveMemory(store: Store, accounts: number): void {
  growHeap(store, heapPercent(accounts))
  store.saveMemory(accounts >= manyAccounts)
}

/** Resolves when the server has stopped, after SIGTERM or SIGINT. @throws when the data folder cannot be used. */
export async function serve(options: ServeOptions): Promise<void> {
  const log = nodeLog({ level: options.logLevel, to: options.json ? 'stdout' : 'stderr' })
  const net = nodeNet(clock)
  const world: World = { clock, random: randomPool(), net, log }
  const folder = resolve(options.data)
  const open = () => assemble(folder, world, { book: log })
  const running = await inTurn(open, { wait, isServed: () => isServed(folder), isEnding: endsFirst(folder, log) })
  const listening = await listenAll(running, options.listen, log)
  announce({ json: options.json, folder: running.folder, listening, setupToken: running.people.setupToken() })
  await running.relay.start()
  running.collector.start()
  process.on('uncaughtException', (error) => log.error('uncaught', { error }))
  process.on('unhandledRejection', (error) => log.error('unhandled', { error }))
  await stopSignal()
  log.info('stopping')
  await running.stop()
  net[Symbol.dispose]()
  log.info('stopped')
}

/** Whether the server before is ending, which is said once. */
function endsFirst(folder: string, log: World['log']): () => Promise<boolean> {
  let isSaid = false
  return async () => {
    const ends = await isEnding(folder, (ms) => wait(ms, null, { ref: false }))
    if (ends && !isSaid) log.warn('start.waits', { why: 'The server before ends what it has begun; 15 s at most' })
    isSaid ||= ends
    return ends
  }
}

type Running = Awaited<ReturnType<typeof assemble>>

/** For a system inside this one; `book`: the log, where it can be read back. */
type Opening = Partial<Instead> & { readonly book?: LogBook }

/** Opens everything but the listeners. */
export async function assemble(folder: string, world: World, { book, ...instead }: Opening = {}) {
  let settings: SettingsHolder | null = null // known as soon as the store is open
  const store = await openStore({ folder, world, reserveBytes: () => settings?.now().mailServer.reserveBytes ?? 0 })
  settings = await openSettings(store)
  const settingsNow = settings.now
  const hostname = instead.hostname ?? hostnameOf(settingsNow().server.hostname)
  const directory = await openDirectory({ store, settingsNow, hostname, now: () => world.clock.now() })
  const onLogin = (attempt: Attempt): void => store.notes.noteLogin({ ...attempt, at: world.clock.now() })
  const logins = await openLogins({ directory, store, settingsNow, world, onLogin })
  const resolver = instead.resolver ?? openResolver({ settingsNow, world, systemConfig: systemDns() })
  const listening: Listening[] = []
  const web = nodeWeb((address) => (settingsNow().pop3Client.allowPrivateTargets ? null : targetProblem(address)))
  const accounts = await openRemoteAccounts(store)
  let intake: OpenIntake | null = null // the relay asks when it runs
  const answering: Answering = (acceptance, head) => intake?.answering(acceptance, head) ?? null
  const rooms = { store, directory, resolver, settingsNow, world, hostname }
  const { relay, tables, secret, secrets, credentials } = await openRelay(folder, {
    ...rooms,
    web,
    listening,
    answering,
  })
  const base = { ...rooms, outbound: relay, collectMark: collectMarks(secret) }
  intake = openIntake(base)
  const restored = await openRestored(store)
  const { keepsRemote } = restored
  const onBusy = (accounts: number): void => saveMemory(store, accounts)
  const remote = { accounts, secrets, web, listening: () => listening, localAddresses, keepsRemote, onBusy }
  const collector = pop3Client({ ...base, ...remote, intake })
  const identities = await openIdentities(folder, hostname, world)
  const shared = { store, directory, logins, intake, settingsNow, world, hostname }
  const smtp = mailServer({ ...shared, identity: identities.smtp })
  const pop3 = pop3Server({ ...shared, identity: identities.pop3 })
  const problems: string[] = []
  const figures = figuresOf({ store, world, smtp, pop3, problems, accounts, collector })
  const tutorial = instead.resolver ? null : openTutorial({ world, openSystem: innerSystems(assemble, folder) })
  const peopleParts = { store, logins, directory, secrets, world, settingsNow, setupFile: setupFile(folder) }
  const people = await openPeople(peopleParts)
  const context: Context = {
    ...(tutorial && { tutorial }),
    folder,
    store,
    directory,
    logins,
    people,
    resolver,
    relay: tables,
    outgoing: relay,
    answering,
    reading: openReading(store),
    secrets,
    credentials,
    accounts,
    signIn: openRemoteSignIn({ accounts, secrets, clock: world.clock, web, random: world.random }),
    collector,
    localAddresses,
    backups: openJobs(world.clock),
    restored,
    settings,
    world,
    hostname,
    listening: () => listening,
    running: {
      startedAt: world.clock.now(),
      smtp,
      pop3,
      pages: () => page.pages(),
      certificate: identities,
      log: book ?? null,
      problems: openProblemBook(),
      queue: openQueueLooks(),
    },
  }
  const page: Console = consoleServer({ context, people, identity: identities.console })
  const control = instead.resolver ? null : await serveControl(context) // nobody calls a system inside this one
  const pickup = openPickup(context)
  const chores = openChores(context)
  const listeners: Listener[] = []
  const closers: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    control?.ending()
    chores[Symbol.dispose]()
    await tutorial?.stop()
    await Promise.all([pickup.close(), collector.drain(drainMs), context.backups.close()])
    identities[Symbol.dispose]()
    page.close()
    await Promise.all(listeners.map((listener) => listener.close()).concat(smtp.drain(drainMs), pop3.drain(drainMs)))
    await relay.drain(drainMs)
    await Promise.all(closers.map((close) => close()))
    await control?.close()
    await intake.close()
    await store.close()
  }
  return {
    folder,
    context,
    store,
    smtp,
    pop3,
    relay,
    collector,
    identities,
    figures,
    problems,
    console: page,
    people,
    listening,
    listeners,
    closers,
    stop,
  }
}

/** What comes round by itself: the digest, backups, a look at the queue, forgetting what is old. */
function openChores(context: Context): Disposable {
  const { store, settings, world } = context
  const settingsNow = settings.now
  const chores = new DisposableStack()
  chores.use(openDigest(context))
  chores.use(openBackupSchedule(context))
  chores.use(watchQueue({ queue: store.queue, settingsNow, world }))
  chores.use(watchProblems(context))
  const prune = (): void => {
    const before = (days: number): number => world.clock.now() - days * 86_400_000
    const { trace, console } = settingsNow()
    const work = [
      store.pruneTrace(before(trace.keepDays)),
      store.people.pruneAudit(before(console.auditDays)),
      store.drafts.prune(),
      purgeExpired({ store, settingsNow, clock: world.clock }),
    ]
    for (const one of work) one.catch((error: unknown) => world.log.error('prune', { error }))
  }
  chores.use(world.clock.every(pruneEveryMs, prune))
  return chores
}

type Counted = Pick<Context, 'store' | 'world' | 'accounts' | 'collector'> & {
  readonly smtp: { sessions(): readonly unknown[] }
  readonly pop3: { sessions(): readonly unknown[] }
  readonly problems: readonly string[]
}

/** What the monitor tells. */
const figuresOf = ({ store, world, smtp, pop3, problems, accounts, collector }: Counted) => ({
  store,
  now: () => world.clock.now(),
  sessions: () => ({ smtp: smtp.sessions().length, pop3: pop3.sessions().length }),
  problems: () => problems,
  accounts: () => accounts.all().map(({ settings: { paused }, status }) => ({ paused, status })),
  collected: () => collector.totals(),
})

type RelayNeeds = Pick<
  RelayParts,
  'store' | 'directory' | 'resolver' | 'settingsNow' | 'world' | 'hostname' | 'answering'
> & {
  readonly listening: readonly Listening[]
  readonly web: Web
}

async function openRelay(folder: string, { listening, web, ...parts }: RelayNeeds) {
  const { store, world, settingsNow, hostname } = parts
  const tables = await openRelayTables(store)
  const secret = openSecretKey(folder, world.random)
  const secrets = openSecrets(secret, world.random)
  const credentials = openCredentials({ tables, secrets, clock: world.clock, web })
  const names = () => [hostname, ...settingsNow().server.localNames]
  let known: { own: Own; until: number } | null = null // asking the machine for its addresses takes as long as a message
  const own = (): Own => {
    const now = world.clock.now()
    if (known === null || now >= known.until)
      known = {
        own: ownOf(listening, { names: names(), addresses: localAddresses() }),
        until: now + addressesKnownMs,
      }
    return known.own
  }
  const relay = mailRelay({ ...parts, tables, credentials, secret, own, minuteOfDay })
  return { relay, tables, secret, secrets, credentials }
}

type Identities = {
  readonly smtp: Identity | null
  readonly pop3: Identity | null
  readonly console: Identity | null
  /** Looks for a new pair of files at once. */
  look(): void
  fingerprint(): string | null
  [Symbol.dispose](): void
}

/** One identity a service, so that a TLS ticket of one is worth nothing at the other (STL-11). Renewed files are taken
 *  without restart; bad ones change nothing (STL-14). */
async function openIdentities(folder: string, hostname: string, world: World): Promise<Identities> {
  try {
    const files = await ensureCertificate(folder, hostname)
    const all = [readIdentity(files), readIdentity(files), readIdentity(files)] as const
    const watch = watchCertificate(files, { identities: all, world })
    const [smtp, pop3, page] = all
    const { look } = watch
    return {
      smtp,
      pop3,
      console: page,
      look,
      fingerprint: () => smtp.fingerprint,
      [Symbol.dispose]: () => watch[Symbol.dispose](),
    }
  } catch (error) {
    world.log.error('certificate.unusable', { error })
    const nothing = (): void => undefined
    return { smtp: null, pop3: null, console: null, look: nothing, fingerprint: () => null, [Symbol.dispose]: nothing }
  }
}

async function listenAll(running: Running, asked: readonly string[], log: World['log']): Promise<Listening[]> {
  for (const wanted of wantedListeners(asked, mayTakeLowPorts()))
    running.listening.push(await listenOne(running, wanted, log))
  return running.listening
}

/** A busy port stops only its own listener. SX-09 */
async function listenOne(running: Running, wanted: Wanted, log: World['log']): Promise<Listening> {
  let problem = 'no port was given'
  for (const port of wanted.ports)
    try {
      const at = await open(running, wanted, port)
      return { component: wanted.component, address: hostPort(at.address, at.port), problem: null }
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error)
    }
  log.error('listener', { component: wanted.component, problem })
  running.problems.push(`${wanted.component} does not listen: ${problem}`)
  return { component: wanted.component, address: hostPort(wanted.address, wanted.ports.at(-1) ?? 0), problem }
}

async function open(
  running: Running,
  { component, address }: Wanted,
  port: number,
): Promise<{ address: string; port: number }> {
  if (component === 'metrics') {
    const { monitor } = await import('#/monitor/server.ts')
    const server = await monitor(running.figures, { address, port })
    running.closers.push(() => server.close())
    return server
  }
  if (component === 'console' || component === 'consoles') {
    const listener = await running.console.listen({ address, port, tls: component === 'consoles' })
    running.listeners.push(listener)
    return listener
  }
  const listener =
    component === 'pop3' || component === 'pop3s'
      ? await running.pop3.listen({ address, port, implicitTls: component === 'pop3s' })
      : await running.smtp.listen({ address, port, listener: component })
  running.listeners.push(listener)
  return listener
}

const hostPort = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

function stopSignal(): Promise<void> {
  return new Promise((done) => {
    process.once('SIGTERM', done)
    process.once('SIGINT', done)
  })
}

/** The name of the settings, or of the machine; always a valid one. */
export function hostnameOf(wanted: string): string {
  const name = parseDomain(wanted === '' ? os.hostname() : wanted)
  return name.ok ? name.value : 'localhost.localdomain'
}

export const systemDns = (): string => (existsSync('/etc/resolv.conf') ? readFileSync('/etc/resolv.conf', 'utf8') : '')
