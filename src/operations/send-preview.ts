// What would happen on Send, for each recipient: a mailbox here, which way out, or why not. Nothing is kept. SE-01, SE-05, SE-06
import { z } from 'zod'
import { formatAddress, type Address } from '#/message/address.ts'
import { ladderFor, type RelayRoute } from '#/mail-relay/routes.ts'
import { findHops } from '#/mail-relay/hops.ts'
import { providers } from '#/config/mail-providers.ts'
import type { Context } from './context.ts'
import { draftFields, ownDraft, readPeople, whose, type DraftFields, type Whose } from './draft-fields.ts'
import { OperationError } from './errors.ts'
import { nearestDomain } from './near-domains.ts'
import { hopParts, rulesOf } from './relay.ts'
import { checkSender } from './send-addresses.ts'
import { limitOf, messageBytes } from './send-sizes.ts'
import { warningKinds, warningsOf } from './send-warnings.ts'

export const previewRequest = z.strictObject({
  ...whose,
  draft: z.string().max(100).optional().describe('Its attachments count'),
  fields: draftFields,
})
const way = z.strictObject({
  is: z.enum(['mx', 'address', 'alternate']),
  server: z.string().nullable().describe('Its name in the list of alternate servers'),
})
const recipient = z.strictObject({
  text: z.string().describe('As it was typed'),
  address: z.string().nullable(),
  is: z.enum(['local', 'remote', 'discarded', 'refused', 'unknown', 'invalid']),
  mailboxes: z.array(z.string()).describe('Here; told to administrators'),
  ways: z.array(way).describe('In this order'),
  host: z.string().nullable().describe('The first that would be spoken to'),
  problem: z.string().nullable().describe('Why it would not go'),
  waits: z.string().nullable().describe('Why it would not go at once'),
  suggestion: z.string().nullable().describe('A domain that may be meant'),
})
export const sendPreview = z.strictObject({
  recipients: z.array(recipient),
  sender: z.string().nullable().describe('What is wrong with the sender'),
  warnings: z.array(z.enum(warningKinds)),
  sizeBytes: z.int(),
  limit: z.strictObject({ bytesMax: z.int(), by: z.string().nullable() }),
  undoMs: z.int(),
  paused: z.boolean().describe('The Mail Relay is paused: only mailboxes here get mail'),
})
type Recipient = z.infer<typeof recipient>

/** So many domains are looked up for one preview; the others are told without a host. */
const lookUpsMax = 25
const lookUpMs = 2500

export async function previewSend(
  context: Context,
  request: z.infer<typeof previewRequest>,
): Promise<z.infer<typeof sendPreview>> {
  const { fields } = request
  const { mailRelay, sendEMail } = context.settings.now()
  const files =
    request.draft === undefined ? [] : (await ownDraft(context, { ...request, draft: request.draft })).attached
  return {
    recipients: await recipientsOf(context, request),
    sender: await senderProblem(context, fields, request),
    warnings: warningsOf(fields, files.length),
    sizeBytes: messageBytes(fields, files),
    limit: limitOf(context),
    undoMs: sendEMail.undoMs,
    paused: mailRelay.paused,
  }
}

async function senderProblem(context: Context, { from }: DraftFields, asked: Whose): Promise<string | null> {
  const { people, problem } = readPeople(context, from)
  if (problem !== null) return from === '' ? null : problem
  try {
    await checkSender(context, asked, people[0]!.address)
    return null
  } catch (error) {
    if (error instanceof OperationError) return error.message
    throw error
  }
}

type Asked = Whose & { readonly fields: DraftFields }

async function recipientsOf(context: Context, asked: Asked): Promise<Recipient[]> {
  const { to, cc, bcc } = asked.fields
  const read = [...to, ...cc, ...bcc].map((text) => ({ text, ...readPeople(context, text) }))
  const addresses = read.flatMap(({ people }) => people.map(({ address }) => address))
  const lookedUp = new Set([...new Set(addresses.map(({ domain }) => domain))].slice(0, lookUpsMax))
  return Promise.all(
    read.flatMap(({ text, people, problem }) =>
      problem === null
        ? people.map(({ address }) => judged(context, { text, address, asked, lookedUp, among: addresses }))
        : [Promise.resolve<Recipient>({ ...nothing, text, is: 'invalid', problem })],
    ),
  )
}

const nothing = {
  address: null,
  mailboxes: [],
  ways: [],
  host: null,
  problem: null,
  waits: null,
  suggestion: null,
} satisfies Omit<Recipient, 'text' | 'is'>

type Judged = {
  readonly text: string
  readonly address: Address
  readonly asked: Asked
  readonly lookedUp: ReadonlySet<string>
  readonly among: readonly Address[]
}

async function judged(context: Context, about: Judged): Promise<Recipient> {
  const { text, address, asked } = about
  const found = context.directory.resolve(address)
  const base = { ...nothing, text, address: formatAddress(address) }
  switch (found.is) {
    case 'local': {
      const names = asked.mailbox === undefined ? found.mailboxes.map(({ name }) => name) : []
      return { ...base, is: 'local', mailboxes: names }
    }
    case 'remote':
      return { ...base, is: 'remote', ...(await wayOut(context, about)) }
    case 'discarded':
      return { ...base, is: 'discarded' }
    case 'refused':
      return { ...base, is: 'refused', problem: found.reply.lines.join(' ') }
    case 'unknown':
      return { ...base, is: 'unknown', problem: `There is no mailbox ${formatAddress(address)} here` }
  }
}

type Way = Pick<Recipient, 'ways' | 'host' | 'problem' | 'waits' | 'suggestion'>

async function wayOut(context: Context, { address, asked, lookedUp, among }: Judged): Promise<Way> {
  const { server } = context.settings.now().sendEMail
  const from = readPeople(context, asked.fields.from).people[0]?.address ?? null
  const allowedBy = asked.mailbox === undefined ? 'Send E-Mail' : `user ${asked.mailbox}`
  const byServer = server === '' ? undefined : `alternate:${server}`
  const planned = ladderFor({ from, to: address, allowedBy, byServer }, rulesOf(context))
  const ladder = context.outgoing?.around(planned, address.domain) ?? planned
  const none = { ways: [], host: null, problem: null, waits: null, suggestion: null }
  if (ladder.is === 'fail') return { ...none, problem: `It would come back: ${ladder.because}` }
  if (ladder.is !== 'routes') return { ...none, waits: `It would be held: ${ladder.because}` }
  const [first] = ladder.routes
  const ways = ladder.routes.map(shownWay)
  if (!first || !lookedUp.has(address.domain)) return { ...none, ways }
  return { ...none, ways, ...(await firstHop(context, { route: first, address, among })) }
}

const shownWay = (route: RelayRoute): z.infer<typeof way> => ({
  is: route.is,
  server: route.is === 'alternate' ? route.server.name : null,
})

const noAnswer = (): null => null
type Hop = { readonly route: RelayRoute; readonly address: Address; readonly among: readonly Address[] }

async function firstHop(context: Context, { route, address, among }: Hop): Promise<Partial<Way>> {
  const { domain } = address
  const now = context.world.clock.now()
  const asked = { route, domain, attempt: 0, firstSeenMissingAt: null, now }
  const enough = new AbortController()
  const patience = context.world.clock.sleep(lookUpMs, enough.signal).then(noAnswer, noAnswer)
  const hops = await Promise.race([findHops(asked, hopParts(context)), patience])
  enough.abort()
  if (hops === null) return {}
  if (hops.is === 'hops') return { host: hops.hosts[0]?.name ?? null }
  const words = hops.reply.lines.join(' ')
  if (hops.is === 'later' && !hops.noSuchName) return { waits: words }
  const known = [...among.map((one) => one.domain), ...context.directory.all().domains.map(({ name }) => name)]
  const suggestion = nearestDomain(domain, [...known, ...providerDomains])
  return { problem: hops.is === 'failed' ? words : `There is no domain ${domain}`, suggestion }
}

const providerDomains = providers.flatMap(({ domains }) => domains)
