// The POP3 Client over a real store in a folder of its own, with real sockets and a clock that sleeps fast, for scripts of
// what remote servers do. Mailboxes ann and bob at example.org. `check` is the law that no script may break.
import assert from 'node:assert/strict'
import { after } from 'node:test'
import { openDirectory } from '#/accounts/directory.ts'
import { openSecrets } from '#/accounts/secrets.ts'
import { defaultSettings, type Settings } from '#/config/settings.ts'
import { remoteAccountSchema, type AccountStatus, type RemoteAccount } from '#/config/remote-accounts.ts'
import { targetProblem } from '#/dns/targets.ts'
import type { Resolver } from '#/dns/resolver.ts'
import { openIntake } from '#/intake/open.ts'
import { collectMarks } from '#/message/marks.ts'
import { openRemoteAccounts } from '#/pop3-client/accounts.ts'
import { remoteSecretOf } from '#/pop3-client/credentials.ts'
import { openRestored } from '#/operations/restored.ts'
import { pop3Client as openPop3Client } from '#/pop3-client/open.ts'
import type { RunReport } from '#/pop3-client/types.ts'
import type { AccountId, RemoteRow } from '#/storage/collected.ts'
import { openStore, type OpenOptions } from '#/storage/open.ts'
import type { Store } from '#/storage/store.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { nodeNet } from '#/world/node/net.ts'
import { openSecretKey } from '#/world/node/secret-key.ts'
import { nodeWeb } from '#/world/node/web.ts'
import type { Clock, Log, Net, Web, World } from '#/world/world.ts'
import { Pop3Remote, type RemoteOptions } from './pop3-remote.ts'
import { dataFolder } from './serve.ts'

export const dayMs = 86_400_000
const sleepsFaster = 50

export type RigOptions = {
  readonly settings?: Partial<Settings['pop3Client']>
  readonly faults?: NonNullable<OpenOptions['faults']>
  /** Of another rig, which has ended. */
  readonly folder?: string
  /** Where host names lead; others lead to the loopback. */
  readonly hosts?: Readonly<Record<string, readonly string[]>>
  /** Listeners of our own POP3 Server. */
  readonly listening?: () => readonly string[]
  readonly web?: Web
}
type Checked = { readonly mailboxes: readonly number[]; readonly given?: readonly string[] }
type Parts = Awaited<ReturnType<typeof assemble>>

export class CollectRig implements AsyncDisposable {
  readonly store: Store
  readonly collector: Parts['collector']
  readonly accounts: Parts['accounts']
  readonly directory: Parts['directory']
  readonly ann: number
  readonly bob: number
  readonly folder: string
  /** Addresses and ports to which the collector connected. */
  readonly connects: readonly string[]
  readonly logged: readonly string[]
  /** Whether the folder came out of a backup. */
  readonly restored: Parts['restored']
  readonly world: World
  /** Whether sessions are under way, as the collector told it. */
  readonly busy: readonly number[]
  readonly #parts: Parts
  #boxes = 0
  #named = 0
  readonly #deletedHere: string[] = []

  constructor(parts: Parts) {
    this.#parts = parts
    const { store, collector, accounts, directory, ann, bob, folder, connects, logged, world } = parts
    this.store = store
    this.collector = collector
    this.accounts = accounts
    this.directory = directory
    this.restored = parts.restored
    ;[this.ann, this.bob, this.folder] = [ann, bob, folder]
    ;[this.connects, this.logged, this.world] = [connects, logged, world]
    this.busy = parts.busy
  }

  static async open(options: RigOptions = {}): Promise<CollectRig> {
    return new CollectRig(await assemble(options))
  }

  get settingsNow(): () => Settings {
    return () => this.#parts.settings
  }

  /** Answers what undoes it. */
  set(changes: Partial<Settings['pop3Client']>): () => void {
    const { settings } = this.#parts
    const before = settings.pop3Client
    settings.pop3Client = { ...before, ...changes }
    return () => void (settings.pop3Client = before)
  }

  /** A new one. */
  async mailbox(): Promise<number> {
    const { id } = await this.store.addMailbox(`box${++this.#boxes}`, 1)
    await this.directory.reload()
    return id
  }

  /** As an administrator makes it: everything from the first run on, without TLS, deleted there once it is here. */
  async account(
    { port }: { readonly port: number },
    changes: Partial<RemoteAccount> = {},
    password = 'secret',
  ): Promise<AccountId> {
    const { host = 'pop.far.example', auth = { kind: 'password', user: 'ann', secret: '' } } = changes
    const secret = this.#parts.secrets.seal(password, remoteSecretOf({ host, auth }, 'password'))
    const settings = remoteAccountSchema.parse({
      name: `far${this.#named++}`, // also when several are added at once
      mailbox: this.ann,
      port,
      tls: 'none',
      plainAuthAllowed: true,
      privateAllowed: true,
      first: 'everything',
      leave: false,
      ...changes,
      host,
      auth: auth.kind === 'password' ? { ...auth, secret } : auth,
    })
    return (await this.accounts.add(settings)).id
  }

  change(id: AccountId, changes: Partial<RemoteAccount>): Promise<boolean> {
    return this.accounts.edit(id, (now) => ({ ...now, ...changes }))
  }

  /** Moves the clock. */
  later(ms: number): void {
    this.#parts.ahead.ms += ms
  }

  /** Whole messages, latin1. */
  async whole(mailbox = this.ann): Promise<string[]> {
    const { uids } = await this.store.list(mailbox)
    const texts: string[] = []
    for (const uid of uids) {
      const parts: Uint8Array[] = []
      for await (const part of this.store.openMessage(mailbox, uid)) parts.push(part)
      texts.push(Buffer.concat(parts).toString('latin1'))
    }
    return texts
  }

  /** The octets of what was collected, below the fields that we put on top. */
  async mail(mailbox = this.ann): Promise<string[]> {
    const texts = (await this.whole(mailbox)).filter((text) => ours.test(text)).map((text) => text.replace(ours, ''))
    return texts.filter((text) => !text.startsWith('From: POP3 Client <')) // fetched raw, as a part of a message of ours
  }

  /** Somebody deletes messages in the mailbox here. */
  async deleteHere(uids: readonly number[], mailbox = this.ann): Promise<void> {
    this.#deletedHere.push(...(await this.mail(mailbox)))
    const common = { client: null, from: null, to: [], subject: null, messageId: null, detail: {} }
    await this.store.removeEntries(mailbox, uids, { ref: 'r', at: 1, step: 'deleted', ...common })
  }

  /** What was deleted there is here octet by octet, unless it is `given` up by choice; nothing is here more often than there
   *  were UIDs for it; nothing was sent on. */
  async check(remotes: readonly Pop3Remote[], { mailboxes, given = [] }: Checked): Promise<void> {
    const here = (await Promise.all(mailboxes.map((id) => this.mail(id)))).flat()
    const kept = new Set([...here, ...this.#deletedHere])
    for (const remote of remotes) {
      const lost = remote.gone.filter(({ octets, uid }) => !kept.has(ended(octets)) && !given.includes(uid))
      assert.deepEqual(lost.map(({ uid }) => uid), [], 'deleted there without a copy here') // prettier-ignore
      for (const octets of new Set(here)) {
        const count = here.filter((one) => one === octets).length
        const there = remotes.reduce((sum, { seen }) => sum + (seen.get(octets)?.size ?? 0), 0)
        assert.ok(count <= there, `${count} copies here of what was there ${there} times`)
      }
    }
    assert.equal((await this.store.facts()).waiting, 0, 'something was sent on')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.close()
  }
}

/** A message without a line end gets one: there is no other way to send it. RFC 1939 §3 */
export const ended = (octets: string): string => (octets === '' || octets.endsWith('\r\n') ? octets : `${octets}\r\n`)

/** The fields of message/trace-fields.ts. */
const ours =
  /^Received: from [^\r]*\r\n\tby [^\r]*\r\n(?:\t\([^\r]*\r\n)?\t[^\r]*\r\nX-NetCruiser-Collected: [^\r]*\r\n\tuid="[^\r]*\r\n(?:\tmark=[0-9a-f]*\r\n)?/

async function assemble(options: RigOptions) {
  const made = options.folder === undefined ? dataFolder() : null
  const folder = options.folder ?? made!.path
  const [ahead, connects, logged] = [{ ms: 0 }, [] as string[], [] as string[]]
  const net = nodeNet(clock)
  const world: World = { clock: fast(ahead), random: randomPool(), net: watched(net, connects), log: kept(logged) }
  const { faults } = options
  const store = await openStore({ folder, world, reserveBytes: () => 0, ...(faults && { faults }) })
  const { ann, bob } = await mailboxes(store)
  const pop3Client = { ...defaultSettings.pop3Client, ...patience, ...options.settings }
  const settings = { ...defaultSettings, pop3Client }
  const settingsNow = (): Settings => settings
  const hostname = 'mx.example.org'
  const directory = await openDirectory({ store, settingsNow, hostname, now: () => world.clock.now() })
  const resolver = tableOf(options.hosts ?? {})
  const secretKey = openSecretKey(folder, world.random)
  const secrets = openSecrets(secretKey, world.random)
  const accounts = await openRemoteAccounts(store)
  const base = { store, directory, resolver, settingsNow, world, hostname, collectMark: collectMarks(secretKey) }
  const intake = openIntake(base)
  const web = options.web ?? nodeWeb(targetProblem)
  const listening = () =>
    (options.listening?.() ?? []).map((address) => ({ component: 'pop3', address, problem: null }))
  const localAddresses = () => ['127.0.0.1']
  const restored = await openRestored(store)
  const { keepsRemote } = restored
  const busy: number[] = []
  const onBusy = (accounts: number): void => void busy.push(accounts)
  const doors = { web, listening, localAddresses, intake, keepsRemote, onBusy }
  const collector = openPop3Client({ ...base, accounts, secrets, ...doors })
  const close = async (): Promise<void> => {
    await collector.drain(1000)
    await intake.close()
    await store.close()
    net[Symbol.dispose]()
    made?.[Symbol.dispose]()
  }
  return {
    store,
    directory,
    settings,
    accounts,
    collector,
    restored,
    secrets,
    world,
    ann,
    bob,
    folder,
    ahead,
    connects,
    logged,
    busy,
    close,
  }
}

/** Long enough for a busy machine; scripts of silence say less. */
const patience = { connectMs: 10_000, replyMs: 10_000, loginReplyMs: 10_000 }

async function mailboxes(store: Store): Promise<{ ann: number; bob: number }> {
  const rows = await store.mailboxes()
  if (rows.length > 0) return { ann: rows[0]!.id, bob: rows[1]!.id }
  await store.putDomain({ name: 'example.org', mode: 'by-name', target: null })
  return { ann: (await store.addMailbox('ann', 1)).id, bob: (await store.addMailbox('bob', 1)).id }
}

const fast = (ahead: { readonly ms: number }): Clock => ({
  now: () => clock.now() + ahead.ms,
  sleep: (ms, signal) => clock.sleep(ms / sleepsFaster, signal),
  every: (ms, work) => clock.every(ms, work),
})

const watched = (net: Net, connects: string[]): Net => ({
  listen: (options, onConnection) => net.listen(options, onConnection),
  connect: (options) => {
    connects.push(`${options.address} ${options.port}`)
    return net.connect(options)
  },
})

function kept(logged: string[]): Log {
  const note = (event: string, fields: unknown): void => void logged.push(`${event} ${JSON.stringify(fields)}`)
  return { info: note, warn: note, error: note }
}

function tableOf(hosts: NonNullable<RigOptions['hosts']>): Resolver {
  const look: Resolver['addresses'] = (name) =>
    Promise.resolve({ is: 'found', records: hosts[name] ?? ['127.0.0.1'], ttlMs: 1000 })
  return { addresses: look, ptr: look, confirmedName: () => null }
}

/** One scripted server, one account of it and the mailbox into which it is collected. */
export class Script {
  readonly rig: CollectRig
  readonly remote: Pop3Remote
  readonly id: AccountId
  readonly mailbox: number

  constructor(rig: CollectRig, remote: Pop3Remote, { id, mailbox }: { id: AccountId; mailbox: number }) {
    ;[this.rig, this.remote, this.id, this.mailbox] = [rig, remote, id, mailbox]
  }

  /** The last report. */
  async run(times = 1): Promise<RunReport> {
    let report = await this.rig.collector.run(this.id)
    for (let i = 1; i < times; i++) report = await this.rig.collector.run(this.id)
    return report
  }

  get status(): AccountStatus {
    return this.rig.accounts.byId(this.id)!.status
  }

  mail = (): Promise<string[]> => this.rig.mail(this.mailbox)
  sorted = async (): Promise<string[]> => (await this.mail()).toSorted()
  rows = (): Promise<RemoteRow[]> => this.rig.store.collected.messages(this.id)
  states = async (): Promise<string[]> => (await this.rows()).map(({ uid, state }) => `${uid} ${state}`).toSorted()
  change = (changes: Partial<RemoteAccount>): Promise<boolean> => this.rig.change(this.id, changes)
  later = (ms: number): void => this.rig.later(ms)
}

type Scripted = RemoteOptions & {
  readonly account?: Partial<RemoteAccount>
  readonly settings?: Partial<Settings['pop3Client']>
  /** A rig of its own; otherwise the one of the file. */
  readonly rig?: RigOptions
}

let shared: Promise<CollectRig> | null = null
after(async () => {
  const rig = await shared
  assert.deepEqual((await rig?.store.verify())?.problems ?? [], [])
  await rig?.[Symbol.asyncDispose]()
})

/** The law is checked behind the work. It resolves with UIDs that somebody chose to lose. */
export async function scripted(
  options: Scripted,
  work: (script: Script) => Promise<{ given?: readonly string[] } | void>,
): Promise<void> {
  await using own = options.rig ? await CollectRig.open(options.rig) : null
  const rig = own ?? (await (shared ??= CollectRig.open()))
  await using remote = await Pop3Remote.open(options)
  const mailbox = await rig.mailbox()
  const id = await rig.account(remote, { mailbox, ...options.account })
  const undo = rig.set(options.settings ?? {})
  try {
    const { given = [] } = (await work(new Script(rig, remote, { id, mailbox }))) ?? {}
    await rig.check([remote], { mailboxes: [mailbox], given })
  } finally {
    undo()
  }
}
