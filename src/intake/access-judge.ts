// May this client send to other servers? One rule: the first matching entry in order of position decides; else nobody.
// Called by open.ts at RCPT and by the tester. DNS is asked only when a name could decide, and its trouble is never a yes.
import type { Resolver } from '#/dns/resolver.ts'
import type { AccessRow } from '#/storage/store.ts'
import type { Clock } from '#/world/world.ts'
import { coversIp, coversName, parsePattern, type Pattern } from './access.ts'
import { parseIp, type Ip } from '#/message/ip.ts'

const namesMax = 10
const deadlineMs = 15_000

export type AccessResult =
  | { readonly is: 'allow'; readonly rule: number; readonly method: string; readonly senders: readonly string[] }
  | { readonly is: 'deny'; readonly rule: number | null; readonly method: string }
  | { readonly is: 'unknown'; readonly why: string }

type Rule = { readonly row: AccessRow; readonly pattern: Pattern }
export type AccessRules = readonly Rule[]

/** In order of position; a row that nobody can read any more takes no part. */
export function compileRules(rows: readonly AccessRow[]): AccessRules {
  return rows
    .toSorted((a, b) => a.position - b.position || a.id - b.id)
    .flatMap((row) => {
      const parsed = parsePattern(row.pattern)
      return parsed.ok ? [{ row, pattern: parsed.value }] : []
    })
}

type Names = { readonly resolver: Resolver; readonly clock: Clock }

export function judgeAccess(address: string, rules: AccessRules, names: Names): AccessResult | Promise<AccessResult> {
  const ip = parseIp(address)
  if (!ip) return { is: 'deny', rule: null, method: 'the client has no IP address' }
  const now = names.clock.now()
  const byNameFirst: Rule[] = []
  for (const rule of rules) {
    const { row, pattern } = rule
    if (!isAlive(row, now)) continue
    if (isByName(pattern)) byNameFirst.push(rule)
    else if (coversIp(pattern, ip))
      return settle(byNameFirst, { address, ip, names, otherwise: decided(row, 'address') })
  }
  return settle(byNameFirst, { address, ip, names, otherwise: { is: 'deny', rule: null, method: 'no entry matches' } })
}

/** What the list says of an address without asking DNS: entries by name are passed over. */
export const allowsNumber = (address: string, rules: AccessRules, now: number): boolean =>
  ruleByNumber(address, rules, now)?.action === 'allow'

export function ruleByNumber(address: string, rules: AccessRules, now: number): AccessRow | undefined {
  const ip = parseIp(address)
  const byNumber = ({ row, pattern }: Rule): boolean =>
    ip !== null && isAlive(row, now) && !isByName(pattern) && coversIp(pattern, ip)
  return rules.find(byNumber)?.row
}

const isAlive = ({ expiresAt }: AccessRow, now: number): boolean => expiresAt === null || expiresAt > now
const isByName = ({ is }: Pattern): boolean => is === 'host' || is === 'under'

function decided(row: AccessRow, method: string): AccessResult {
  return row.action === 'deny'
    ? { is: 'deny', rule: row.id, method }
    : { is: 'allow', rule: row.id, method, senders: row.senders }
}

type Question = { readonly address: string; readonly ip: Ip; readonly names: Names; readonly otherwise: AccessResult }

/** Rules by name that stand before the first match by address. Without any, no promise is made. */
function settle(byName: readonly Rule[], asked: Question): AccessResult | Promise<AccessResult> {
  if (byName.length === 0) return asked.otherwise
  // Nothing would be allowed either way.
  if (asked.otherwise.is === 'deny' && byName.every(({ row }) => row.action === 'deny')) return asked.otherwise
  return withDeadline(askNames(byName, asked), asked.names.clock)
}

async function withDeadline(work: Promise<AccessResult>, clock: Clock): Promise<AccessResult> {
  const stop = new AbortController()
  const late = clock.sleep(deadlineMs, stop.signal).then(
    (): AccessResult => ({ is: 'unknown', why: 'DNS took too long' }),
    (): AccessResult => ({ is: 'unknown', why: 'stopped' }),
  )
  try {
    return await Promise.race([work, late])
  } finally {
    stop.abort()
  }
}

type Outcome =
  | { readonly is: 'match'; readonly method: string }
  | { readonly is: 'no' }
  | { readonly is: 'trouble'; readonly why: string }

async function askNames(byName: readonly Rule[], asked: Question): Promise<AccessResult> {
  const reverse = byName.some(({ pattern }) => pattern.is === 'under') ? reverseNames(asked) : null
  const outcomes = await Promise.all(byName.map(({ pattern }) => askRule(pattern, asked, reverse)))
  return firstDecision(byName, outcomes, asked.otherwise)
}

/** Trouble matters only where another answer would change what happens. AC-08 */
function firstDecision(byName: readonly Rule[], outcomes: readonly Outcome[], otherwise: AccessResult): AccessResult {
  const open = new Map<AccessRow['action'], string>() // what a rule in trouble might have said
  const unless = (result: AccessResult): AccessResult => {
    for (const [action, why] of open) if (action !== result.is) return { is: 'unknown', why }
    return result
  }
  for (const [i, outcome] of outcomes.entries()) {
    const { row } = byName[i]!
    if (outcome.is === 'match') return unless(decided(row, outcome.method))
    if (outcome.is === 'trouble') open.set(row.action, outcome.why)
  }
  return unless(otherwise)
}

type Reverse = { readonly names: readonly string[]; readonly trouble: string | null }

async function reverseNames({ address, names }: Question): Promise<Reverse> {
  const answer = await names.resolver.ptr(address)
  if (answer.is === 'trouble') return { names: [], trouble: answer.why }
  return { names: answer.is === 'found' ? answer.records.slice(0, namesMax) : [], trouble: null }
}

/** A plain name needs only the forward look-up: a reverse name that is confirmed is one whose forward look-up agrees. AC-07 */
async function askRule(pattern: Pattern, asked: Question, reverse: Promise<Reverse> | null): Promise<Outcome> {
  if (pattern.is === 'host') return confirm(pattern.name, asked, `${pattern.name} leads to this address`)
  if (reverse === null) return { is: 'no' }
  const { names, trouble } = await reverse
  if (trouble !== null) return { is: 'trouble', why: trouble }
  const candidates = names.filter((name) => coversName(pattern, name))
  const outcomes = await Promise.all(
    candidates.map((name) => confirm(name, asked, `reverse name ${name}, confirmed forward`)),
  )
  return outcomes.find(({ is }) => is === 'match') ?? outcomes.find(({ is }) => is === 'trouble') ?? { is: 'no' }
}

/** AC-06: whoever owns an address writes its reverse name as he likes; only the name's own zone can confirm it. */
async function confirm(name: string, { ip, names }: Question, method: string): Promise<Outcome> {
  const answer = await names.resolver.addresses(name, ip.family)
  if (answer.is === 'trouble') return { is: 'trouble', why: answer.why }
  if (answer.is !== 'found') return { is: 'no' }
  const same = answer.records.some((record) => {
    const other = parseIp(record)
    return other !== null && other.family === ip.family && other.value === ip.value
  })
  return same ? { is: 'match', method } : { is: 'no' }
}
