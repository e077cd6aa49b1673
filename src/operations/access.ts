// The access list and the bans, as an operator looks at them and tries them out. Changes stand in access-change.ts.
import { z } from 'zod'
import { meaningOf } from '#/intake/access-meaning.ts'
import { explainAccess, type AccessAnswer } from '#/intake/explain.ts'
import { parseAddress, parseDomain, type ReversePath } from '#/message/address.ts'
import type { Resolver } from '#/dns/resolver.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { relaySelfTest } from './self-test.ts'

const texts = z.array(z.string()).readonly()
const understood = z.strictObject({
  ok: z.literal(true),
  is: z.enum(['address', 'addresses', 'host', 'under', 'everyone']),
  first: z.string().nullable(),
  last: z.string().nullable(),
  count: z.string().nullable(),
  name: z.string().nullable(),
  danger: z.string().nullable(),
  words: z.string(),
})
const misunderstood = z.strictObject({
  ok: z.literal(false),
  problem: z.string(),
  likely: z.string().nullable(),
  words: z.string().nullable(),
})
export const meaning = z.discriminatedUnion('ok', [understood, misunderstood])
type Meaning = z.infer<typeof meaning>
const entry = z.strictObject({
  id: z.int(),
  place: z.int().describe('From 1; the first that matches decides.'),
  pattern: z.string(),
  action: z.enum(['allow', 'deny']),
  note: z.string(),
  senders: texts,
  expiresAt: z.number().nullable(),
  lastUsedAt: z.number().nullable(),
  uses: z.int(),
  meaning,
})
export const entries = z.array(entry)

/** As the counters are this moment. */
export async function listAccess({ store }: Context): Promise<z.infer<typeof entries>> {
  const rows = await store.access()
  return rows.map(({ position: _position, ...row }, i) => ({ ...row, place: i + 1, meaning: meaningOf(row.pattern) }))
}

export const explainPattern = async (_context: Context, { pattern }: { pattern: string }): Promise<Meaning> =>
  Promise.resolve(meaningOf(pattern))

export const openness = z.strictObject({
  forwarding: z.boolean(),
  strangers: z.string().nullable().describe('How a stranger could forward; null: not at all.'),
  dangers: z.array(z.strictObject({ id: z.int(), pattern: z.string(), danger: z.string() })),
})

/** Could strangers send through this server? The rules themselves are asked. AC-02, AC-18 */
export async function accessOpenness(context: Context): Promise<z.infer<typeof openness>> {
  const dangers = context.directory
    .all()
    .access.filter(({ action }) => action === 'allow')
    .flatMap(({ id, pattern }) => {
      const meant = meaningOf(pattern)
      return meant.ok && meant.danger !== null ? [{ id, pattern, danger: meant.danger }] : []
    })
  const { forwarding } = context.settings.now().mailServer
  return { forwarding, strangers: await relaySelfTest(context), dangers }
}

export const answer = z.strictObject({
  may: z.enum(['yes', 'no', 'later']),
  rule: z.int().nullable(),
  method: z.string(),
  senders: texts,
  wrongSender: z.boolean(),
  forwarding: z.boolean(),
  sentences: texts,
})
export type AccessQuestion = {
  readonly address: string
  readonly name?: string | undefined
  readonly sender?: string | undefined
}

/** With a name: as if the client's reverse name were that one and led back to it. */
export function testAccess(context: Context, { address, name, sender }: AccessQuestion): Promise<AccessAnswer> {
  const { directory, world, settings } = context
  const { forwarding } = settings.now().mailServer
  const resolver = name === undefined ? context.resolver : supposing(context.resolver, address, name)
  const tester = { directory, resolver, clock: world.clock, forwarding }
  return explainAccess(tester, { address: address.trim(), sender: senderOf(sender) })
}

function senderOf(typed: string | undefined): ReversePath | undefined {
  if (typed === undefined || typed.trim() === '') return undefined
  const parsed = parseAddress(typed.trim())
  if (!parsed.ok) throw new OperationError(`${typed} is no sender address: ${parsed.problem}`)
  return parsed.value
}

function supposing(resolver: Resolver, address: string, typed: string): Resolver {
  const name = parseDomain(typed)
  if (!name.ok) throw new OperationError(`${typed} is no host name: ${name.problem}`)
  return {
    ptr: () => Promise.resolve({ is: 'found', records: [name.value], ttlMs: 0 }),
    addresses: (asked, family) =>
      asked === name.value
        ? Promise.resolve({ is: 'found', records: [address], ttlMs: 0 })
        : resolver.addresses(asked, family),
    confirmedName: (asked) => resolver.confirmedName(asked),
  }
}

export const bans = z.array(z.strictObject({ client: z.string(), failures: z.int(), until: z.number() }))

export const listBans = async ({ logins }: Context): Promise<z.infer<typeof bans>> =>
  Promise.resolve([...(logins?.bans() ?? [])])
export const clearBan = async ({ logins }: Context, request: { client: string }): Promise<{ cleared: boolean }> =>
  Promise.resolve({ cleared: logins?.unban(request.client) ?? false })
