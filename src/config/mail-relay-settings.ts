// The section mailRelay of the settings: where outgoing mail goes, how long it is tried, and who is told. Part of settings.ts.
// Alternate servers with their accounts, and routes for single domains, are tables: secrets do not belong in settings.
import { z } from 'zod'
import { count, ms, text, texts, yes } from './fields.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

const domain = /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/
const domainForm = 'write a domain in lower case, or *.domain'
const party = /^(?:from|to):(?:[^@ ]+@)?(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/

/** The three ticks, and what a target must be like. */
const routes = {
  mx: yes(
    true,
    'Attempt delivery to the mail exchanger of the recipient domain (MX record, or its address without one).',
  ),
  address: yes(
    false,
    'Attempt delivery to the address of the recipient domain though it has a mail exchanger. Not standard for Internet mail.',
  ),
  alternate: text('', 'Attempt delivery to this alternate mail server, a name of alternate list; empty: to none.'),
  routeTriesMax: count(3, 1, 'Temporary refusals (4xx) on one route after which the next route is tried.'),
  mxPort: z.int().min(1).max(65_535).default(25).describe('Port of mail exchangers; other than 25 only for tests.'),
  addressesMax: count(10, 2, 'Addresses that one attempt tries (RFC 5321 5.1: at least two).'),
  family: z
    .enum(['auto', '4', '6', '4-first', '6-first'])
    .default('auto')
    .describe(
      'IP versions: auto, only one of them, or one of them first. Large providers refuse IPv6 without a reverse name.',
    ),
  allowPrivateTargets: yes(
    false,
    'Connect to mail exchangers with private, loopback or link-local addresses. Only for a network of your own.',
  ),
}

const tls = {
  tls: z
    .enum(['opportunistic', 'required', 'none'])
    .default('opportunistic')
    .describe('TLS to mail exchangers: when offered, always (else the mail waits), or never.'),
  tlsRequiredFor: texts(domain, domainForm, 'Recipient domains to which mail goes over TLS or not at all.'),
  tlsVerifiedFor: texts(
    domain,
    domainForm,
    'Recipient domains whose server must also prove its name by a certificate.',
  ),
}

const patience = {
  retryDelaysMs: z
    .array(z.int().min(1000).max(2_000_000_000))
    .min(1)
    .max(50)
    .default([5, 10, 20, 40, 80, 180].map((minutes) => minutes * minuteMs))
    .describe('Waits between attempts; the last one repeats.'),
  jitterShare: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.1)
    .describe('Share by which a wait is shortened or lengthened at random, so that not all mail comes back at once.'),
  missingAgainMs: ms(
    5 * minuteMs,
    'How long after the first "no such domain" the second must come before mail is sent back: broken DNS servers exist.',
  ),
  lifetimeMs: ms(5 * dayMs, 'How long mail is tried before it is sent back (RFC 5321 4.5.4.1: 4 to 5 days).'),
  noticeLifetimeMs: ms(2 * dayMs, 'How long a notice to a sender is tried.'),
  keepFinishedDays: count(7, 0, 'Days that finished deliveries are shown in the queue.'),
}

const notices = {
  sendFailureNotices: yes(true, 'Send delivery failure notifications.'),
  sendDelayNotices: yes(true, 'Send delivery delay notifications.'),
  delayNoticeMs: ms(4 * hourMs, 'How long mail waits before its sender is told. 0: never.'),
  delayRepeatMs: ms(0, 'How long until the sender is told again that mail still waits. 0: once is enough.'),
  confirmLate: yes(false, 'Tell a sender who got a delay notice that the mail has arrived after all.'),
  postmasterCopies: yes(false, 'Send the postmaster a copy of each failure notice, without the message.'),
  digest: yes(false, 'Send the postmaster a summary each day of what failed or waits.'),
}

/** RFC 5321 §4.5.3.2 gives the least that a client should wait. */
const times = {
  connectMs: ms(30_000, 'How long a connection may take to be made, for each address.'),
  tlsMs: ms(30_000, 'How long a TLS handshake may take.'),
  greetingMs: ms(5 * minuteMs, 'How long to wait for the greeting (RFC 5321 4.5.3.2.1: 5 minutes).'),
  commandMs: ms(5 * minuteMs, 'How long to wait for the reply to a command (RFC 5321 4.5.3.2.2: 5 minutes).'),
  dataInitMs: ms(2 * minuteMs, 'How long to wait for the reply to DATA (RFC 5321 4.5.3.2.4: 2 minutes).'),
  dataBlockMs: ms(3 * minuteMs, 'How long one block of a message may take to be sent (RFC 5321 4.5.3.2.5: 3 minutes).'),
  dataEndMs: ms(
    10 * minuteMs,
    'How long to wait for the reply to the end of a message (RFC 5321 4.5.3.2.6: 10 minutes).',
  ),
  quitMs: ms(5_000, 'How long to wait for the reply to QUIT: the mail is delivered by then.'),
  attemptMs: ms(hourMs, 'How long one attempt may take in all before the message is begun to be sent.'),
}

const load = {
  connectionsMax: count(100, 1, 'Outgoing connections at once.'),
  perDestinationMax: count(10, 1, 'Outgoing connections at once to one destination.'),
  messagesPerConnectionMax: count(100, 1, 'Messages sent on one connection.'),
  recipientsPerMessageMax: count(100, 100, 'Recipients of one transaction (RFC 5321 4.5.3.1.8: servers take 100).'),
}

/** From a minute to another one of the day, or over midnight. */
const window = /^(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d$/
const windowForm = 'write 22:00-06:00'

const control = {
  paused: yes(false, 'Send nothing: mail is queued and waits, and does not expire.'),
  sendWhen: z
    .union([z.enum(['always', 'asked']), z.array(z.string().regex(window, windowForm)).min(1)])
    .default('always')
    .describe(
      'When mail is sent: always, asked (only after queue flush), or a list of times of day, for example ["22:00-06:00"]. Mail waits until then and does not expire.',
    ),
  holdRules: texts(
    party,
    'write from: or to: and an address, a domain or *.domain',
    'Mail that is held until it is released: from: or to: and an address, a domain or *.domain.',
  ),
  alarmOldestMs: ms(
    dayMs,
    'Age of the oldest mail in the queue above which the log and doctor raise an alarm. 0: none.',
  ),
  alarmDepth: count(10_000, 0, 'Deliveries in the queue above which the log and doctor raise an alarm. 0: none.'),
  pickupFolder: text('', 'A folder whose .eml files are sent and then moved away; empty: none.'),
  pickupQuietMs: ms(5_000, 'How long an .eml file must have been left untouched: then nobody writes it any more.'),
}

export const mailRelay = z.strictObject({
  ...routes,
  ...tls,
  ...patience,
  ...notices,
  ...times,
  ...load,
  ...control,
})
export type MailRelaySettings = z.infer<typeof mailRelay>
