// How everything is, in one answer: what each part does, what happened today, what is going on. For the first page of the
// console and `netcruiser status`.
import type { Figure, FigureName } from '#/storage/notes.ts'
import { parseServer } from '#/dns/servers.ts'
import type { Context } from './context.ts'
import { countsSince, figuresFrom, hoursOf, midnightOf } from './figures.ts'
import { lookAtQueue, type QueueLook } from './queue-look.ts'
import * as parts from './status-parts.ts'
import type { ListenerShown, Part, PartName, Status } from './status-shapes.ts'

type Times = { readonly now: number; readonly midnight: number }

export async function showStatus(context: Context, request: { midnight?: number | undefined }): Promise<Status> {
  const { store, settings, directory, world, hostname, running } = context
  const now = world.clock.now()
  const midnight = midnightOf(request.midnight, now)
  const figures = store.notes.figures(figuresFrom(now))
  const queue = await (running?.queue ?? lookAtQueue)(context)
  const today = countsSince(figures, midnight)
  return {
    at: now,
    startedAt: running?.startedAt ?? null,
    hostname,
    paused: settings.now().mailRelay.paused,
    mailboxes: directory.all().mailboxes.filter(({ deletedAt }) => deletedAt === null).length,
    parts: partsOf(context, figures, { ...queue, now, midnight }),
    today: {
      since: midnight,
      offered: today.accepted + today.refused,
      accepted: today.accepted,
      refused: today.refused,
      read: today.read,
      collected: today.collected,
      queued: today.queued,
      delivered: today.delivered,
      failed: today.failed,
      waiting: queue.open,
      oldestWaitingAt: queue.oldestAt,
    },
  }
}

function partsOf(context: Context, figures: readonly Figure[], look: QueueLook & Times): Part[] {
  const { store, settings, directory, accounts, collector, outgoing } = context
  const { mailServer, mailRelay, pop3Client } = settings.now()
  const { mailboxes, domains, access } = directory.all()
  const there = mailboxes.filter(({ deletedAt }) => deletedAt === null)
  const running = context.running !== undefined
  const listening = listenersOf(context)
  const of = (part: PartName): { running: boolean; listens: readonly ListenerShown[] } => ({
    running,
    listens: listening.filter((row) => roomOf.get(row.component) === part),
  })
  const made = (part: PartName, says: parts.Says, counted: FigureName | null, now: number): Part => ({
    part,
    ...says,
    listens: [...of(part).listens],
    ways: part === 'mail-relay' ? waysOf(context) : [],
    hours: counted === null ? null : copied(hoursOf(figures, counted, look)),
    now,
  })
  const rows = accounts.all().map(({ settings: { paused, intervalMs: everyMs }, status }) => {
    return { state: paused ? ('paused' as const) : status.is, everyMs }
  })
  const smtp = { ...of('mail-server'), store: store.canAccept(), forwarding: mailServer.forwarding }
  const { paused } = mailRelay
  const problems = outgoing?.standing().length ?? 0
  const pop3 = { mailboxes: there.filter((row) => row.pop3).length, of: there.length }
  const sessions = context.running
  return [
    made(
      'mail-server',
      parts.mailServerSays({ ...smtp, domains: domains.length, entries: access.length }),
      'accepted',
      sessions?.smtp.sessions().length ?? 0,
    ),
    made(
      'mail-relay',
      parts.mailRelaySays({ running, paused, routes: waysOf(context).length, problems, ...look }),
      'delivered',
      look.open,
    ),
    made(
      'pop3-server',
      parts.pop3ServerSays({ ...of('pop3-server'), ...pop3 }),
      'logins',
      sessions?.pop3.sessions().filter(({ user }) => user !== null).length ?? 0,
    ),
    made(
      'pop3-client',
      parts.pop3ClientSays({ running, enabled: pop3Client.enabled, accounts: rows }),
      'collected',
      collector.progress().length,
    ),
    made('console', parts.consoleSays(of('console')), null, sessions?.pages() ?? 0),
  ]
}

const copied = ({ from, counts }: { from: number; counts: readonly number[] }): { from: number; counts: number[] } => ({
  from,
  counts: [...counts],
})

const roomOf: ReadonlyMap<string, PartName> = new Map([
  ['smtp', 'mail-server'],
  ['submission', 'mail-server'],
  ['submissions', 'mail-server'],
  ['pop3', 'pop3-server'],
  ['pop3s', 'pop3-server'],
  ['console', 'console'],
  ['consoles', 'console'],
])

export const listenersOf = ({ listening }: Context): ListenerShown[] =>
  (listening?.() ?? []).map(({ component, address, problem }) => ({
    component,
    address,
    port: parseServer(address)?.port ?? null,
    problem,
  }))

/** The ticked routes in the order in which they are tried. */
function waysOf({ settings }: Context): string[] {
  const { mx, address, alternate } = settings.now().mailRelay
  return [...(mx ? ['mx'] : []), ...(address ? ['address'] : []), ...(alternate === '' ? [] : [alternate])]
}
