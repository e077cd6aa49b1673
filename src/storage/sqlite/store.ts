// The store on SQLite: turns calls into units for the writer and questions for the reader. Knows no rules of mail.
import { createReadStream } from 'node:fs'
import { messageKey } from '#/message/key.ts'
import type { ContentFolder } from '../content.ts'
import type { Ids, OpenOptions } from '../open.ts'
import { Leases } from '../leases.ts'
import { fileChunkBytes } from '../limits.ts'
import { migrations } from '../schema.ts'
import type { DeliveryRow } from '../queue.ts'
import { deliveriesOf } from '../queue-units.ts'
import * as units from '../units.ts'
import { StoreError, type Acceptance, type Listing, type MailboxRow, type MailboxState, type Store } from '../store.ts'
import type {
  AccessRow,
  AddressRow,
  AppPasswordRow,
  DomainRow,
  MailboxChanges,
  NewAppPassword,
  SettingChange,
  Spool,
  StuffedRun,
  TraceEvent,
} from '../store.ts'
import { Tally } from '../tally.ts'
import type { Versions } from '../topics.ts'
import type { Unit, Value } from '../work.ts'
import type { ReadName } from '../sql/reads.ts'
import { checked } from './checked.ts'
import { SqliteAway } from './away.ts'
import { SqliteCollected } from './collected.ts'
import { SqliteDrafts } from './drafts.ts'
import { SqlitePeople } from './people.ts'
import { SqliteEntries } from './entries.ts'
import { SqliteNotes } from './notes.ts'
import { SqliteQueue } from './queue.ts'
import { SqliteStories } from './stories.ts'
import type { Reader } from './reader.ts'
import { SqliteRestoring } from './restoring.ts'
import * as rows from './rows.ts'
import { Scanner } from './scanner.ts'
import { watchSpace, type Space } from './space.ts'
import type { Verified } from './verify.ts'
import type { Writer } from './writer.ts'

export type Parts = OpenOptions & {
  writer: Writer
  reader: Reader
  openReader: () => Reader
  contents: ContentFolder
  lock: Disposable
  ids: Ids
}

export class SqliteStore implements Store {
  readonly queue: SqliteQueue
  readonly collected: SqliteCollected
  readonly away: SqliteAway
  readonly restoring: SqliteRestoring
  readonly notes: SqliteNotes
  readonly drafts: SqliteDrafts
  readonly people: SqlitePeople
  readonly stories: SqliteStories
  readonly entries: SqliteEntries
  readonly #p: Parts
  readonly #ids: Ids
  readonly #space: Space
  readonly #leases = new Leases()
  #events = 0
  readonly #scanner: Scanner
  #closed = false

  constructor(parts: Parts) {
    this.#p = parts
    this.#ids = { ...parts.ids }
    this.#scanner = new Scanner(parts.reader, parts.openReader)
    const doors = {
      run: (unit: Unit) => parts.writer.run(unit),
      held: (unit: Unit) => this.#held(unit),
      rows: (run: ReadName, ...values: Value[]) => this.#rows(run, ...values),
      scan: (run: ReadName, ...values: Value[]) => this.#scanner.rows(run, ...values),
      number: this.#number,
    }
    const files = {
      openFile: (name: string) => this.#file(name),
      removeFile: (name: string) => parts.contents.remove(name),
      contentId: () => ++this.#ids.content,
    }
    this.queue = new SqliteQueue({ ...doors, ...files, writer: parts.writer })
    this.collected = new SqliteCollected({ ...doors, accountId: () => ++this.#ids.account })
    this.away = new SqliteAway(doors)
    this.drafts = new SqliteDrafts({ ...doors, ...files })
    this.people = new SqlitePeople(doors)
    this.stories = new SqliteStories({
      run: doors.run,
      written: () => parts.writer.written,
      scan: doors.scan,
      clock: parts.world.clock,
      whole: parts.ids.storiesWhole,
    })
    this.restoring = new SqliteRestoring({ contents: parts.contents, run: doors.run, scan: doors.scan })
    this.entries = new SqliteEntries({
      ...doors,
      heads: (page) => this.#scanner.thread.ask({ ask: 'heads', ...page }),
      removeFile: (name) => parts.contents.remove(name),
      world: parts.world,
    })
    const tally = new Tally(parts.ids.figures)
    this.notes = new SqliteNotes({ ...doors, tally, clock: parts.world.clock })
    parts.writer.onDurable = (unit) => {
      this.stories.note(unit)
      tally.take(unit)
    }
    this.#space = watchSpace(parts)
  }

  get versions(): Versions {
    return this.#p.writer.versions
  }

  spool(): Spool {
    return this.#p.contents.spool(messageKey(this.#p.world.clock.now(), this.#p.world.random.bytes(10)))
  }

  canAccept(): 'yes' | 'full' | 'failed' {
    if (this.#p.writer.failed || this.#p.contents.broken) return 'failed'
    return this.#space.hasRoom() ? 'yes' : 'full'
  }

  saveMemory = (lean: boolean): void => this.#p.writer.saveMemory(lean)

  async accept(acceptance: Acceptance, notice?: Acceptance): Promise<readonly DeliveryRow[]> {
    if (this.#p.contents.broken) throw new StoreError('failed', 'A content file could not be written')
    const { content } = acceptance
    const [unit, made] = this.#accepting(acceptance)
    const [more, alsoMade] = notice ? this.#accepting(notice) : [[], none]
    const behind = acceptance.written && (await this.drafts.behind(acceptance.written))
    try {
      await this.#p.writer.run(notice ? [...unit, ...more] : unit, { bytes: content.sizeBytes })
      behind?.()
      return alsoMade.length === 0 ? made : [...made, ...alsoMade]
    } catch (error) {
      // After a failed commit nobody knows whether a row names the file: the sweep of the next start decides.
      const { file } = content
      if (file !== null && error instanceof StoreError && error.kind !== 'failed') this.#p.contents.remove(file)
      throw error
    }
  }

  #accepting(acceptance: Acceptance): [Unit, readonly DeliveryRow[]] {
    const id = ++this.#ids.content
    const { content, remote } = acceptance
    if (remote.length > 0) this.queue.remember(id, content.chunks?.[0])
    const deliveries = remote.length === 0 ? none : deliveriesOf(acceptance, id)
    return [units.acceptUnit(acceptance, { contentId: id, deliveries, number: this.#number() }), deliveries]
  }

  // --- identity and rules

  mailboxes = async (): Promise<MailboxRow[]> => (await this.#rows('mailboxes')).map(rows.mailboxOf)
  domains = async (): Promise<DomainRow[]> => (await this.#rows('domains')).map(rows.domainOf)
  addresses = async (): Promise<AddressRow[]> => (await this.#rows('addresses')).map(rows.addressOf)
  access = async (): Promise<AccessRow[]> => (await this.#rows('access')).map(rows.accessOf)

  async addMailbox(name: string, at: number): Promise<MailboxRow> {
    const id = ++this.#ids.mailbox
    await this.#p.writer.run([{ run: 'addMailbox', with: [id, name, Math.floor(at / 1000), at] }])
    return this.#mailbox(id)
  }

  async changeMailbox(id: number, changes: MailboxChanges): Promise<void> {
    await this.#p.writer.run(units.changeMailboxUnit(id, changes))
  }

  purgeMailbox = (id: number): Promise<void> => this.entries.purgeMailbox(id)

  putDomain = (d: DomainRow): Promise<void> =>
    this.#p.writer.run([{ run: 'putDomain', with: [d.name, d.mode, d.target] }])
  removeDomain = (name: string): Promise<boolean> => this.#removed('dropDomain', name)
  putAddress = (a: AddressRow): Promise<void> =>
    this.#p.writer.run([{ run: 'putAddress', with: [a.address, JSON.stringify(a.targets), a.note, a.expiresAt] }])
  removeAddress = (address: string): Promise<boolean> => this.#removed('dropAddress', address)

  async putAccess(a: Omit<AccessRow, 'id' | 'lastUsedAt' | 'uses'>): Promise<number> {
    const id = ++this.#ids.access
    await this.#p.writer.run([{ run: 'putAccess', with: [id, ...units.accessValues(a)] }])
    return id
  }
  changeAccess = (id: number, a: Parameters<Store['changeAccess']>[1]): Promise<void> =>
    this.#p.writer.run([{ run: 'changeAccess', with: [id, ...units.accessValues(a)], changes: 1 }])
  removeAccess = (id: number): Promise<boolean> => this.#removed('dropAccess', id)
  noteAccessUse = (id: number, uses: number, at: number): Promise<void> =>
    this.#p.writer.run([{ run: 'noteAccess', with: [id, uses, at] }])
  noteLogin = (mailbox: number, at: number, from: string): Promise<void> =>
    this.#p.writer.run([{ run: 'noteLogin', with: [mailbox, at, from] }])

  appPasswords = async (mailbox: number): Promise<AppPasswordRow[]> =>
    (await this.#rows('appPasswords', mailbox)).map(rows.appPasswordOf)
  appPassword = async (selector: string): Promise<AppPasswordRow | undefined> =>
    (await this.#rows('appPassword', selector)).map(rows.appPasswordOf)[0]
  addAppPassword = (a: NewAppPassword, max: number): Promise<void> => {
    const values = [a.selector, a.mailbox, a.label, a.argon2, a.scram, a.createdAt, max]
    return this.#p.writer.run([{ run: 'addAppPassword', with: values, changes: 1 }])
  }
  removeAppPassword = (mailbox: number, label: string): Promise<boolean> =>
    this.#held([{ run: 'dropAppPassword', with: [mailbox, label], changes: 1 }])
  noteAppPasswordUse = (selector: string, at: number, from: string): Promise<void> =>
    this.#p.writer.run([{ run: 'noteAppPassword', with: [selector, at, from] }])

  // --- settings

  async settings(): Promise<Map<string, unknown>> {
    return new Map(
      (await this.#rows('settings')).map((row) => [String(row['name']), JSON.parse(String(row['value'])) as unknown]),
    )
  }

  async putSettings(changes: ReadonlyMap<string, unknown>, by: string, at: number): Promise<void> {
    const steps = [...changes].flatMap(([name, value]): units.Steps => {
      const json = value === undefined ? null : JSON.stringify(value)
      const log = { run: 'logSetting', with: [at, by, name, json] } as const
      return [log, json === null ? { run: 'dropSetting', with: [name] } : { run: 'putSetting', with: [name, json] }]
    })
    await this.#p.writer.run(steps)
  }

  async settingsHistory(): Promise<SettingChange[]> {
    const parse = (json: rows.Raw[string] | undefined): unknown =>
      typeof json === 'string' ? JSON.parse(json) : undefined
    return (await this.#rows('settingHistory')).map((row) => ({
      n: Number(row['n']),
      at: Number(row['at']),
      by: String(row['by']),
      name: String(row['name']),
      before: parse(row['before']),
      after: parse(row['after']),
    }))
  }

  // --- tables of the relay

  alternates = async (): Promise<{ name: string; value: string }[]> =>
    (await this.#rows('alternates')).map((row) => ({ name: String(row['name']), value: String(row['value']) }))
  putAlternate = (name: string, json: string): Promise<void> =>
    this.#p.writer.run([{ run: 'putAlternate', with: [name, json] }])
  removeAlternate = (name: string): Promise<boolean> => this.#removed('dropAlternate', name)
  routes = async (): Promise<string[]> => (await this.#rows('routes')).map((row) => String(row['value']))
  putRoutes = (jsons: readonly string[]): Promise<void> =>
    this.#p.writer.run([
      { run: 'clearRoutes', with: [] },
      ...jsons.map((json, i): units.Steps[number] => ({ run: 'addRoute', with: [i, json] })),
    ])

  // --- maildrops

  async mailboxState(mailbox: number): Promise<MailboxState> {
    const row = (await this.#rows('state', mailbox))[0]
    if (!row) throw new StoreError('missing', 'The mailbox is gone')
    return rows.stateOf(row)
  }

  async list(mailbox: number): Promise<Listing> {
    const state = await this.mailboxState(mailbox)
    const packed = await this.#p.reader.ask<{ uids: Uint32Array; sizes: Float64Array; uidls: [number, string][] }>({
      ask: 'list',
      mailbox,
    })
    return {
      mailbox,
      changeNumber: state.changeNumber,
      uidValidity: state.uidValidity,
      ...packed,
      uidls: new Map(packed.uidls),
    }
  }

  readStuffed(mailbox: number, uids: Uint32Array, bytesMax: number): Promise<StuffedRun> {
    return this.#p.reader.ask<StuffedRun>({ ask: 'stuffed', mailbox, uids, bytesMax })
  }

  async *openMessage(mailbox: number, uid: number): AsyncGenerator<Uint8Array> {
    const row = (await this.#rows('content', mailbox, uid))[0] as Record<string, unknown> | undefined
    if (!row) throw new StoreError('missing', 'The message is gone')
    const file = row['file'] as string | null // STRICT columns
    yield Buffer.from(String(row['prefix']), 'latin1')
    if (row['size'] === null) throw new StoreError('failed', 'The content is missing')
    yield* checked(file === null ? [row['octets'] as Uint8Array] : this.#file(file), row) // STRICT columns
  }

  messagesOf = async (mailbox: number, uids: readonly number[]): Promise<string[]> =>
    (await this.#rows('messagesOf', mailbox, JSON.stringify(uids))).map(({ message }) => String(message))
  uidOf = async (mailbox: number, message: string): Promise<number | null> =>
    ((await this.#scanner.rows('uidsOf', mailbox, message))[0]?.['uid'] as number | undefined) ?? null // STRICT column

  async removeEntries(mailbox: number, uids: readonly number[], event: TraceEvent): Promise<void> {
    const files = await this.#rows('filesOf', mailbox, JSON.stringify(uids))
    const detail = { ...event.detail, stored: await this.messagesOf(mailbox, uids) }
    await this.#p.writer.run(units.removeUnit({ mailbox, uids, event: { ...event, detail } }, this.#number()))
    for (const { file } of files) this.#p.contents.remove(String(file))
  }

  lockMaildrop(mailbox: number, holder: string, term: { now: number; until: number }): Promise<boolean> {
    return Promise.resolve(this.#leases.take(mailbox, holder, term))
  }
  unlockMaildrop(mailbox: number, holder: string): Promise<void> {
    return Promise.resolve(this.#leases.drop(mailbox, holder))
  }
  importUidl = (mailbox: number, uid: number, uidl: string): Promise<void> =>
    this.#p.writer.run([{ run: 'setUidl', with: [mailbox, uid, uidl], changes: 1 }])

  // --- trace, care

  record(events: readonly TraceEvent[]): Promise<void> {
    return this.#p.writer.run(events.map((event) => units.traceStep(event, this.#number())))
  }

  trace: Store['trace'] = (query) => this.stories.trace(query)

  async pruneTrace(before: number): Promise<void> {
    const ref = messageKey(before, new Uint8Array(10))
    await this.#p.writer.run([{ run: 'pruneTrace', with: [ref] }])
    await this.stories.prune(ref)
  }

  async verify(onShare?: (share: number) => void): Promise<Verified> {
    const reader = this.#p.openReader()
    try {
      return await reader.ask<Verified>({ ask: 'verify' }, onShare)
    } finally {
      await reader.close()
    }
  }

  async facts(): Promise<{ engine: string; schema: number; messages: number; contentBytes: number; waiting: number }> {
    const row = (await this.#rows('facts'))[0] ?? {}
    return {
      engine: 'SQLite',
      schema: migrations.length,
      messages: Number(row['messages']),
      contentBytes: Number(row['bytes']),
      waiting: Number(row['waiting']),
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#space[Symbol.dispose]()
    await this.notes.close()
    await this.stories.close().catch(() => undefined) // a store that failed
    await this.#p.writer.close()
    await this.#p.reader.close()
    await this.#scanner.close()
    this.#p.lock[Symbol.dispose]()
  }

  readonly #number = (): number => ++this.#events

  #rows(run: ReadName, ...parameters: Value[]): Promise<rows.Raw[]> {
    return this.#p.reader.ask<rows.Raw[]>({ ask: 'rows', run, with: parameters })
  }

  async #mailbox(id: number): Promise<MailboxRow> {
    const row = (await this.#rows('mailbox', id))[0]
    if (!row) throw new StoreError('missing', 'The mailbox is gone')
    return rows.mailboxOf(row)
  }

  #removed(run: 'dropDomain' | 'dropAddress' | 'dropAccess' | 'dropAlternate', key: Value): Promise<boolean> {
    return this.#held([{ run, with: [key], changes: 1 }])
  }

  async #held(unit: units.Steps): Promise<boolean> {
    try {
      await this.#p.writer.run(unit)
      return true
    } catch (error) {
      if (error instanceof StoreError && error.kind === 'conflict') return false
      throw error
    }
  }

  #file(name: string): AsyncIterable<Uint8Array> {
    return createReadStream(this.#p.contents.file(name), { highWaterMark: fileChunkBytes }) as AsyncIterable<Uint8Array> // no encoding set
  }
}

const none: readonly DeliveryRow[] = []
