// Tries the way out for real: connects to the first host of the ladder that answers, signs in, asks for the recipient, and
// prints what was said, secrets masked. Sends nothing unless asked to. For `settings test relay`.
import { z } from 'zod'
import { findHops } from '#/mail-relay/hops.ts'
import type { Hop } from '#/mail-relay/hop-types.ts'
import { Pool } from '#/mail-relay/pool.ts'
import { describeLadder, describeRoute, ladderFor, tlsFor, type RelayRoute } from '#/mail-relay/routes.ts'
import type { Mail, SessionFailure } from '#/mail-relay/session-types.ts'
import type { Conversation, Target } from '#/mail-relay/walk-types.ts'
import { replyText, type Reply } from '#/message/reply.ts'
import { formatAddress, type Address } from '#/message/address.ts'
import { composeText } from '#/message/compose.ts'
import { noMailParameters } from '#/message/envelope.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { atHome, hopParts, rulesOf } from './relay.ts'
import { addressOf, stamp } from './send.ts'

export const testRequest = z.strictObject({
  to: z.string().optional(),
  from: z.string().default('postmaster'),
  alternate: z.string().optional(),
  send: z.boolean().default(false),
})
type Asked = { readonly from: Address; readonly to: Address | null; readonly send: boolean }
/** `ok`: the host would take mail, or took it. */
export type Tested = { readonly ok: boolean; readonly lines: readonly string[] }

/** Nobody waits five minutes for a greeting at a test. */
const patienceMs = 30_000
const connectMs = 10_000

export async function testRelay(context: Context, request: z.infer<typeof testRequest>): Promise<Tested> {
  const asked: Asked = {
    from: addressOf(context, request.from),
    to: request.to === undefined ? null : addressOf(context, request.to),
    send: request.send,
  }
  if (asked.send && asked.to === null) throw new OperationError('Name a recipient with --to to send a test message')
  const lines: string[] = []
  const pool = poolFor(context, (line) => void lines.push(line))
  try {
    const ok = await alongRoutes(routesFor(context, asked, request.alternate), { context, asked, pool, lines })
    if (!ok) lines.push('== Mail would not get out this way now.')
    return { ok, lines }
  } finally {
    await pool.close()
  }
}

function poolFor({ world, settings, credentials, hostname }: Context, note: (line: string) => void): Pool {
  const { mailRelay } = settings.now()
  const quick = (ms: number): number => Math.min(ms, patienceMs)
  const times = {
    connectMs: Math.min(mailRelay.connectMs, connectMs),
    greetingMs: quick(mailRelay.greetingMs),
    commandMs: quick(mailRelay.commandMs),
    dataInitMs: quick(mailRelay.dataInitMs),
    dataEndMs: quick(mailRelay.dataEndMs),
  }
  return new Pool({ world, settingsNow: () => ({ ...mailRelay, ...times }), credentials, hostname, note })
}

function routesFor(context: Context, { from, to }: Asked, name: string | undefined): readonly RelayRoute[] {
  const rules = rulesOf(context)
  const alternate = name ?? (to === null ? rules.settings.alternate : '')
  if (alternate !== '') {
    const server = rules.alternates.get(alternate)
    if (!server) throw new OperationError(`There is no alternate server ${alternate}: alternate list names them`)
    return [{ is: 'alternate', server }]
  }
  if (to === null) throw new OperationError('Name a recipient with --to, or an alternate server with --alternate')
  const home = atHome(context, to)
  if (home !== null) throw new OperationError(`Mail to ${formatAddress(to)} ${home.words}: no other server is asked`)
  const ladder = ladderFor({ from, to, allowedBy: 'command line' }, rules)
  if (ladder.is === 'routes') return ladder.routes
  throw new OperationError(`Mail to ${formatAddress(to)} is ${describeLadder(ladder)} (${ladder.because})`)
}

type Testing = { readonly context: Context; readonly asked: Asked; readonly pool: Pool; readonly lines: string[] }

async function alongRoutes(routes: readonly RelayRoute[], testing: Testing): Promise<boolean> {
  for (const route of routes) {
    testing.lines.push(`== ${describeRoute(route)}`)
    for (const hop of await hopsOf(route, testing))
      for (const address of hop.addresses) {
        const said = await talk({ hop, address, route, tls: tlsOf(route, testing) }, testing)
        if (said !== 'unreached') return said === 'taken'
      }
  }
  return false
}

async function hopsOf(route: RelayRoute, { context, asked: { to }, lines }: Testing): Promise<readonly Hop[]> {
  const now = context.world.clock.now()
  const domain = to?.domain ?? 'somewhere.invalid' // an alternate server does not ask. RFC 2606 §2
  const found = await findHops({ route, domain, attempt: 0, firstSeenMissingAt: null, now }, hopParts(context))
  if (found.is !== 'hops') {
    lines.push(`-- ${inOneLine(found.reply)}`)
    return []
  }
  lines.push(...found.skipped.map((words) => `-- left out: ${words}`))
  return found.hosts
}

const tlsOf = (route: RelayRoute, { context, asked }: Testing): Target['tls'] =>
  route.is === 'alternate' ? route.server.tls : tlsFor(asked.to?.domain ?? '', context.settings.now().mailRelay)

async function talk(target: Target, testing: Testing): Promise<'taken' | 'refused' | 'unreached'> {
  const { pool, lines, asked } = testing
  lines.push(`-- connecting to ${target.hop.name} [${target.address}]:${target.hop.port}`)
  const opened = await pool.open(target)
  if ('is' in opened) return failed(opened, lines)
  try {
    if (asked.to !== null) return await offer(opened, asked.to, testing)
    lines.push('== The server is ready for our mail.')
    return 'taken'
  } finally {
    opened.release()
  }
}

function failed({ stage, reply, fromRemote }: SessionFailure, lines: string[]): 'refused' | 'unreached' {
  lines.push(`-- ${inOneLine(reply)}`)
  return !fromRemote && (stage === 'connect' || stage === 'greeting') ? 'unreached' : 'refused'
}

async function offer(conversation: Conversation, to: Address, testing: Testing): Promise<'taken' | 'refused'> {
  const result = await conversation.deliver(testMail(to, testing))
  const [outcome] = 'is' in result ? [] : result.outcomes
  const reply = 'is' in result ? result.reply : outcome?.reply
  if (reply !== undefined) testing.lines.push(`== ${inOneLine(reply)}`)
  return reply !== undefined && reply.code < 400 ? 'taken' : 'refused'
}

function testMail(to: Address, { context, asked: { from, send } }: Testing): Mail {
  const written = composeText({
    from: { name: null, address: from },
    to: [{ name: null, address: to }],
    cc: [],
    subject: `Test from ${context.hostname}`,
    text: 'This message was sent by hand to see whether mail gets out.\n',
    attachments: [],
    ...stamp(context),
  })
  if (!written.ok) throw new OperationError(written.problem)
  return {
    from,
    parameters: noMailParameters,
    recipients: [{ address: to, parameters: { notify: null, orcpt: null } }],
    needs: { eightBit: false, smtputf8: false },
    sizeBytes: written.value.length,
    chunks: () => [written.value],
    ...(!send && { probe: true }),
  }
}

const inOneLine = (reply: Reply): string => replyText(reply).replace(/\r\n/g, ' / ')
