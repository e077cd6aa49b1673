// Which routes a recipient's mail takes, in which order, and which rule says so. Pure; asked anew at each attempt (RO-34).
// Called by the engine, and by `relay show` and the tester, so that both always say the same.
import type { MailRelaySettings } from '#/config/mail-relay-settings.ts'
import { parseHost } from '#/config/host-name.ts'
import type { AlternateRow, RouteRow } from '#/config/relay-tables.ts'
import { addressKey, type Address, type ReversePath } from '#/message/address.ts'

export type RelayRoute =
  { readonly is: 'mx' } | { readonly is: 'address' } | { readonly is: 'alternate'; readonly server: AlternateRow }

/** `because` names the rule in words. `unusable`: nothing to go by; mail waits until the operator has mended it. RO-33 */
export type Ladder =
  | { readonly is: 'routes'; readonly routes: readonly RelayRoute[]; readonly because: string }
  | { readonly is: 'hold' | 'fail' | 'unusable'; readonly because: string }

export type RelayMail = {
  readonly from: ReversePath
  readonly to: Address
  readonly allowedBy: string
  /** Let go by hand: no rule holds it again. QU-12 */
  readonly released?: true | undefined
  /** Chosen by hand, whatever the rules say. QU-11 */
  readonly onceRoute?: string | undefined
  /** Chosen by whoever wrote it, before the exceptions and the default. SE-06 */
  readonly byServer?: string | undefined
}
export type RouteRules = {
  readonly settings: MailRelaySettings
  readonly rows: readonly RouteRow[]
  readonly alternates: ReadonlyMap<string, AlternateRow>
}

export function ladderFor(mail: RelayMail, rules: RouteRules): Ladder {
  if (mail.onceRoute !== undefined) return ladderOf([mail.onceRoute], rules, 'chosen by hand')
  const held = mail.released ? undefined : rules.settings.holdRules.find((rule) => isHeldBy(rule, mail))
  if (held !== undefined) return { is: 'hold', because: `hold rule ${held}` }
  if (mail.byServer !== undefined) return ladderOf([mail.byServer], rules, 'the server that Send E-Mail uses')
  const rows = mail.released ? rules.rows.filter(({ routes: [only] }) => only !== 'hold') : rules.rows
  const row = mostSpecific(mail, rows)
  return row ? ladderOf(row.routes, rules, `the exception for ${describeMatch(row)}`) : defaultLadder(rules)
}

/** The one that was made last: nearly all mail takes it, until somebody changes the settings or a server. */
let lately: (Pick<RouteRules, 'settings' | 'alternates'> & { readonly ladder: Ladder }) | null = null

function defaultLadder(rules: RouteRules): Ladder {
  const { settings, alternates } = rules
  if (lately?.settings !== settings || lately.alternates !== alternates)
    lately = { settings, alternates, ladder: tickedLadder(rules) }
  return lately.ladder
}

function tickedLadder(rules: RouteRules): Ladder {
  const { mx, address, alternate } = rules.settings
  const ticked = [mx ? 'mx' : '', address ? 'address' : '', alternate === '' ? '' : `alternate:${alternate}`]
  return ladderOf(
    ticked.filter((name) => name !== ''),
    rules,
    'the default routes',
  )
}

/** A route that cannot be used is left out; when none is left the mail waits for the operator. RO-33 */
function ladderOf(names: readonly string[], { alternates }: RouteRules, rule: string): Ladder {
  const [only] = names
  if (only === undefined) return { is: 'unusable', because: `${rule}: none is ticked` }
  if (only === 'hold' || only === 'fail') return { is: only, because: rule }
  const routes = names.flatMap((name) => routeOf(name, alternates))
  if (routes.length > 0) return { is: 'routes', routes, because: rule }
  return { is: 'unusable', because: `${rule}: there is no alternate server ${only.slice('alternate:'.length)}` }
}

function routeOf(name: string, alternates: RouteRules['alternates']): RelayRoute[] {
  if (name === 'mx' || name === 'address') return [{ is: name }]
  const server = alternates.get(name.slice('alternate:'.length))
  return server ? [{ is: 'alternate', server }] : []
}

/** A recipient counts more than a sender, a sender more than a client; an address more than its domain, a domain more than
 *  *.domain. Among equals the first row wins. RO-32 */
function mostSpecific(mail: RelayMail, rows: readonly RouteRow[]): RouteRow | null {
  let best: { row: RouteRow; rank: readonly number[] } | null = null
  for (const row of rows) {
    const rank = rankOf(row, mail)
    if (rank && (!best || isHigher(rank, best.rank))) best = { row, rank }
  }
  return best?.row ?? null
}

const isHigher = (a: readonly number[], b: readonly number[]): boolean => {
  const i = a.findIndex((rank, at) => rank !== b[at])
  return i >= 0 && a[i]! > b[i]!
}

/** Null when the row does not match. */
function rankOf({ match }: RouteRow, { from, to, allowedBy }: RelayMail): readonly number[] | null {
  const ranks = [
    match.recipient === undefined ? 0 : partyRank(match.recipient, to),
    match.sender === undefined ? 0 : partyRank(match.sender, from),
    match.client === undefined ? 0 : clientRank(match.client, allowedBy),
  ]
  return ranks.includes(noMatch) ? null : ranks
}

const noMatch = -1
const addressRank = 1000 // above every *.domain, which counts by its length of at most 255
const domainRank = 500

function partyRank(pattern: string, party: ReversePath): number {
  if (party === null) return pattern === '<>' ? addressRank : noMatch
  const wanted = pattern.toLowerCase()
  if (wanted.includes('@')) return wanted === addressKey(party) ? addressRank : noMatch
  if (!wanted.startsWith('*.')) return wanted === party.domain ? domainRank : noMatch
  return party.domain.endsWith(wanted.slice(1)) ? wanted.length : noMatch
}

/** The words of the trace, `access rule 3`, `user ann`, or the user's name alone. */
function clientRank(client: string, allowedBy: string): number {
  const wanted = client.toLowerCase()
  return [wanted, `user ${wanted}`].includes(allowedBy.toLowerCase()) ? 1 : noMatch
}

/** QU-12. A rule is `from:` or `to:` and a party. */
function isHeldBy(rule: string, { from, to }: RelayMail): boolean {
  const [side, pattern] = [rule.slice(0, rule.indexOf(':')), rule.slice(rule.indexOf(':') + 1)]
  return partyRank(pattern, side === 'from' ? from : to) !== noMatch
}

export type TlsPolicy = 'none' | 'opportunistic' | 'required' | 'verified'

/** What TLS a mail exchanger of this domain must have. The strictest rule wins. RO-13 */
export function tlsFor(domain: string, settings: MailRelaySettings): TlsPolicy {
  const named = (patterns: readonly string[]): boolean =>
    patterns.some((pattern) => pattern === domain || (pattern.startsWith('*.') && domain.endsWith(pattern.slice(1))))
  if (named(settings.tlsVerifiedFor)) return 'verified'
  return named(settings.tlsRequiredFor) ? 'required' : settings.tls
}

export function describeMatch({ match: { recipient, sender, client } }: RouteRow): string {
  const parts = [
    recipient === undefined ? '' : `mail to ${recipient}`,
    sender === undefined ? '' : `mail from ${sender}`,
    client === undefined ? '' : `mail given by ${client}`,
  ]
  return parts.filter((part) => part !== '').join(' and ')
}

/** "first the mail exchanger of the recipient's domain, then the alternate server smart.example:587" */
export function describeLadder(ladder: Ladder): string {
  if (ladder.is === 'unusable') return 'kept until a route can be used'
  if (ladder.is !== 'routes') return ladder.is === 'hold' ? 'held until it is released' : 'sent back at once'
  return ladder.routes.map((route, i) => `${i === 0 ? 'first' : 'then'} ${describeRoute(route)}`).join(', ')
}

export function describeRoute(route: RelayRoute): string {
  switch (route.is) {
    case 'mx':
      return "the mail exchanger of the recipient's domain"
    case 'address':
      return "the address of the recipient's domain"
    case 'alternate':
      return `the alternate server ${describeHost(route.server)}`
  }
}

function describeHost({ hosts, tls, auth }: AlternateRow): string {
  const [text = ''] = hosts
  return parseHost(text)?.port === null ? `${text}:${defaultPort({ tls, auth })}` : text
}

/** Submission needs an account and takes port 587, or 465 with TLS from the start; without account it is a relay on 25. */
export function defaultPort({ tls, auth }: Pick<AlternateRow, 'tls' | 'auth'>): number {
  if (tls === 'implicit') return 465 // RFC 8314 §3.3
  return auth === null ? 25 : 587 // RFC 6409 §3.1
}
