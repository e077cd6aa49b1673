// Domains and single addresses as an operator changes them.
import { z } from 'zod'
import { discardRest, rejectRest } from '#/accounts/catch.ts'
import { addressKey, asciiLower, formatAddress, parseAddress, parseDomain } from '#/message/address.ts'
import { explainAddress } from '#/intake/explain.ts'
import { stepsOf } from '#/intake/explain-steps.ts'
import type { AddressRow, DomainRow } from '#/storage/store.ts'
import type { Context } from './context.ts'
import { circleOf, restOf } from './cycles.ts'
import { OperationError } from './errors.ts'

type HasMailbox = (name: string) => boolean

const hasMailboxIn =
  ({ directory }: Context): HasMailbox =>
  (name) =>
    directory.all().mailboxes.some((row) => row.deletedAt === null && row.name === asciiLower(name))

const mode = z.enum(['by-name', 'one-mailbox', 'alias', 'addresses-only'])
export const domain = z.strictObject({ name: z.string(), mode, target: z.string().nullable() })
export const domains = z.array(domain)

export const listDomains = async ({ directory }: Context): Promise<z.infer<typeof domains>> =>
  Promise.resolve([...directory.all().domains])

/** The row as it is kept. @throws OperationError saying what is wrong */
export function checkDomain(request: DomainRow, hasMailbox: HasMailbox): DomainRow {
  const name = domainName(request.name)
  const { mode, target } = request
  if (mode === 'alias') {
    const real = parseDomain(target ?? '')
    if (!real.ok) throw new OperationError('An alias needs the real domain: --alias-of example.org')
    if (real.value === name) throw new OperationError(`${name} would be another name of itself`)
    return { name, mode, target: real.value }
  }
  if (mode === 'one-mailbox' && target === null) throw new OperationError('Which mailbox gets it all? --all-to MAILBOX')
  return { name, mode, target: mode === 'by-name' ? checkRest(target, hasMailbox) : checkMailbox(target, hasMailbox) }
}

function checkMailbox(target: string | null, hasMailbox: HasMailbox): string | null {
  if (target === null) return null
  if (!hasMailbox(target)) throw new OperationError(`There is no mailbox ${target}`)
  return asciiLower(target)
}

/** What becomes of the rest: null is a refusal. AD-15 */
function checkRest(target: string | null, hasMailbox: HasMailbox): string | null {
  if (target === null || asciiLower(target) === rejectRest) return null
  if (asciiLower(target) === discardRest) return discardRest
  return target.includes('@') ? checkTargetAddress(target) : checkMailbox(target, hasMailbox)
}

function checkTargetAddress(target: string): string {
  const parsed = parseAddress(target)
  if (!parsed.ok) throw new OperationError(`${target} is no address: ${parsed.problem}`)
  return formatAddress(parsed.value)
}

function domainName(text: string): string {
  const name = parseDomain(text)
  if (!name.ok) throw new OperationError(name.problem)
  return name.value
}

export const domainAdded = domain.extend({ warning: z.string().nullable() })

/** Of a domain that is there already: changes it. */
export async function addDomain(context: Context, request: DomainRow): Promise<z.infer<typeof domainAdded>> {
  const row = checkDomain(request, hasMailboxIn(context))
  const { addresses, domains } = context.directory.all()
  const after = [...domains.filter(({ name }) => name !== row.name), row]
  const starts = [restOf(row.name), ...addresses.map(({ address }) => address)]
  refuseCircles(context, { addresses, domains: after, starts })
  await context.store.putDomain(row)
  await context.directory.reload()
  return { ...row, warning: restWarning(row) }
}

/** AD-15 */
function restWarning({ name, mode, target }: DomainRow): string | null {
  if (mode === 'alias' || target === null) return null
  if (target === discardRest) return `Mail for a mistyped address at ${name} vanishes and nobody is told`
  const more = target.includes('@') ? ', which is sent on in the name of this server where the target is outside' : ''
  return `Every address at ${name} takes mail now: expect much spam${more}`
}

export async function removeDomain(context: Context, request: { name: string }): Promise<{ removed: string }> {
  const name = domainName(request.name)
  if (!(await context.store.removeDomain(name))) throw new OperationError(`There is no domain ${name}`)
  await context.directory.reload()
  return { removed: name }
}

export const mapping = z.strictObject({
  address: z.string(),
  targets: z.array(z.string()).readonly(),
  note: z.string(),
  expiresAt: z.number().nullable(),
})
export const mappings = z.array(mapping)

export const listAddresses = async ({ directory }: Context): Promise<z.infer<typeof mappings>> =>
  Promise.resolve([...directory.all().addresses])

/** An address, or a pattern with * before the @, in the form in which it is kept. @throws OperationError */
export function canonicalAddress(text: string): string {
  const [local, domain] = splitLast(text)
  if (domain !== undefined && domain.includes('*')) throw new OperationError('A star stands only before the @')
  const address = parseAddress(local.includes('*') ? `${local.replaceAll('*', 'x')}@${domain}` : text)
  if (!address.ok) throw new OperationError(address.problem)
  return local.includes('*') ? `${asciiLower(local)}@${address.value.domain}` : addressKey(address.value)
}

function splitLast(text: string): [string, string | undefined] {
  const at = text.lastIndexOf('@')
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

/** The row as it is kept; circles are another question. @throws OperationError saying what is wrong */
export function checkAddress(request: AddressRow, hasMailbox: HasMailbox): AddressRow {
  const address = canonicalAddress(request.address)
  const targets = request.targets.map((target) => {
    if (target.includes('@')) {
      checkTargetAddress(target)
      return target
    }
    if (!hasMailbox(target)) throw new OperationError(`There is no mailbox ${target}`)
    return asciiLower(target)
  })
  return { ...request, address, targets }
}

type Plan = Pick<Parameters<typeof circleOf>[0], 'addresses' | 'domains'> & { readonly starts: readonly string[] }

function refuseCircles(context: Context, { addresses, domains, starts }: Plan): void {
  const circle = circleOf({ addresses, domains, hasMailbox: hasMailboxIn(context) }, starts)
  if (circle) throw new OperationError(circleWords(circle))
}

export const circleWords = (circle: readonly string[]): string =>
  `These mappings would go in a circle: ${circle.join(' -> ')}`

export const addressAdded = mapping.extend({ warning: z.string().nullable() })

/** Of an address that is mapped already: changes it. */
export async function addAddress(context: Context, request: AddressRow): Promise<z.infer<typeof addressAdded>> {
  const row = checkAddress(request, hasMailboxIn(context))
  const { addresses, domains } = context.directory.all()
  const after = [...addresses.filter(({ address }) => address !== row.address), row]
  refuseCircles(context, { addresses: after, domains, starts: [row.address] })
  await context.store.putAddress(row)
  await context.directory.reload()
  const name = row.address.slice(0, row.address.lastIndexOf('@'))
  const hides = hasMailboxIn(context)(name) && !row.targets.includes(name)
  return { ...row, warning: hides ? `This hides the mailbox ${name} at this address` : null } // AD-03
}

export const addressRemoved = z.strictObject({ removed: z.string(), warning: z.string().optional() })

export async function removeAddress(
  context: Context,
  request: { address: string },
): Promise<z.infer<typeof addressRemoved>> {
  const address = canonicalAddress(request.address)
  if (!(await context.store.removeAddress(address))) throw new OperationError(`There is no mapping of ${address}`)
  await context.directory.reload()
  const orphans = domainsTo(context, address)
  return { removed: address, ...(orphans.length > 0 && { warning: `The rest of ${orphans.join(', ')} went there` }) }
}

/** Domains whose rest goes to an address. AD-15 */
const domainsTo = ({ directory }: Context, address: string): string[] =>
  directory
    .all()
    .domains.filter(({ mode, target }) => mode === 'by-name' && target?.includes('@'))
    .filter(({ target }) => canonicalAddress(target!) === address)
    .map(({ name }) => name)

export const explained = z.strictObject({
  is: z.enum(['local', 'discarded', 'remote', 'unknown', 'refused']),
  mailboxes: z.array(z.string()),
  outside: z.array(z.string()),
  steps: z.array(
    z.strictObject({
      asks: z.enum([
        'ours',
        'alias',
        'mapping',
        'mailbox',
        'plain-mapping',
        'postmaster',
        'plain-mailbox',
        'pattern',
        'rest',
      ]),
      about: z.string(),
      yes: z.boolean(),
      found: z.array(z.string()).readonly(),
    }),
  ),
  reply: z.string().nullable(),
  sentences: z.array(z.string()),
})

/** Who gets it, the questions that decided it, and the whole in words. */
export async function explain(context: Context, request: { address: string }): Promise<z.infer<typeof explained>> {
  const { directory, settings, hostname } = context
  const typed = request.address.trim()
  const address = parseAddress(typed)
  if (!address.ok) throw new OperationError(`${typed} is no address: ${address.problem}`)
  const found = directory.resolve(address.value)
  const local = found.is === 'local' ? found : { mailboxes: [], outside: [] }
  return Promise.resolve({
    is: found.is,
    mailboxes: local.mailboxes.map(({ name }) => name),
    outside: local.outside.map(formatAddress),
    steps: stepsOf({ directory, settings: settings.now(), hostname }, address.value),
    reply: found.is === 'refused' ? `${found.reply.code} ${found.reply.status} ${found.reply.lines.join(' ')}` : null,
    sentences: explainAddress(directory, typed),
  })
}
