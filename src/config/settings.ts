// Every setting that an operator may change, with its default, unit and one sentence. Stored in the store; only changes are rows.
// Names on the command line and in TOML are "section.name", for example "mailServer.recipientsMax".
import { z } from 'zod'
import { backup } from './backup-settings.ts'
import { count, ms, text, texts, yes } from './fields.ts'
import { mailRelay } from './mail-relay-settings.ts'
import { pop3Client } from './pop3-client-settings.ts'

const server = z.strictObject({
  hostname: text(
    '',
    'The name this server calls itself in greetings and Received fields; empty: the name of the machine. Counts from the next start.',
  ),
  localNames: z
    .array(z.string())
    .default([])
    .describe('Further host names of this server: "Accept delivery for local mailboxes" takes mailbox@ each of them.'),
  postmaster: text('', 'The mailbox that gets mail for postmaster and abuse; empty: the first mailbox.'),
})

const mailServer = z.strictObject({
  acceptLocalMailboxes: yes(true, 'Accept delivery for local mailboxes (user@ this host).'),
  acceptDomains: yes(true, 'Accept delivery for all mailboxes in a domain.'),
  acceptAddresses: yes(true, 'Accept delivery for individual mailboxes (info@example.org to admin).'),
  forwarding: yes(false, 'Enable forwarding of non-local mail for clients on the access list and signed-in users.'),
  plusSeparator: z
    .enum(['+', '-', ''])
    .default('+')
    .describe('Separates the mailbox name from a detail: ann+lists@. Empty: none.'),
  messageBytesMax: count(36_700_160, 65_536, 'Largest message in octets. A 25 MB file is about 34 MB as mail.'),
  recipientsMax: count(
    1000,
    100,
    'Recipients of one message; the excess is asked to come again (RFC 5321 4.5.3.1.8: at least 100).',
  ),
  receivedFieldsMax: count(100, 100, 'Hops after which a message is taken for looping (RFC 5321 6.3).'),
  commandMs: ms(300_000, 'How long a client may wait between commands (RFC 5321 4.5.3.2.7: 5 minutes).'),
  dataBlockMs: ms(180_000, 'How long a client may pause inside a message (RFC 5321 4.5.3.2.5: 3 minutes).'),
  sessionMs: ms(3_600_000, 'How long one connection may last in all; a message under way may finish.'),
  dataRateMin: count(500, 0, 'Octets a second that a message must keep up on average, after a minute. 0: none.'),
  connectionsMax: count(10_000, 1, 'Connections at once, all clients.'),
  connectionsReserved: z
    .int()
    .min(0)
    .nullable()
    .default(null)
    .describe('Of these for addresses on the access list or where somebody signed in; null: a tenth, at least 10.'),
  connectionsPerClientMax: count(50, 1, 'Connections at once from one IPv4 address or IPv6 /64.'),
  softErrorsMax: count(10, 1, 'Errors in a session after which each reply waits a second.'),
  hardErrorsMax: count(20, 1, 'Errors in a session that end it.'),
  junkCommandsMax: count(100, 1, 'NOOP, RSET, EHLO, VRFY in a row that end a session.'),
  greetDelayMs: ms(0, 'How long to wait before the greeting for clients that talk too early.'),
  requireTls: yes(false, 'Take mail on port 25 only over TLS. Breaks mail from old servers.'),
  plainLogin: yes(false, 'Allow AUTH without TLS from other machines. Loopback may always.'),
  bareLineEnds: z
    .enum(['refuse', 'normalise-submission'])
    .default('refuse')
    .describe('Bare CR or LF in a message: refuse, or mend it on submission.'),
  overQuota: z
    .enum(['defer', 'refuse'])
    .default('defer')
    .describe('Mailbox over quota: 452 (come again) or 552 (refuse).'),
  reserveBytes: count(268_435_456, 0, 'Free disk space below which no new mail is taken (452 4.3.1).'),
  relayOnlyOwnSender: yes(true, 'Signed-in users may only send from addresses that lead to their mailbox.'),
})

const sendEMail = z.strictObject({
  undoMs: ms(10_000, 'How long a message that was sent from the console can be taken back. 0: it leaves at once.'),
  server: text(
    '',
    'Send E-Mail gives its messages to this alternate mail server, a name of alternate list; empty: it uses the Mail Relay.',
  ),
})

const pop3Server = z.strictObject({
  idleMs: ms(600_000, 'Inactivity that ends a session without deleting (RFC 1939: at least 10 minutes).'),
  loginMs: ms(60_000, 'Inactivity before login that ends a session.'),
  connectionsMax: count(
    10_000,
    1,
    'Connections at once, all clients; the last tenth, at least 10, for addresses where somebody signed in.',
  ),
  connectionsPerClientMax: count(50, 1, 'Connections at once from one IPv4 address or IPv6 /64.'),
  plainLogin: yes(false, 'Allow passwords without TLS from other machines. Loopback may always.'),
  errorsMax: count(20, 1, 'Bad commands that end a session.'),
  lockWaitMs: ms(2_000, 'How long a second login waits for the first session to end before [IN-USE].'),
  expireDays: z.int().min(0).nullable().default(null).describe('What CAPA says about EXPIRE; null: NEVER.'),
  loginDelaySeconds: count(0, 0, 'Shortest time between two logins of a mailbox, told in CAPA. 0: none.'),
})

const logins = z.strictObject({
  failuresFree: count(5, 1, 'Failed logins from one address before it is slowed down.'),
  delayMs: ms(2_000, 'First delay; it doubles with each further failure.'),
  delayMaxMs: ms(15_000, 'Longest delay.'),
  banAfter: count(50, 5, 'Failures within the window after which the address is refused.'),
  windowMs: ms(900_000, 'How long failures count.'),
  banMs: ms(900_000, 'How long an address stays refused.'),
  sprayAddresses: count(
    100,
    2,
    'Addresses that fail within sprayWindowMs after which every login from a new place waits.',
  ),
  sprayWindowMs: ms(60_000, 'How long those failures count together, and how long the waiting goes on after them.'),
  sprayDelayMs: ms(
    4_000,
    'How long such a login waits. Who signed in from the same place before never waits for this.',
  ),
  hashesAtOnce: count(2, 1, 'Password hashes computed at the same time.'),
  hashQueueMax: count(200, 1, 'Logins that may wait for a hash; further ones are asked to come again.'),
  rememberMs: ms(300_000, 'How long a verified password is remembered in memory as a keyed hash. 0: not at all.'),
})

const dns = z.strictObject({
  servers: z
    .array(z.string())
    .default([])
    .describe('DNS servers as ADDRESS or ADDRESS:PORT, asked in order; empty: those of the machine.'),
  timeoutMs: ms(3_000, 'How long one server may take to answer.'),
  tries: count(2, 1, 'Rounds over all servers.'),
  cacheEntriesMax: count(10_000, 10, 'Answers remembered.'),
  ttlMaxMs: ms(3_600_000, 'Longest time an answer is remembered.'),
})

const mailboxes = z.strictObject({
  graceDays: count(14, 0, 'Days in which a removed mailbox is not purged unless asked for with --now.'),
  ownersSwitchPop3: yes(false, 'Owners switch POP3 of their mailbox on and off themselves, in the console.'),
  messageGraceDays: count(14, 0, 'Days in which a deleted message can be restored. 0: deleted messages go at once.'),
  keepPop3Deleted: yes(
    false,
    'What mail programs delete by POP3 can be restored in the days of messageGraceDays, too.',
  ),
})

const trace = z.strictObject({
  keepDays: count(90, 1, 'Days that the story of a message is kept.'),
})

const console = z.strictObject({
  hosts: texts(
    /^[a-z0-9.-]+$/,
    'a host name in lower case',
    'Further names under which the console may be opened, such as that of a reverse proxy.',
  ),
  trustedProxies: texts(
    /^[0-9a-f:.]+$/,
    'an IP address',
    'Addresses of reverse proxies whose word about the client (X-Forwarded-For) is believed.',
  ),
  plainHttp: yes(
    false,
    'Let the console listen without TLS for other machines too. Passwords can then be read on the way. Counts from the next start.',
  ),
  welcome: texts(
    /^(?:over|(?:done|skipped) (?:name|domain|mailbox|out|devices|check))$/,
    'over, or done or skipped and the name of a question',
    'What has been answered in the first set-up of the console; over: it is not offered any more.',
  ),
  auditDays: count(1095, 365, 'Days that it is kept who changed what; a year at least.'),
})

export const settingsSchema = z.strictObject({
  server: server.prefault({}),
  mailServer: mailServer.prefault({}),
  mailRelay: mailRelay.prefault({}),
  sendEMail: sendEMail.prefault({}),
  pop3Server: pop3Server.prefault({}),
  pop3Client: pop3Client.prefault({}),
  logins: logins.prefault({}),
  dns: dns.prefault({}),
  mailboxes: mailboxes.prefault({}),
  trace: trace.prefault({}),
  backup: backup.prefault({}),
  console: console.prefault({}),
})

export type Settings = z.infer<typeof settingsSchema>
/** Services ask at each use, so a change takes effect at the next command. */
export type SettingsNow = () => Settings

export const defaultSettings: Settings = settingsSchema.parse({})
