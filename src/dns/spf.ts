// May this client send for this domain? The domain's own answer, by SPF. Called by the relay before a notice goes to a stranger.
// Says what DNS says, and decides nothing about mail. RFC 7208 §4
import type { Ip } from '#/message/ip.ts'
import { parseIp, bitsOf } from '#/message/ip.ts'
import type { Clock } from '#/world/world.ts'
import { spfMs, spfNamesMax, spfTermsMax, spfVoidsMax } from './limits.ts'
import { askableName, validName } from './packet.ts'
import type { MailResolver } from './resolver.ts'
import { expand, needsName, type MacroText } from './spf-macros.ts'
import { isSpf, parseSpf, type Mechanism, type Qualifier, type SpfRecord } from './spf-record.ts'

/** RFC 7208 §2.6. `none`: the domain says nothing; `temperror`: DNS gave no answer; `permerror`: the record is wrong. */
export type SpfResult = Qualifier | 'none' | 'temperror' | 'permerror'
export type SpfAnswer = { readonly is: SpfResult; readonly why: string }
export type SpfAsked = {
  readonly address: string // of the client
  readonly local: string
  readonly domain: string
  readonly helo: string
}
export type SpfNames = Pick<MailResolver, 'txt' | 'mx' | 'addresses' | 'oddAddresses' | 'ptr'>

/** Never rejects, and takes 20 s at most. */
export async function checkSpf(asked: SpfAsked, parts: { resolver: SpfNames; clock: Clock }): Promise<SpfAnswer> {
  const ip = parseIp(asked.address)
  if (ip === null) return { is: 'none', why: 'the client has no IP address' }
  const check = new Check({ asked, ip, resolver: parts.resolver })
  const patience = new AbortController()
  const late = parts.clock.sleep(spfMs, patience.signal).then(
    () => check.stop(),
    () => check.stop(),
  )
  try {
    return await Promise.race([check.run(), late])
  } finally {
    patience.abort()
  }
}

/** The end of a check, from within. */
class Ended extends Error {
  readonly answer: SpfAnswer
  constructor(is: SpfResult, why: string) {
    super(why)
    this.answer = { is, why }
  }
}

type Answered = { readonly is: string; readonly why?: string }
type Case = { readonly asked: SpfAsked; readonly ip: Ip; readonly resolver: SpfNames }

/** One check with what it has spent so far. */
class Check {
  readonly #c: Case
  #terms = 0
  #voids = 0
  #stopped = false
  #names: Promise<readonly string[]> | null = null // of the client, confirmed

  constructor(given: Case) {
    this.#c = given
  }

  /** No further question is asked. */
  stop(): SpfAnswer {
    this.#stopped = true
    return { is: 'temperror', why: 'DNS took too long' }
  }

  async run(): Promise<SpfAnswer> {
    try {
      return await this.#host(this.#c.asked.domain)
    } catch (error) {
      if (error instanceof Ended) return error.answer
      return { is: 'temperror', why: error instanceof Error ? error.message : String(error) }
    }
  }

  /** check_host() of RFC 7208 §4 */
  async #host(named: string): Promise<SpfAnswer> {
    const domain = validName(named) ?? named // without the last dot
    const record = await this.#record(domain)
    if (record === null) return { is: 'none', why: `${domain} has no SPF record` }
    for (const { qualifier, mechanism, text } of record.directives)
      if (await this.#matches(mechanism, domain))
        return { is: qualifier, why: `${text} in the SPF record of ${domain}` }
    if (record.redirect === null) return { is: 'neutral', why: `the SPF record of ${domain} does not name this client` }
    return this.#redirected(record.redirect, domain)
  }

  /** RFC 7208 §6.1 */
  async #redirected(redirect: MacroText, domain: string): Promise<SpfAnswer> {
    this.#spend()
    const target = await this.#name(redirect, domain)
    const answer = await this.#host(target)
    return answer.is === 'none' ? permerror(`${domain} redirects to ${target}, which has no SPF record`) : answer
  }

  /** RFC 7208 §4.3 to §4.6. Null: there is none. */
  async #record(domain: string): Promise<SpfRecord | null> {
    const name = validName(domain)
    if (name === null || !name.includes('.')) return null
    const answer = await this.#ask(() => this.#c.resolver.txt(name))
    const [text, second] = answer.is === 'found' ? answer.records.filter(isSpf) : []
    if (text === undefined) return null
    if (second !== undefined) return permerror(`${name} has more than one SPF record`)
    const parsed = parseSpf(text)
    return parsed.ok ? parsed.value : permerror(`the SPF record of ${name} is wrong: ${parsed.problem}`)
  }

  async #matches(mechanism: Mechanism, domain: string): Promise<boolean> {
    if (mechanism.is === 'all') return true
    if (mechanism.is === 'ip') return covers(mechanism.network, mechanism.bits, this.#c.ip)
    this.#spend()
    const target = mechanism.target === null ? domain : await this.#name(mechanism.target, domain)
    switch (mechanism.is) {
      case 'include':
        return this.#includes(target)
      case 'exists': // asks for A whatever the client's address is. RFC 7208 §5.7
        return (await this.#askMatching(target, (name) => this.#c.resolver.oddAddresses(name, 4))).is === 'found'
      case 'ptr':
        return this.#isNamed(target)
      case 'a':
        return this.#covered(await this.#addresses(target), mechanism.bits)
      case 'mx':
        return this.#exchanges(target, mechanism.bits)
    }
  }

  /** RFC 7208 §5.2 */
  async #includes(target: string): Promise<boolean> {
    const { is, why } = await this.#host(target)
    if (is === 'none') return permerror(`${why}, and is included`)
    if (is === 'permerror' || is === 'temperror') throw new Ended(is, why)
    return is === 'pass'
  }

  /** RFC 7208 §5.4 */
  async #exchanges(target: string, bits: { readonly 4: number; readonly 6: number }): Promise<boolean> {
    const answer = await this.#askMatching(target, (name) => this.#c.resolver.mx(name))
    if (answer.is !== 'found') return false
    if (answer.hosts.length > spfNamesMax) return permerror(`${target} has more than ${spfNamesMax} mail exchangers`)
    for (const { name } of answer.hosts) {
      const found = await this.#ask(() => this.#c.resolver.addresses(name, this.#c.ip.family))
      if (found.is === 'found' && this.#covered(found.records, bits)) return true
    }
    return false
  }

  async #addresses(target: string): Promise<readonly string[]> {
    const answer = await this.#askMatching(target, (name) => this.#c.resolver.oddAddresses(name, this.#c.ip.family))
    return answer.is === 'found' ? answer.records : []
  }

  #covered(addresses: readonly string[], bits: { readonly 4: number; readonly 6: number }): boolean {
    const { ip } = this.#c
    return addresses.some((text) => {
      const other = parseIp(text)
      return other !== null && covers(other, bits[ip.family], ip)
    })
  }

  /** RFC 7208 §5.5 */
  async #isNamed(target: string): Promise<boolean> {
    const wanted = validName(target)
    const names = await this.#confirmed()
    return wanted !== null && names.some((name) => name === wanted || name.endsWith(`.${wanted}`))
  }

  /** Names of the client that lead back to it. Trouble on the way is no name and nothing worse. RFC 7208 §5.5 */
  #confirmed(): Promise<readonly string[]> {
    this.#names ??= this.#confirm()
    return this.#names
  }

  async #confirm(): Promise<readonly string[]> {
    const { asked, ip, resolver } = this.#c
    const answer = await this.#askLeniently(() => resolver.ptr(asked.address))
    this.#noteVoid(answer)
    const confirmed: string[] = []
    for (const name of answer.is === 'found' ? answer.records.slice(0, spfNamesMax) : []) {
      const found = await this.#askLeniently(() => resolver.addresses(name, ip.family))
      if (found.is === 'found' && this.#covered(found.records, { 4: 32, 6: 128 })) confirmed.push(name)
    }
    return confirmed
  }

  /** RFC 7208 §7 */
  async #name(target: MacroText, domain: string): Promise<string> {
    const { asked, ip } = this.#c
    const { local, helo } = asked
    return expand(target, {
      s: `${local}@${asked.domain}`,
      l: local,
      o: asked.domain,
      d: domain,
      i: dotted(ip),
      p: needsName(target) ? nameFor(domain, await this.#confirmed()) : '',
      h: helo,
      v: ip.family === 4 ? 'in-addr' : 'ip6',
    })
  }

  #spend(): void {
    if (++this.#terms > spfTermsMax) permerror(`the SPF record asks for more than ${spfTermsMax} look-ups`)
  }

  /** What is no name has no records. RFC 7208 §4.8 */
  async #askMatching<A extends Answered>(
    target: string,
    ask: (name: string) => Promise<A>,
  ): Promise<A | { readonly is: 'no-such-name' }> {
    const name = askableName(target)
    if (name === null) return { is: 'no-such-name' }
    const answer = await this.#ask(() => ask(name))
    this.#noteVoid(answer)
    return answer
  }

  #noteVoid({ is }: Answered): void {
    if (is !== 'no-such-name' && is !== 'no-data') return
    if (++this.#voids > spfVoidsMax) permerror('the SPF record names too much that does not exist')
  }

  async #ask<A extends Answered>(ask: () => Promise<A>): Promise<A> {
    const answer = await this.#askLeniently(ask)
    if (answer.is === 'trouble') throw new Ended('temperror', `DNS: ${answer.why ?? ''}`)
    return answer
  }

  async #askLeniently<A>(ask: () => Promise<A>): Promise<A> {
    if (this.#stopped) throw new Ended('temperror', 'DNS took too long')
    return ask()
  }
}

function permerror(why: string): never {
  throw new Ended('permerror', why)
}

function covers(network: Ip, bits: number, ip: Ip): boolean {
  if (network.family !== ip.family) return false
  const rest = bitsOf(ip.family) - BigInt(bits)
  return network.value >> rest === ip.value >> rest
}

/** RFC 7208 §7.3: `192.0.2.1`; of IPv6 each half-octet. */
function dotted({ family, value }: Ip): string {
  if (family === 6) return value.toString(16).padStart(32, '0').split('').join('.')
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.')
}

/** RFC 7208 §7.3: the domain itself, a name under it, any other. */
const nameFor = (domain: string, names: readonly string[]): string =>
  names.find((name) => name === domain) ?? names.find((name) => name.endsWith(`.${domain}`)) ?? names[0] ?? 'unknown'
