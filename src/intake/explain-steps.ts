// The questions that decide who gets an address, in their order, up to the one that was answered with yes. The first level
// only: where a mapping leads on, the directory's own words tell the rest. For the tester. AD-01
import { DirectoryIndex } from '#/accounts/directory-index.ts'
import type { Directory } from '#/accounts/types.ts'
import { discardRest } from '#/accounts/catch.ts'
import type { Settings } from '#/config/settings.ts'
import { addressKey, asciiLower, type Address, type Domain } from '#/message/address.ts'

export type ExplainStep = {
  readonly asks:
    'ours' | 'alias' | 'mapping' | 'mailbox' | 'plain-mapping' | 'postmaster' | 'plain-mailbox' | 'pattern' | 'rest'
  /** What was looked for. */
  readonly about: string
  readonly yes: boolean
  /** What was found; empty when nothing was. */
  readonly found: readonly string[]
}
type Rules = { readonly directory: Directory; readonly settings: Settings; readonly hostname: string }
type Question = { readonly index: DirectoryIndex; readonly rules: Rules; readonly address: Address }

export function stepsOf(rules: Rules, typed: Address): ExplainStep[] {
  const index = new DirectoryIndex(rules.directory.all())
  if (!rules.directory.isLocalDomain(typed.domain)) return [step('ours', typed.domain)]
  const real = index.realDomain(typed.domain)
  const steps = [step('alias', typed.domain, real === null || real === typed.domain ? [] : [real])]
  const question = { index, rules, address: { local: typed.local, domain: real ?? typed.domain } }
  for (const ask of order) {
    const next = ask(question)
    if (next === null) continue
    steps.push(next)
    if (next.yes) return steps
  }
  return steps
}

const step = (asks: ExplainStep['asks'], about: string, found: readonly string[] = []): ExplainStep => ({
  asks,
  about,
  yes: found.length > 0,
  found,
})

/** Null: this question does not arise. */
const order: readonly ((question: Question) => ExplainStep | null)[] = [
  (q) => step('mapping', addressKey(q.address), mapping(q, q.address)),
  (q) => (isByName(q) ? step('mailbox', asciiLower(q.address.local), mailbox(q, q.address)) : null),
  (q) => ifPlain(q, (plain) => step('plain-mapping', addressKey(plain), mapping(q, plain))),
  (q) => (isByName(q) && isRole(q.address) ? step('postmaster', asciiLower(q.address.local), postmaster(q)) : null),
  (q) => ifPlain(q, (plain) => (isByName(q) ? step('plain-mailbox', plain.local, mailbox(q, plain)) : null)),
  ({ index, rules, address }) => {
    const row = rules.settings.mailServer.acceptAddresses
      ? index.pattern(address.domain, addressKey(address))
      : undefined
    return row ? step('pattern', row.address, row.targets) : null
  },
  (q) => step('rest', q.address.domain, rest(q)),
]

const mapping = ({ index, rules }: Question, address: Address): readonly string[] =>
  (rules.settings.mailServer.acceptAddresses && index.addresses.get(addressKey(address))?.targets) || []

function mailbox({ index }: Question, { local }: Address): string[] {
  const row = index.mailbox(local)
  return row ? [row.name] : []
}

function ifPlain({ rules, address }: Question, ask: (plain: Address) => ExplainStep | null): ExplainStep | null {
  const { plusSeparator } = rules.settings.mailServer
  const at = plusSeparator === '' ? -1 : address.local.indexOf(plusSeparator)
  return at > 0 ? ask({ local: asciiLower(address.local.slice(0, at)), domain: address.domain }) : null
}

const served = ({ index, rules, address }: Question) =>
  rules.settings.mailServer.acceptDomains ? index.domains.get(address.domain) : undefined

function isByName(question: Question): boolean {
  const { rules, address } = question
  return served(question)?.mode === 'by-name' || isHost(rules, address.domain)
}

const isHost = ({ settings, hostname }: Rules, domain: Domain): boolean =>
  settings.mailServer.acceptLocalMailboxes && (domain === hostname || settings.server.localNames.includes(domain))

const isRole = ({ local }: Address): boolean => ['postmaster', 'abuse'].includes(asciiLower(local))

function postmaster({ rules, address }: Question): string[] {
  const found = rules.directory.resolve(address)
  return found.is === 'local' ? found.mailboxes.map(({ name }) => name) : []
}

function rest(question: Question): string[] {
  const row = served(question)
  if (!row || row.mode === 'addresses-only' || row.mode === 'alias' || row.target === null) return []
  return [row.target === discardRest ? discardRest : row.target]
}
