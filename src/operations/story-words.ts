// Every sentence of a story, in English. What stands in braces is a value: an address, a host, a time. The page has the same
// sentences in its languages; the command line and copies as text use these. Pure, and read by the page too: no imports.

export const storyWords = {
  // How it came here
  received: 'Taken by Mail Server',
  'handed-in': 'Handed in to Mail Server',
  'by-user': 'By {user}, signed in from {client}.',
  'by-client': 'From {client}, which called itself {ehlo}.',
  'over-tls': 'Over {tls}.',
  'without-tls': 'Without TLS.',
  'of-size': 'Its size: {sizeBytes}.',
  'allowed-user': '{user} may forward because of signing in.',
  'allowed-access': 'The access list lets it out: entry {entry}.',
  'fields-removed': 'Fields that were taken out: {fields}.',
  sent: 'Written here',
  'sent-by': 'By {by}.',
  later: 'It goes out at {laterAt}.',
  collected: 'Collected from {host}',
  'collected-by': 'By the account {account}; there it was message {uid}.',
  distributed: 'Its mailbox was found by {field}.',
  unmatched: 'No mailbox here is named by it ({field}), so it is in that of the account.',
  alert: 'Written by this program, to tell of a problem',
  stored: 'Stored in mailbox {mailbox}',
  'not-stored': 'Not stored in mailbox {mailbox}',
  'mailbox-full': 'It is full.',
  discarded: 'Thrown away',
  'discarded-why': '{to} is set to discard mail; the sender is not told.',
  queued: 'Queued for {to}',
  // Refusals
  refused: 'Refused',
  'refused-for': 'Refused for {to}',
  'refused-more': 'Refused {count} times more from this client',
  'no-such-address': 'There is no such address here.',
  'not-listed': '{client} is not on the access list, and nobody signed in.',
  'no-forwarding': 'This server forwards no mail to other servers.',
  'not-this-sender': 'This client may not use this sender address.',
  'sign-in-first': 'Nobody signed in.',
  'box-full': 'The mailbox is full.',
  'too-large': 'It is too large.',
  loop: 'It has passed too many servers: it seems to loop.',
  malformed: 'It is not written as mail must be.',
  'no-space': 'This server could take no mail at that moment.',
  'ask-again': 'They were asked to come again.',
  'refused-other': 'The reply says why.',
  // Tries
  'try-wait-mx': 'Try {attempt}: Mail Exchanger asked us to wait',
  'try-wait-address': 'Try {attempt}: the host of the domain asked us to wait',
  'try-wait-alternate': 'Try {attempt}: alternate mail server {server} asked us to wait',
  'try-silent': 'Try {attempt}: no answer',
  'try-later': 'Try {attempt}: could not be made',
  'try-stopped': 'Try {attempt}: stopped, somebody must mend this',
  after: 'After {afterMs}.',
  'host-tls': '{host}, over {tls}.',
  'host-clear': '{host}, without TLS.',
  host: '{host}.',
  'route-mx': 'By the Mail Exchanger of the domain: {because}.',
  'route-address': 'By the address of the domain: {because}.',
  'route-alternate': 'Through the alternate mail server {server}: {because}.',
  before: 'Before: {note}.',
  mend: '{waitsFor}. Mail is kept and tried every quarter of an hour.',
  uncertain: 'It may have arrived: the answer was lost.',
  repeated: 'The try before ended with the program: it may arrive twice.',
  'try-planned': 'Try {attempt} planned',
  sending: 'Try {attempt}: being sent now',
  'later-planned': 'Goes out',
  expires: 'It is tried until {expiresAt}.',
  'delay-notice': '{to} is told at {noticeAt} if it still waits.',
  'delivered-for': 'Delivered for {to}',
  theirs: 'What happens after this is theirs to tell.',
  'failed-for': 'Failed for {to}',
  'refused-there': 'The other server refused it for good.',
  'tried-enough': 'It was tried for long enough.',
  interrupted: 'Try {attempt} was cut off',
  'interrupted-why': 'This program ended, or the try took too long. {to} may have got it.',
  // By hand
  held: 'Held',
  'held-by': 'By {by}: {why}.',
  'held-why': '{why}.',
  'held-now': 'Held mail waits for you; it does not expire.',
  released: 'Released by {by}',
  retried: 'Tried again by {by}',
  rerouted: 'Sent another way by {by}',
  'rerouted-way': 'By {route}, for one try.',
  edited: 'Changed by {by}',
  'edited-to': 'It goes to {to} in place of this one.',
  dropped: 'Dropped by {by}',
  'dropped-why': 'Nobody is told.',
  bounced: 'Sent back by {by}',
  // What came of it
  delayed: 'Still waits',
  'told-failed': 'The sender was told that it failed',
  'told-delayed': 'The sender was told that it waits',
  'told-delivered': 'The sender was told that it arrived',
  'told-perhaps': 'The sender asked to be told',
  'told-perhaps-why': 'The client is a stranger and may have named anybody: SPF is asked before a notice goes to {to}.',
  'told-not': 'The sender was not told',
  'told-not-why': 'Whoever reads mail for {to} may have written nothing.',
  'spf-fail': '{domain} says that {client} may not send for it (SPF: fail).',
  'spf-softfail': '{domain} says that {client} should not send for it (SPF: softfail).',
  'spf-neutral': '{domain} does not say whether {client} may send for it (SPF: neutral).',
  'spf-none': '{domain} has no SPF record: anybody may have named this sender (SPF: none).',
  'spf-temperror': 'DNS has not said for long enough whether {client} may send for {domain} (SPF: temperror).',
  'spf-permerror': 'The SPF record of {domain} is wrong: {because} (SPF: permerror).',
  proof: 'The sender is known by {proof}.',
  'told-to': 'A notice went to {to}.',
  notice: 'Notice made by this program',
  'notice-about': 'It tells {to} what became of another message.',
  'notice-lost': 'A notice could not be kept',
  'away-told': 'Away notice for {to}, from mailbox {mailbox}',
  'away-told-why': 'Its owner is away; each sender is told once in 7 days.',
  'away-waits-why': 'The client is a stranger and may have named anybody: SPF is asked before it goes.',
  'away-not': 'No away notice from mailbox {mailbox}',
  'away-notice': 'Away notice made by this program',
  'away-notice-about': 'It tells {to} that the owner of {as} is away.',
  'away-null-sender': 'It has no sender: it is a notice itself.',
  'away-own-address': 'The owner wrote it.',
  'away-no-reply': 'Its sender is an address that nobody reads.',
  'away-automatic': 'A program wrote it.',
  'away-list': 'It comes from a mailing list.',
  'away-bulk': 'It was sent in bulk.',
  'away-not-named': 'None of the addresses of the mailbox stands in To or Cc.',
  'away-answered': 'Its sender was answered within the last 7 days.',
  'away-too-many': 'The mailbox has answered too many within the last hour.',
  'away-disabled': 'The mailbox is switched off.',
  'away-unreachable': 'Its sender cannot be reached from here.',
  'away-failed': 'The answer could not be kept.',
  'local-now': 'Stored here: the domain has become one of this server',
  read: 'Read by POP3 from mailbox {mailbox}',
  'read-by': 'From {client}.',
  'read-many': 'From {client}, with {count} messages in all.',
  deleted: 'Deleted by POP3 from mailbox {mailbox}',
  'removed-there': 'Deleted at {host}, where it was collected',
  other: 'Noted: {step}',
  // The sentence above the story, and the line in a list
  'sum-at-once': '{to} got it at once.',
  'sum-tries': '{to} got it after {tookMs}, on try {attempt}.',
  'sum-many': '{count} recipients got it.',
  'sum-stored': 'Mailbox {mailbox} has it.',
  'sum-read': 'Mailbox {mailbox} got it, and it was read by POP3.',
  'sum-deleted': 'Mailbox {mailbox} got it, and it was deleted there by POP3.',
  'sum-waiting': '{to} does not have it yet. Tries so far: {attempts}; the next one: {nextAt}.',
  'sum-waiting-first': '{to} does not have it yet. The first try: {nextAt}.',
  'sum-held': 'For {to} it is held and waits for you.',
  'sum-sending': 'To {to} it is being sent now.',
  'sum-failed': '{to} did not get it.',
  'sum-dropped': '{to} did not get it: it was dropped.',
  'sum-told': 'The sender was told.',
  'sum-refused': 'It was refused: nothing of it is here.',
  'row-delivered': 'Delivered',
  'row-delivered-try': 'Delivered on try {attempt}',
  'row-stored': 'Stored in {mailbox}',
  'row-stored-many': 'Stored in {count} mailboxes',
  'row-waiting': 'Tries: {attempts}, next {nextAt}',
  'row-waiting-first': 'Waits, next {nextAt}',
  'row-held': 'Held',
  'row-sending': 'On its way',
  'row-failed': 'Not delivered',
  'row-partly': '{delivered} delivered, {failed} not',
  'row-dropped': 'Dropped by hand',
  'row-withheld': 'Not mailed: the sender may be forged',
  'row-discarded': 'Thrown away',
  'row-refused': 'Refused',
  'row-read': '{count} messages read by POP3',
  'row-deleted': 'Deleted by POP3',
  'row-removed': 'Deleted where it was collected',
  'row-login-failed': 'Wrong password',
  'row-mailbox-full': 'Mailbox {mailbox} fills up',
  'row-other': '{step}',
} as const

export type StoryCode = keyof typeof storyWords
export type Said = { readonly code: StoryCode; readonly values: Readonly<Record<string, string | number>> }

/** The pieces of a sentence: its words, and its values by name. */
export function pieces(words: string): readonly { readonly text?: string; readonly name?: string }[] {
  return words
    .split(/(\{\w+\})/)
    .filter((piece) => piece !== '')
    .map((piece) => (/^\{\w+\}$/.test(piece) ? { name: piece.slice(1, -1) } : { text: piece }))
}

export type Forms = {
  readonly time: (at: number) => string
  readonly span: (ms: number) => string
  readonly size: (bytes: number) => string
}

/** How a value is written: the end of its name tells what it is. */
export function written(name: string, value: string | number, { time, span, size }: Forms): string {
  if (typeof value === 'string') return value
  if (name.endsWith('At')) return time(value)
  if (name.endsWith('Ms')) return span(value)
  return name.endsWith('Bytes') ? size(value) : String(value)
}

export const sentenceOf = ({ code, values }: Said, words: Readonly<Record<StoryCode, string>>, forms: Forms): string =>
  pieces(words[code])
    .map(({ text, name = '' }) => text ?? written(name, values[name] ?? '', forms))
    .join('')
