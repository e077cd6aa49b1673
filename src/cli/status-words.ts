// What parts are doing and what is wrong, in English for a terminal. The page has its own words for the same codes; a code without
// words does not compile.
import type { ActivityCode } from '#/operations/activity.ts'
import type { ProblemCode } from '#/operations/problem-shapes.ts'
import type { PartCode, PartName, Values } from '#/operations/status-shapes.ts'
import { localTime } from './print.ts'
import { sized } from './sizes.ts'

type Words = (v: Values) => string

export const partWords: Readonly<Record<PartName, string>> = {
  'mail-server': 'Mail Server',
  'mail-relay': 'Mail Relay',
  'pop3-server': 'POP3 Server',
  'pop3-client': 'POP3 Client',
  console: 'Console',
}

const many = (n: string | number | undefined, one: string, more = `${one}s`): string => `${n} ${n === 1 ? one : more}`

export const doingWords: Readonly<Record<PartCode, Words>> = {
  stopped: () => 'The server does not run',
  'not-asked': () => 'Not started: no listener was asked for',
  'nothing-listens': ({ address, problem }) => `Listens nowhere: ${address}, ${problem}`,
  'some-listen': ({ address, problem }) => `Runs, but not on ${address}: ${problem}`,
  'disk-full': () => 'Takes no mail: the disk is full',
  'store-failed': () => 'Takes no mail: the disk reported an error',
  taking: ({ domains, entries }) =>
    `Taking mail for ${many(domains, 'domain')}, forwarding for ${many(entries, 'entry', 'entries')}`,
  'taking-only': ({ domains }) => `Taking mail for ${many(domains, 'domain')}`,
  paused: ({ open }) => `Paused by hand; ${open} wait`,
  'no-route': () => 'No route is ticked: mail is held',
  trouble: ({ problems }) => `Delivering what it can; ${many(problems, 'problem')} to solve`,
  'asked-to-wait': ({ destinations }) => `Delivering; ${many(destinations, 'destination')} asked us to wait`,
  delivering: () => 'Delivering',
  idle: () => 'Nothing waits',
  access: ({ mailboxes, of }) => `${mailboxes} of ${many(of, 'mailbox', 'mailboxes')} have POP3 access`,
  disabled: () => 'Switched off',
  'no-accounts': () => 'No account is collected',
  'needs-you': ({ collecting, of, stopped }) => `${collecting} of ${many(of, 'account')} collect; ${stopped} need you`,
  failing: ({ of, failing }) => `${failing} of ${many(of, 'account')} fail and are tried again`,
  'accounts-paused': () => 'All accounts are paused',
  collecting: ({ of, everyMin, everyMax }) =>
    `Collecting ${many(of, 'account')} every ${everyMin === everyMax ? everyMin : `${everyMin} to ${everyMax}`} min`,
  'open-here': () => 'Open to this machine',
  'open-network': () => 'Open to the network',
}

/** A problem in one sentence, and what to do in another. */
export const problemWords: Readonly<Record<ProblemCode, Words>> = {
  'source-failed': ({ said }) => `Something could not be looked at: ${said}.`,
  'not-running': () => 'No server runs on this folder. Start it: netcruiser serve.',
  'disk-full': ({ freeBytes }) =>
    `The disk is full (${sized(Number(freeBytes))} free): new mail is refused with 452. Make room.`,
  'disk-low': ({ freeBytes }) => `The disk is nearly full (${sized(Number(freeBytes))} free). Make room soon.`,
  'store-failed': () => 'The disk reported an error, and no mail is taken. Check it, then start anew.',
  listener: ({ component, address, said }) =>
    `${component} does not listen on ${address}: ${said}. See port-busy in docs/faq.md.`,
  'certificate-none': () => 'There is no usable certificate: TLS is off. See netcruiser certificate.',
  'certificate-expired': ({ untilAt }) => `The certificate ended on ${at(untilAt)}. See netcruiser certificate.`,
  'certificate-ending': ({ days }) => `The certificate ends in ${many(days, 'day')}. See netcruiser certificate.`,
  'certificate-name': ({ hostname }) => `The certificate is not made for ${hostname}. See netcruiser certificate.`,
  'certificate-own': () => 'The certificate is self-signed. See certificate-not-trusted in docs/faq.md.',
  'no-mailbox': () => 'There is no mailbox yet: netcruiser mailbox add ann --pop3 --password.',
  'no-domain': () => 'No domain is taken yet: netcruiser domain add example.org --catch ann.',
  'access-empty': () => 'Forwarding is on, but the access list is empty: only signed-in users may forward.',
  'open-relay': ({ said }) => `${said}.`,
  'relay-no-route': () => 'No route is ticked, so outgoing mail is held: set mailRelay.mx or mailRelay.alternate.',
  'relay-alternate-missing': ({ name }) => `mailRelay.alternate names ${name}, but there is no such server.`,
  'relay-delay-late': () => 'mailRelay.delayNoticeMs is not below mailRelay.lifetimeMs: nobody is told of a delay.',
  'relay-alternate-risk': ({ said }) => `${said}.`,
  'relay-held': ({ name, said }) => `Mail waits (${name}): ${said}.`,
  'relay-rate': ({ name, said }) => `${name} takes no more mail for now: ${said}`,
  'relay-alternate': ({ name, said }) => `The alternate mail server ${name} cannot be used: ${said}`,
  'relay-port-25': ({ said }) => `${said}`,
  'relay-unwanted': ({ said }) => `${said}`,
  'queue-deep': ({ depth }) => `${depth} deliveries are in the queue: see netcruiser queue summary.`,
  'queue-old': ({ hours }) => `The oldest mail in the queue is ${many(hours, 'hour')} old: see netcruiser queue list.`,
  'account-sign-in': ({ account, said }) => `The account ${account} waits for a new sign-in: ${said}.`,
  'account-stopped': ({ account, said }) => `The account ${account} collects nothing: ${said}.`,
  'account-failing': ({ account, said }) => `The account ${account} could not be collected: ${said}.`,
  'mailbox-full': ({ mailbox }) => `The mailbox ${mailbox} is full: mail for it is refused.`,
  'mailbox-filling': ({ mailbox, percent }) => `The mailbox ${mailbox} is ${percent} % full.`,
  'backup-failed': ({ said }) => `The last backup was not made: ${said}.`,
  'backup-old': ({ days }) => `The newest backup is ${many(days, 'day')} old: see netcruiser backup state.`,
  restored: ({ backupAt, held }) =>
    `This is the backup of ${at(backupAt)}: ${many(held, 'delivery', 'deliveries')} of then are held, and nothing is deleted on other servers, until netcruiser restore release.`,
}

const at = (value: unknown): string => localTime(Number(value)).slice(0, 10)

const others = ({ others: n }: Values): string => (n === undefined ? '' : ` and ${n} more`)
const size = ({ sizeBytes }: Values): string => (sizeBytes === undefined ? '' : `, ${sized(Number(sizeBytes))}`)
const by = ({ client }: Values): string => (client === undefined ? '' : ` by ${client}`)

export const activityWords: Readonly<Record<ActivityCode, Words>> = {
  stored: (v) => `stored for ${v['to']}${others(v)} from ${v['from']}${size(v)}`,
  queued: (v) => `taken for ${v['to']}${others(v)} from ${v['from']}${by(v)}${size(v)}`,
  'stored-and-queued': (v) => `stored and taken for ${v['to']}${others(v)} from ${v['from']}${size(v)}`,
  refused: (v) => `refused${by(v)}: ${v['reply']}`,
  'refused-more': (v) => `refused${by(v)}: ${v['more']} more`,
  sent: (v) => `sent from here to ${v['to'] ?? 'a mailbox'}${others(v)}`,
  notified: (v) => `notice to ${v['to'] ?? 'a mailbox'}`,
  'notice-waits': (v) => `notice for a stranger: is ${v['to']} the sender?`,
  'notice-withheld': (v) => `no notice to ${v['to']}: the sender may be forged`,
  'away-answered': () => 'away notice made',
  'away-quiet': () => 'no away notice: the trace tells why',
  alert: (v) => `told the postmaster: ${v['subject'] ?? 'a problem'}`,
  delivered: (v) => `delivered to ${v['to']}${others(v)}`,
  deferred: (v) => `${v['to']}${others(v)} must wait: ${v['reply'] ?? 'tried again'}`,
  delayed: (v) => `${v['from'] ?? 'the sender'} was told of the delay to ${v['to']}`,
  failed: (v) => `failed for ${v['to']}${others(v)}: ${v['reply'] ?? ''}`,
  held: (v) => `held: ${v['to']}${others(v)}`,
  read: (v) => `${v['to']} read ${many(v['messages'], 'message')} by POP3 from ${v['client']}`,
  deleted: (v) => `${v['to']} deleted by POP3 from ${v['client']}`,
  collected: (v) => `collected from ${v['account']} into ${v['to']}${size(v)}`,
  'removed-remotely': (v) => `removed on the server of ${v['account'] ?? 'an account'}`,
  'mailbox-filling': (v) => `the mailbox ${v['to']} is ${v['percent']} % full`,
  'mailbox-full': (v) => `the mailbox ${v['to']} is full`,
  'by-hand': (v) => `${v['step']} by hand: ${v['to']}${others(v)}`,
  other: (v) => `${v['step']} ${v['to'] ?? ''}`.trimEnd(),
}
