// Where outgoing mail goes, in words: the routes as they stand, and for one sender and recipient with live DNS. RO-32
import {
  tlsFor,
  describeLadder,
  describeRoute,
  ladderFor,
  type RelayRoute,
  type RouteRules,
} from '#/mail-relay/routes.ts'
import { findHops } from '#/mail-relay/hops.ts'
import type { HopParts } from '#/mail-relay/hop-types.ts'
import { ownOf } from '#/mail-relay/own.ts'
import { formatAddress, parseAddress, type Address } from '#/message/address.ts'
import { warningOf } from './alternates.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { shownRoute, type ShownRoute } from './routes.ts'

export const rulesOf = ({ settings, relay }: Context): RouteRules => ({
  settings: settings.now().mailRelay,
  rows: relay.routes(),
  alternates: relay.alternates(),
})

/** A recipient that no exception names: RFC 2606 §2 keeps its domain free. */
const somebody = { local: 'somebody', domain: 'somewhere.invalid' as Address['domain'] } // a plain name

export type RelayShown = {
  readonly paused: boolean
  readonly routes: string
  readonly exceptions: readonly ShownRoute[]
  readonly advice: readonly string[]
}

export function showRelay(context: Context): Promise<RelayShown> {
  const rules = rulesOf(context)
  const ladder = ladderFor({ from: null, to: somebody, allowedBy: '' }, { ...rules, rows: [] })
  return Promise.resolve({
    paused: rules.settings.paused,
    routes: describeLadder(ladder),
    exceptions: rules.rows.map(shownRoute),
    advice: adviceOnRelay(context),
  })
}

/** Sentences about what will not work as it stands. */
export function adviceOnRelay({ settings, relay }: Context): string[] {
  const { mailRelay } = settings.now()
  const { mx, address, alternate, delayNoticeMs, lifetimeMs, sendDelayNotices } = mailRelay
  const missing = alternate !== '' && !relay.alternates().has(alternate)
  const nothing = !mx && !address && alternate === ''
  const late = sendDelayNotices && delayNoticeMs >= lifetimeMs // DL-03
  return [
    ...(nothing ? ['No route is ticked, so outgoing mail is held: set mailRelay.mx or mailRelay.alternate.'] : []),
    ...(missing
      ? [`mailRelay.alternate names ${alternate}, but there is no such alternate server: alternate add makes it.`]
      : []),
    ...(late ? ['mailRelay.delayNoticeMs is not below mailRelay.lifetimeMs, so nobody is ever told of a delay.'] : []),
    ...[...relay.alternates().values()].flatMap((row) => warningOf(row) ?? []).map((warning) => `${warning}.`),
    ...relay.problems(),
  ]
}

type Explained = { readonly to: string; readonly from: string; readonly client: string }

export async function explainRelay(context: Context, request: Explained): Promise<readonly string[]> {
  const to = addressOf(request.to)
  const home = atHome(context, to)
  if (home !== null) return explainHome(context, request, home)
  const from = request.from === '<>' ? null : addressOf(request.from)
  const rules = rulesOf(context)
  const planned = ladderFor({ from, to, allowedBy: request.client }, rules)
  const ladder = context.outgoing?.around(planned, to.domain) ?? planned
  const sentences = [`Mail from ${request.from} to ${request.to}: ${describeLadder(ladder)} (${ladder.because}).`]
  if (rules.settings.paused) sentences.push('The relay is paused: nothing is sent until mailRelay.paused is false.')
  if (ladder.is !== 'routes') return sentences
  const found = await Promise.all(ladder.routes.map((route) => explainRoute(context, route, to.domain)))
  return [...sentences, ...found.flat()]
}

type AtHome = { readonly words: string; readonly outside: readonly Address[] }

/** What becomes of mail to an address of this server, and where else it goes; null: it is for another one. */
export function atHome({ directory }: Context, to: Address): AtHome | null {
  const found = directory.resolve(to)
  switch (found.is) {
    case 'remote':
      return null
    case 'local': {
      const names = found.mailboxes.map(({ name }) => name).join(', ')
      const onward = found.outside.map(formatAddress).join(', ')
      const parts = [names && `stays here, in the mailbox ${names}`, onward && `goes on to ${onward}`]
      return { words: parts.filter((part) => part !== '').join(', and '), outside: found.outside }
    }
    case 'discarded':
      return { words: 'is taken and thrown away: its domain wants that', outside: [] }
    case 'unknown':
      return { words: 'is refused: the domain is of this server, and the address is not', outside: [] }
    case 'refused':
      return { words: `is refused: ${found.reply.lines.join(' ')}`, outside: [] }
  }
}

/** Nobody on another server is asked, unless the mail goes on. */
async function explainHome(context: Context, request: Explained, home: AtHome): Promise<readonly string[]> {
  const onward = home.outside.map((to) => explainRelay(context, { ...request, to: formatAddress(to) }))
  return [`Mail from ${request.from} to ${request.to} ${home.words}.`, ...(await Promise.all(onward)).flat()]
}

function addressOf(text: string): Address {
  const parsed = parseAddress(text)
  if (!parsed.ok) throw new OperationError(`${text}: ${parsed.problem}`)
  return parsed.value
}

async function explainRoute(context: Context, route: RelayRoute, domain: string): Promise<string[]> {
  const now = context.world.clock.now()
  const asked = { route, domain, attempt: 0, firstSeenMissingAt: null, now }
  const hops = await findHops(asked, hopParts(context))
  const name = describeRoute(route)
  if (hops.is !== 'hops') {
    const { code, status, lines } = hops.reply
    return [
      `${name}: ${hops.is === 'failed' ? 'sent back' : 'tried again later'}, ${code} ${status} ${lines.join(' ')}`,
    ]
  }
  const tls = route.is === 'alternate' ? route.server.tls : tlsFor(domain, context.settings.now().mailRelay)
  return [
    `${name}, TLS ${tls}:`,
    ...hops.hosts.map((hop) => `  ${hop.name} port ${hop.port}: ${hop.addresses.join(', ')}`),
    ...hops.skipped.map((words) => `  left out: ${words}`),
  ]
}

export function hopParts({ resolver, settings, world, listening, hostname, localAddresses }: Context): HopParts {
  const { server, mailRelay } = settings.now()
  const own = ownOf(listening?.() ?? [], { names: [hostname, ...server.localNames], addresses: localAddresses() })
  return { resolver, settings: mailRelay, random: world.random, own }
}
