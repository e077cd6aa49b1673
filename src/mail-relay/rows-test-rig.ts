// Deliveries, outcomes, routes and settings in short words, for tests of the relay's pure parts. Never part of the running
// program.
import { defaultSettings } from '#/config/settings.ts'
import { alternateSchema } from '#/config/relay-tables.ts'
import type { MailRelaySettings } from '#/config/mail-relay-settings.ts'
import { parseAddress, type Address } from '#/message/address.ts'
import { messageKey } from '#/message/key.ts'
import type { DeliveryRow } from '#/storage/queue.ts'
import { noMailParameters, noRcptParameters } from '#/message/envelope.ts'
import type { Outcome } from './outcome.ts'
import type { RelayRoute } from './routes.ts'

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs

export function address(text: string): Address {
  const parsed = parseAddress(text)
  if (!parsed.ok) throw new Error(parsed.problem)
  return parsed.value
}

const message = messageKey(0, Buffer.alloc(10))

/** A delivery in its first attempt, accepted at 0. */
export function row(to: string, more: Partial<DeliveryRow> = {}): DeliveryRow {
  const recipient = address(to)
  return {
    id: to,
    message,
    content: 1,
    file: null,
    from: address('ann@us.example'),
    to: recipient,
    destination: recipient.domain,
    siblings: 1,
    state: 'leased',
    priority: 0,
    attempts: 1,
    dueAt: 0,
    acceptedAt: 0,
    finishedAt: null,
    lastReply: null,
    mail: noMailParameters,
    rcpt: noRcptParameters,
    allowedBy: 'user ann',
    sizeBytes: 100,
    memo: {},
    lease: { node: 'a', until: hourMs },
    ...more,
  }
}

/** What mx.far.example said to a recipient, unless `more` tells otherwise: `451 4.2.0 words`. */
export function outcome(said: string, more: Partial<Outcome> = {}): Outcome {
  const [code = '', status = '', ...words] = said.split(' ')
  return {
    reply: { code: Number(code), status, lines: [words.join(' ')] }, // as it was heard, sense or not
    stage: 'rcpt',
    kind: code < '400' ? null : 'recipient',
    fromRemote: true,
    uncertain: false,
    route: 'mx',
    host: 'mx.far.example [192.0.2.1]:25',
    remoteMta: 'mx.far.example',
    tls: null,
    dsn: false,
    hold: null,
    missing: false,
    ...more,
  }
}

export const settingsWith = (more: Partial<MailRelaySettings> = {}): MailRelaySettings => ({
  ...defaultSettings.mailRelay,
  jitterShare: 0,
  ...more,
})

export const mx: RelayRoute = { is: 'mx' }
export const byAddress: RelayRoute = { is: 'address' }
export const alternate = (name = 'smart'): RelayRoute => ({
  is: 'alternate',
  server: alternateSchema.parse({ name, hosts: [`${name}.example:587`] }),
})
