// Where a route leads now: hosts with the numeric addresses to connect to, or why there is none, for good or for the moment.
// Called by the engine before each attempt, and by the tester. What is connected to is exactly what was judged here: nobody
// looks a name up again (DNS-02). DNS trouble never bounces mail (RO-02).
import { parseHost } from '#/config/host-name.ts'
import type { AlternateRow } from '#/config/relay-tables.ts'
import type { MxAnswer } from '#/dns/resolver.ts'
import { parseIp } from '#/message/ip.ts'
import { printable } from '#/message/printable.ts'
import { reply, type Reply } from '#/message/reply.ts'
import type { Instant } from '#/world/world.ts'
import { byPreference } from './hop-order.ts'
import { allOf, lookUp, type Found } from './hop-lookup.ts'
import { reasonOf, type Candidate, type Hop, type HopParts } from './hop-types.ts'
import { defaultPort, type RelayRoute } from './routes.ts'

/** `skipped` says in words which hosts were left out and why. */
export type Hops =
  | { readonly is: 'hops'; readonly hosts: readonly Hop[]; readonly skipped: readonly string[] }
  | { readonly is: 'failed'; readonly reply: Reply }
  | { readonly is: 'later'; readonly reply: Reply; readonly why: string; readonly noSuchName: boolean }

export type HopsAsked = {
  readonly route: RelayRoute
  /** A-label domain, or an address literal in brackets. */
  readonly domain: string
  /** Counts the attempts of this delivery: each starts at another address. */
  readonly attempt: number
  /** When this delivery first heard that a name does not exist (`noSuchName`); null: never. RO-03 */
  readonly firstSeenMissingAt: Instant | null
  readonly now: Instant
}

export async function findHops(asked: HopsAsked, parts: HopParts): Promise<Hops> {
  const { route, domain } = asked
  if (route.is === 'alternate') return alternateHops(asked, parts, route.server)
  const literal = literalAddress(domain)
  if (literal !== null || route.is === 'address') {
    const name = literal ?? domain
    return concluded(asked, parts, [{ ...candidate(name, parts), preference: 0 }])
  }
  const answer = await parts.resolver.mx(domain)
  const candidates = candidatesOf(domain, answer, parts)
  return 'is' in candidates
    ? candidates
    : 'missing' in candidates
      ? missing(asked, parts)
      : concluded(asked, parts, candidates)
}

const candidate = (name: string, { settings }: HopParts) => ({ name, certName: name, port: settings.mxPort })

/** `[192.0.2.1]` and `[ipv6:2001:db8::1]` need no DNS. RFC 5321 §4.1.3 */
function literalAddress(domain: string): string | null {
  const inner = /^\[(?:ipv6:)?(.+)\]$/i.exec(domain)?.[1]
  return inner !== undefined && parseIp(inner) !== null ? inner : null
}

/** RFC 5321 §5.1: without MX the address of the domain stands for it; with MX the address is not used, whatever happens. */
function candidatesOf(domain: string, answer: MxAnswer, parts: HopParts): Candidate[] | { missing: true } | Hops {
  switch (answer.is) {
    case 'trouble':
      return troubled(domain, answer.why)
    case 'no-such-name':
      return { missing: true }
    case 'no-data':
      return [{ ...candidate(domain, parts), preference: 0 }]
    case 'found':
      if (answer.nullMx) return failed(556, '5.1.10', `${domain} takes no mail: it says so in DNS (null MX)`) // RFC 7505 §4.2
      if (answer.hosts.length === 0) return failed(550, '5.4.4', `No mail exchanger of ${domain} is a host name`)
      return answer.hosts.map(({ name, preference }) => ({ ...candidate(name, parts), preference }))
  }
}

async function concluded(asked: HopsAsked, parts: HopParts, candidates: readonly Candidate[]): Promise<Hops> {
  const found = await lookUp(byPreference(candidates, parts.random), parts, { ...asked, trusted: false })
  if (found.hosts.length > 0) return { is: 'hops', ...found }
  return nowhere(asked, parts, found)
}

/** No address is left. Any doubt means later. RO-06 */
function nowhere(asked: HopsAsked, parts: HopParts, { trouble, looped, closed, skipped, missing: gone }: Found): Hops {
  const { domain } = asked
  if (trouble !== null) return troubled(domain, trouble)
  if (looped) return failed(550, '5.4.6', `Mail for ${domain} would come back to this server: it is not set up here`)
  if (closed) return failed(550, '5.4.4', `${domain} has no address that mail may be sent to: ${skipped.join('; ')}`)
  return gone ? missing(asked, parts) : twice(asked, parts, reply(550, '5.4.4', `${domain} has no address for mail`))
}

const missing = (asked: HopsAsked, parts: HopParts): Hops =>
  twice(asked, parts, reply(550, '5.1.2', `The domain ${asked.domain} does not exist`))

/** One answer may come from a broken DNS server: it is believed when it comes again some minutes later. RO-03 */
function twice({ firstSeenMissingAt, now }: HopsAsked, { settings }: HopParts, final: Reply): Hops {
  if (firstSeenMissingAt !== null && now - firstSeenMissingAt >= settings.missingAgainMs)
    return { is: 'failed', reply: final }
  const [words = ''] = final.lines
  const status = `4${final.status?.slice(1)}`
  return { is: 'later', reply: reply(450, status, `${words}; it is asked again`), why: words, noSuchName: true }
}

const failed = (code: number, status: string, words: string): Hops => ({
  is: 'failed',
  reply: reply(code, status, words),
})

function troubled(name: string, why: string): Hops {
  const words = `The address of ${name} could not be looked up: ${short(why)}`
  return { is: 'later', reply: reply(451, '4.4.3', words), why: words, noSuchName: false }
}

const short = (text: string): string => printable(text.slice(0, 200))

/** Whatever is wrong with a server that the operator chose, the operator can mend: mail waits. RO-26 */
async function alternateHops(asked: HopsAsked, parts: HopParts, server: AlternateRow): Promise<Hops> {
  const named = await allOf(server.hosts.map((text, i) => alternateCandidates(text, i * 65_536, { server, parts })))
  const trouble = named.find((one) => 'why' in one)
  const candidates = named.flatMap((one) => ('why' in one ? [] : one))
  const found = await lookUp(byPreference(candidates, parts.random), parts, { ...asked, trusted: true })
  if (found.hosts.length > 0) return { is: 'hops', ...found }
  const reason = found.trouble ?? trouble?.why ?? (found.skipped.join('; ') || 'it has no address')
  const words = `The alternate mail server ${server.name} cannot be used: ${short(reason)}`
  const status = found.looped ? '4.4.6' : '4.4.3'
  return { is: 'later', reply: reply(451, status, words), why: words, noSuchName: false }
}

type Named = readonly Candidate[] | { readonly why: string }

/** `worse` is added to each preference: hosts that stand later in the row are tried later. */
function alternateCandidates(
  text: string,
  worse: number,
  { server, parts }: { server: AlternateRow; parts: HopParts },
): Named | Promise<Named> {
  const { host, port, exact } = parseHost(text) ?? { host: text, port: null, exact: true }
  const hop = { name: host, certName: host, port: port ?? defaultPort(server), preference: worse }
  if (!server.useMx || exact || parseIp(host) !== null) return [hop]
  return mxHostsOf(hop, parts)
}

/** The hosts that the MX records of this name lead to. */
async function mxHostsOf(hop: Candidate, { resolver }: HopParts): Promise<Named> {
  const answer = await resolver.mx(hop.name)
  if (answer.is === 'no-data') return [hop]
  if (answer.is !== 'found') return { why: `${hop.name}: ${reasonOf(answer)}` }
  return answer.hosts.map(({ name, preference }) => ({ ...hop, name, preference: hop.preference + preference }))
}
