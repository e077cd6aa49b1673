// Mail Relay: empties the outbound queue. Opened by main; puts the parts of this room together. Never speaks SMTP itself
// (session.ts) and never decides a fate (settle.ts).
import type { SettingsNow } from '#/config/settings.ts'
import type { Directory } from '#/accounts/types.ts'
import type { MailResolver } from '#/dns/resolver.ts'
import { prepareOwn, type OwnMail, type Prepared } from '#/intake/own.ts'
import type { IntakeParts } from '#/intake/parts.ts'
import type { Answering, Outbound } from '#/intake/types.ts'
import type { Domain } from '#/message/address.ts'
import { forwardMark } from '#/message/marks.ts'
import { restoreSender, rewriteSender } from '#/message/srs.ts'
import type { DeliveryRow } from '#/storage/queue.ts'
import type { MailboxId, Store } from '#/storage/store.ts'
import type { Instant, World } from '#/world/world.ts'
import { openAlerts, type Alerts, type StandingProblem } from './alerts.ts'
import type { AlternateCredentials } from './credentials.ts'
import { Detours } from './detours.ts'
import { Engine } from './engine.ts'
import { Health } from './health.ts'
import { findHops } from './hops.ts'
import type { Own } from './hop-types.ts'
import { openLocalKeeping } from './keep-local.ts'
import { openNotices, type Notices } from './notices.ts'
import { Pool } from './pool.ts'
import { ladderFor, tlsFor, type Ladder, type RelayMail, type TlsPolicy } from './routes.ts'
import { mailFor } from './sendable.ts'
import { openSenderProof, type SenderProof } from './sender-proof.ts'
import { SizesTold } from './sizes-told.ts'
import type { RelayTables } from './tables.ts'
import { walk } from './walk.ts'

export type RelayParts = {
  readonly store: Store
  readonly directory: Directory
  readonly resolver: MailResolver
  readonly settingsNow: SettingsNow
  readonly world: World
  readonly hostname: string
  readonly tables: RelayTables
  readonly credentials: AlternateCredentials
  /** Signs the senders of forwarded mail. */
  readonly secret: Uint8Array
  /** How this server knows itself, as it is now. */
  readonly own: () => Own
  /** Left out: nobody is away. */
  readonly answering?: Answering
  /** By the clock on the wall here; left out: UTC. */
  readonly minuteOfDay?: (at: Instant) => number
}
/** `start` resolves when what an earlier run left is in order; nothing is sent before. */
export type Relay = Outbound & {
  start(): Promise<void>
  /** No attempt begins any more; resolves when those under way are over, or after `ms`. */
  drain(ms: number): Promise<void>
  /** Settings, routes or the queue changed by hand: look again; `fresh` forgets which hosts did not answer. */
  wake(options?: { fresh?: boolean }): void
  /** Sends what waits now, whatever mailRelay.sendWhen says. */
  flush(): Promise<void>
  readonly active: () => number
  /** Sentences about what only the operator can mend. */
  readonly problems: () => readonly string[]
  readonly standing: () => readonly StandingProblem[]
  /** The ladder as mail to this destination takes it now: round what leads nowhere. RO-16, RO-35 */
  readonly around: (ladder: Ladder, destination: string) => Ladder
  /** The largest message that this alternate server said it takes when it was last spoken to; null: nothing is known. */
  readonly sizeBytesMaxOf: (alternate: string) => number | null
}

export function mailRelay(parts: RelayParts): Relay {
  const { store, world, settingsNow, hostname, tables, resolver, credentials } = parts
  const relaySettings = () => settingsNow().mailRelay
  const intake: IntakeParts = { ...parts, resolver }
  const [health, detours, sizes] = [new Health(), new Detours(), new SizesTold()]
  const pool = new Pool({ world, settingsNow: relaySettings, credentials, hostname, noteSize: sizes.note })
  const rules = () => ({ settings: relaySettings(), rows: tables.routes(), alternates: tables.alternates() })
  const { alerts, ...told } = telling(parts, intake, detours)
  const around: Relay['around'] = (ladder, destination) => detours.around(ladder, destination, world.clock.now())
  const engine = new Engine({
    queue: store.queue,
    world,
    settingsNow: relaySettings,
    minuteOfDay: parts.minuteOfDay,
    ...told,
    node: Buffer.from(world.random.bytes(8)).toString('hex'),
    grouping: { ladderFor: (row) => around(ladderFor(relayMail(row), rules()), row.destination) },
    exchangersOf: (destination) => exchangersOf(destination, resolver, tlsFor(destination, relaySettings())),
    isLocal: (destination) => parts.directory.isLocalDomain(destination as Domain), // of an address that was parsed
    keepLocal: openLocalKeeping({ ...intake, queue: store.queue, settling: { settingsNow: relaySettings, ...told } }),
    walk: async (batch) => {
      const content = await store.queue.content(batch.rows[0]!)
      const settings = relaySettings()
      return walk(batch, {
        clock: world.clock,
        findHops: (asked) => findHops(asked, { resolver, settings, random: world.random, own: parts.own() }),
        conversations: pool,
        health,
        detours,
        tlsFor: (domain) => tlsFor(domain, settings),
        mail: (rows) => mailFor(rows, content, () => store.queue.content(rows[0]!)),
        attemptMs: settings.attemptMs,
        routeTriesMax: settings.routeTriesMax,
      })
    },
  })
  return {
    ...senders(parts),
    start: () => engine.start(),
    async drain(ms) {
      await engine.stop(ms)
      await pool.close()
    },
    wake({ fresh } = {}) {
      if (fresh) for (const known of [health, detours]) known.forget()
      engine.wake({ reread: true })
    },
    flush: async () => {
      health.forget()
      await engine.flush()
    },
    claim: (count) => engine.claim(count),
    queued: (rows) => engine.queued(rows),
    active: () => engine.active,
    problems: () => alerts.problems(world.clock.now()),
    standing: () => alerts.standing(world.clock.now()),
    around,
    sizeBytesMaxOf: sizes.of,
  }
}

type Telling = { readonly notices: Notices; readonly alerts: Alerts; readonly proof: SenderProof }

/** Who hears of what an attempt came to: senders that are known, and the postmaster. */
function telling(parts: RelayParts, intake: IntakeParts, detours: Detours): Telling {
  const { store, world, hostname, settingsNow } = parts
  const prepare = (mail: OwnMail): Promise<Prepared> => prepareOwn(intake, mail)
  const notices = openNotices({
    queue: store.queue,
    world,
    settingsNow: () => settingsNow().mailRelay,
    prepare,
    hostname,
    ownerOf: (name) => ownerOf(parts, name),
  })
  const alerts = openAlerts({ store, world, detours, prepare, hostname, postmaster: () => ownerOf(parts, null) })
  const ofAttempt: Notices['ofAttempt'] = async (told, now) => [
    ...(await notices.ofAttempt(told, now)),
    ...(await alerts.ofAttempt(told, now)),
  ]
  const proof = openSenderProof({ ...parts, queue: store.queue, settingsNow: () => settingsNow().mailRelay })
  const notKept: Notices['notKept'] = (lost, againAt) => alerts.notKept(lost, againAt)
  return { notices: { ...notices, ofAttempt, notKept }, alerts, proof }
}

const relayMail = ({ from, to, allowedBy, memo: { released, onceRoute, byServer } }: DeliveryRow): RelayMail => ({
  from,
  to,
  allowedBy,
  released,
  onceRoute,
  byServer,
})

/** Senders of forwarded mail, and the way back. AD-14 */
function senders(parts: RelayParts): Pick<Outbound, 'forwardedAs' | 'forwardMark' | 'bounceOf'> {
  const domain = parts.hostname as Domain // main has parsed it
  const key = () => ({ secret: parts.secret, now: parts.world.clock.now() })
  return {
    forwardMark: (address) => forwardMark(address, parts.secret),
    forwardedAs: (from) => rewriteSender(from, domain, key()),
    bounceOf(address) {
      if (address.domain !== domain || !/^SRS[01]/i.test(address.local)) return null
      return restoreSender(address, { ...key(), ageDaysMax: bounceDaysMax }).ok ? ownerOf(parts, null) : null
    },
  }
}

/** Bounces come within the lifetime of mail and of notices. */
const bounceDaysMax = 21

/** The mailbox of this name, else the postmaster's, else the first one. */
export function ownerOf(
  { directory, settingsNow }: Pick<RelayParts, 'directory' | 'settingsNow'>,
  name: string | null,
): MailboxId | null {
  const named = (text: string): MailboxId | undefined => directory.mailbox(text)?.id
  const first = directory.all().mailboxes.find(({ deletedAt }) => deletedAt === null)?.id
  return (name === null ? undefined : named(name)) ?? named(settingsNow().server.postmaster) ?? first ?? null
}

/** Destinations with the same exchangers get one copy of a message, unless they want other TLS. QU-09, RO-13 */
async function exchangersOf(destination: string, resolver: MailResolver, tls: TlsPolicy): Promise<string> {
  const answer = await resolver.mx(destination)
  if (answer.is !== 'found' || answer.nullMx) return destination
  return `mx ${tls} ${answer.hosts
    .map(({ name, preference }) => `${preference} ${name}`)
    .toSorted()
    .join(' ')}`
}
