// Short words for tests of the outgoing conversation: plans, mails, and one delivery to a receiver on real sockets.
import { parseAddress, type Address } from '#/message/address.ts'
import { openSession, type Dialled, type LiveConnection } from '#/mail-relay/dial.ts'
import type { Mail, MailResult, SessionPlan } from '#/mail-relay/session-types.ts'
import { noMailParameters, noRcptParameters } from '#/message/envelope.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { nodeNet } from '#/world/node/net.ts'
import type { Receiver } from './receiver.ts'

const random = randomPool()
const net = nodeNet(clock) // its sweep holds no process open
export type Plan = Omit<SessionPlan, 'alreadyTls' | 'nonce'>
const waitMs = 5000

export const quickTimes: SessionPlan['times'] = {
  greetingMs: waitMs,
  commandMs: waitMs,
  dataInitMs: waitMs,
  dataBlockMs: waitMs,
  dataEndMs: waitMs,
  quitMs: 500,
  tlsMs: waitMs,
}
export const plainPlan: Plan = {
  ehloName: 'us.example',
  hello: 'EHLO',
  host: 'far.example',
  tls: 'none',
  clientTls: { servername: 'far.example', verify: 'name' },
  credentials: null,
  plainAuthAllowed: false,
  times: quickTimes,
  usePipelining: true,
  isOurs: () => false,
}

export function address(text: string): Address {
  const parsed = parseAddress(text)
  if (!parsed.ok) throw new Error(parsed.problem)
  return parsed.value
}

export const text = 'Subject: hello\r\n\r\n.dot\r\nend\r\n'

export function mailTo(recipients: readonly string[], more: Partial<Mail> & { content?: string } = {}): Mail {
  const octets = Buffer.from(more.content ?? text, 'latin1')
  return {
    from: address('ann@us.example'),
    parameters: noMailParameters,
    recipients: recipients.map((to) => ({ address: address(to), parameters: noRcptParameters })),
    needs: { eightBit: false, smtputf8: false },
    sizeBytes: octets.length,
    chunks: () => [octets],
    ...more,
  }
}

export type Dialling = { readonly plan?: Partial<Plan>; readonly implicitTls?: boolean; readonly connectMs?: number }

export async function dial(
  port: number,
  { plan, implicitTls = false, connectMs = waitMs }: Dialling = {},
): Promise<Dialled> {
  const options = { address: '127.0.0.1', port, connectMs, implicitTls, plan: { ...plainPlan, ...plan } }
  return await openSession({ clock, random, net }, options)
}

export async function connected(port: number, dialling: Dialling = {}): Promise<LiveConnection> {
  const dialled = await dial(port, dialling)
  if (!dialled.ok) throw new Error(`${dialled.failure.stage}: ${dialled.failure.reply.lines.join()}`)
  return dialled.live
}

/** One mail over a connection of its own. */
export async function deliver(receiver: Receiver, mail: Mail, plan: Partial<Plan> = {}): Promise<MailResult> {
  const live = await connected(receiver.port, { plan })
  try {
    return await live.deliver(mail)
  } finally {
    await live.close()
  }
}

/** `250 dot`, `550 rcpt again`, `451 dot uncertain`: what became of each recipient, shortly. */
export const fates = ({ outcomes }: MailResult): string[] =>
  outcomes.map(({ reply, stage, uncertain, again, fromRemote }) =>
    [reply.code, stage, uncertain && 'uncertain', again && 'again', !fromRemote && 'ours'].filter(Boolean).join(' '),
  )
