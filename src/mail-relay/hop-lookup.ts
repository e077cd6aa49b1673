// Addresses of candidate hosts: looked up together, those of this server and those that nobody may send us to left out,
// ordered and cut for one attempt. Called by hops.ts.
import type { Answer } from '#/dns/resolver.ts'
import { parseIp } from '#/message/ip.ts'
import { dealt, ofFamily, rotated, type Family } from './hop-order.ts'
import { reasonOf, type Candidate, type Hop, type HopParts, type Own } from './hop-types.ts'
import { exchangersMax } from './limits.ts'
import { targetProblem } from '#/dns/targets.ts'

/** What the look-up came to. The flags say why hosts are missing. */
export type Found = {
  readonly hosts: readonly Hop[]
  readonly skipped: readonly string[]
  readonly trouble: string | null
  /** This server itself stood in the list, and nothing better. */
  readonly looped: boolean
  /** All addresses that there are may not be connected to. */
  readonly closed: boolean
  /** No host exists. */
  readonly missing: boolean
}
type Looked = Candidate & { readonly answer: Answer }
/** `trusted`: the operator wrote these hosts, so private addresses are meant. */
export type LookUpOptions = { readonly attempt: number; readonly trusted: boolean }

/** Candidates come in the order in which they are tried. */
export async function lookUp(
  candidates: readonly Candidate[],
  parts: HopParts,
  options: LookUpOptions,
): Promise<Found> {
  const asked = candidates.slice(0, exchangersMax)
  const answers = await allOf(asked.map((one) => addressesOf(one, parts)))
  const looked = asked.map((one, i): Looked => ({ ...one, answer: answers[i]! }))
  const better = withoutOurselves(looked, parts.own)
  const open = options.trusted || parts.settings.allowPrivateTargets
  const judged = better.map((one) => judge(one, open))
  const all = judged.flatMap(({ addresses }) => addresses)
  const family = options.trusted ? familyOfTrusted(parts) : await familyNow(all, parts)
  const usable = judged
    .map(({ host, addresses }) => ({
      ...hopOf(host),
      addresses: rotated(ofFamily(addresses, family), options.attempt),
    }))
    .filter(({ addresses }) => addresses.length > 0)
  const unwanted = all.length > 0 && usable.length === 0
  return {
    hosts: dealt(usable, parts.settings.addressesMax),
    skipped: judged.flatMap(({ host, problems }) => problems.map((problem) => `${host.name} ${problem}`)),
    trouble: unwanted ? otherFamily : (better.flatMap(troubleOf)[0] ?? null),
    looped: looked.length > 0 && better.length === 0,
    closed: judged.some(({ forbidden }) => forbidden),
    missing: better.every(({ answer }) => answer.is === 'no-such-name'),
  }
}

/** The operator's choice, so nothing that mail is sent back for. */
const otherFamily = 'mailRelay.family leaves out the IP version of all its addresses'

const troubleOf = ({ answer }: Looked): string[] => (answer.is === 'trouble' ? [answer.why] : [])

const hopOf = ({ name, certName, port }: Candidate) => ({ name, certName, port })

const addressesOf = ({ name }: Candidate, { resolver }: HopParts): Answer | Promise<Answer> =>
  parseIp(name) === null ? resolver.addresses(name) : { is: 'found', records: [name], ttlMs: 0 }

/** Nothing is waited for where nobody had to be asked. */
export const allOf = <T extends object>(values: readonly (T | Promise<T>)[]): T[] | Promise<T[]> =>
  values.some((value) => value instanceof Promise) ? Promise.all(values.map(async (value) => value)) : (values as T[]) // no promise among them

/** Ourselves, and all that is not better: mail that came to a backup must not go back down. RFC 5321 §5.1, RO-07 */
function withoutOurselves(looked: readonly Looked[], own: Own): Looked[] {
  const preferences = looked.filter((one) => isOurs(one, own)).map(({ preference }) => preference)
  const limit = Math.min(...preferences)
  return looked.filter(({ preference }) => preference < limit)
}

function isOurs({ name, port, answer }: Looked, { listeners, addresses, names }: Own): boolean {
  const ours = listeners.filter((listener) => listener.port === port)
  if (ours.length === 0) return false
  if (names.includes(name)) return true
  const here = (address: string): boolean => targetProblem(address) === 'loopback' || has(addresses, address)
  const takes = (address: string): boolean =>
    ours.some((listener) => (isWildcard(listener.address) ? here(address) : has([listener.address], address)))
  return answer.is === 'found' && answer.records.some(takes)
}

const isWildcard = (address: string): boolean => parseIp(address)?.value === 0n

function has(addresses: readonly string[], wanted: string): boolean {
  const ip = parseIp(wanted)
  return addresses.map(parseIp).some((one) => one?.family === ip?.family && one?.value === ip?.value)
}

type Judged = {
  readonly host: Candidate
  readonly addresses: readonly string[]
  readonly problems: readonly string[]
  readonly forbidden: boolean
}

function judge({ answer, ...host }: Looked, open: boolean): Judged {
  if (answer.is !== 'found') return { host, addresses: [], problems: [reasonOf(answer)], forbidden: false }
  const verdicts = answer.records.map((address) => ({ address, problem: open ? null : targetProblem(address) }))
  return {
    host,
    addresses: verdicts.filter(({ problem }) => problem === null).map(({ address }) => address),
    problems: verdicts.flatMap(({ address, problem }) =>
      problem === null ? [] : [`has the address ${address}: ${problem}`],
    ),
    forbidden: verdicts.some(({ problem }) => problem !== null),
  }
}

/** A server with an account for us does not judge us by our reverse name. */
const familyOfTrusted = ({ settings: { family } }: HopParts): Family => (family === 'auto' ? '4-first' : family)

/** `auto`: IPv4 first. IPv6 from addresses whose reverse names do not lead back is refused by large providers, so then it is
 *  used only for those that have nothing else. RO-08 */
async function familyNow(addresses: readonly string[], parts: HopParts): Promise<Family> {
  const { family } = parts.settings
  if (family !== 'auto') return family
  const kinds = new Set(addresses.map((address) => parseIp(address)?.family))
  if (kinds.size < 2 || (await isIpv6Named(parts))) return '4-first'
  return '4'
}

/** Does each IPv6 address that the machine may send from have a name that leads back to it? */
async function isIpv6Named({ resolver, own }: HopParts): Promise<boolean> {
  const sources = own.addresses.filter((address) => parseIp(address)?.family === 6 && targetProblem(address) === null)
  const named = await Promise.all(
    sources.map(async (source) => {
      const names = await resolver.ptr(source)
      const [name] = names.is === 'found' ? names.records : []
      const back = name === undefined ? null : await resolver.addresses(name, 6)
      return back?.is === 'found' && has(back.records, source)
    }),
  )
  return named.length > 0 && named.every((one) => one)
}
