// One look at the whole: data folder, free space, listeners, certificate, and what to do about what is wrong.
import type { X509Certificate } from 'node:crypto'
import { statfsSync } from 'node:fs'
import { alarmsOf } from '#/mail-relay/queue-watch.ts'
import { isRoot } from '#/world/node/user.ts'
import { adviceOnBackups } from './backup-problems.ts'
import { isOwn, readCertificate } from './certificate.ts'
import { certificateDaysMin } from './certificate-problems.ts'
import { adviceOnCollecting } from './collect-checks.ts'
import type { Context } from './context.ts'
import { adviceOnRelay } from './relay.ts'
import { adviceOnRestored } from './restored.ts'

const dayMs = 86_400_000

/** `192.168.1.*` of 192.168.1.20: the usual size of a private network. */
export const networksOf = (addresses: readonly string[]): string[] => [
  ...new Set(
    addresses
      .filter((address) => /^(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.[\d.]+$/.test(address))
      .map((address) => address.replace(/\d+$/, '*')),
  ),
]

export type Findings = {
  readonly running: boolean
  readonly hostname: string
  readonly folder: string
  readonly store: string
  readonly freeBytes: number
  readonly listeners: readonly {
    readonly component: string
    readonly address: string
    readonly problem: string | null
  }[]
  readonly certificate: string | null
  /** Patterns of the access list that mean the networks of this machine: what is near. */
  readonly networks: readonly string[]
  /** Sentences; empty when all is well. */
  readonly advice: readonly string[]
}

export async function doctor(context: Context): Promise<Findings> {
  const { store, folder, hostname, listening } = context
  const facts = await store.facts()
  const { bavail, bsize } = statfsSync(folder)
  const freeBytes = bavail * bsize
  const certificate = readCertificate(folder)
  const listeners = listening?.() ?? []
  const advice = [
    ...adviceOnSpace(context, freeBytes),
    ...adviceOnCertificate(context, certificate),
    ...listeners
      .filter(({ problem }) => problem !== null)
      .map(({ component, problem }) => `${component} does not listen (${problem}): see port-busy in docs/faq.md.`),
    ...adviceOnTables(context),
    ...adviceOnRelay(context),
    ...(context.outgoing?.problems() ?? []),
    ...alarmsOf(await store.queue.figures(), context.settings.now().mailRelay, context.world.clock.now()),
    ...adviceOnCollecting(context),
    ...adviceOnRestored(context.restored.now()),
    ...adviceOnBackups(context),
    ...(listening && isRoot() ? [asRoot] : []),
    ...(listening ? [] : ['No server runs on this folder: start it with netcruiser serve.']),
  ]
  return {
    running: listening !== undefined,
    hostname,
    folder,
    store: `${facts.engine}, schema ${facts.schema}, ${facts.messages} messages, ${facts.waiting} deliveries wait`,
    freeBytes,
    listeners,
    certificate: certificate === null ? null : `${certificate.subject}, until ${certificate.validTo}`,
    networks: networksOf(context.localAddresses()),
    advice,
  }
}

const asRoot = 'The server runs as root: it needs that for its ports only. See as-root in docs/faq.md.'

function adviceOnSpace({ settings }: Context, freeBytes: number): string[] {
  const { reserveBytes } = settings.now().mailServer
  if (freeBytes < reserveBytes) return ['The disk is full: new mail is refused with 452 4.3.1 until space is free.']
  return freeBytes < 4 * reserveBytes ? ['The disk is nearly full: make room soon.'] : []
}

function adviceOnCertificate({ world, hostname }: Context, certificate: X509Certificate | null): string[] {
  if (certificate === null) return ['There is no usable certificate in tls/cert.pem: TLS is off.']
  const daysLeft = Math.floor((certificate.validToDate.getTime() - world.clock.now()) / dayMs)
  return [
    ...(daysLeft < 0 ? ['The certificate has expired: netcruiser certificate replace takes a new one.'] : []),
    ...(daysLeft >= 0 && daysLeft < certificateDaysMin ? [`The certificate ends in ${daysLeft} days: renew it.`] : []),
    ...(certificate.checkHost(hostname) === undefined ? [`The certificate is not made for ${hostname}.`] : []),
    ...(isOwn(certificate) ? ['The certificate is self-signed: see certificate-not-trusted in docs/faq.md.'] : []),
  ]
}

function adviceOnTables({ directory, settings }: Context): string[] {
  const { mailboxes, domains, access } = directory.all()
  const { mailServer } = settings.now()
  return [
    ...(mailboxes.some((row) => row.deletedAt === null) ? [] : ['There is no mailbox yet: netcruiser mailbox add ann']),
    ...(domains.length > 0 ? [] : ['No domain is taken yet: netcruiser domain add example.org --catch ann']),
    ...(mailServer.forwarding && access.length === 0
      ? ['Forwarding is on, but the access list is empty: only signed-in users may forward.']
      : []),
  ]
}
