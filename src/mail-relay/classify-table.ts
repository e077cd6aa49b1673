// What servers say when they refuse, as data: the first row that fits decides, so special rows stand before general ones.
// Texts are matched in lower case. Read by classify.ts; grows by a row and its real-life text in classify.test.ts.
import type { RefusalKind } from './classify.ts'
import type { Stage } from './session-types.ts'

/** Shown with each decision, so that an old one can be explained. */
export const refusalsVersion = 2

export type Refusal = {
  readonly kind: RefusalKind
  readonly text?: RegExp
  readonly status?: RegExp
  readonly codes?: readonly number[]
  readonly stages?: readonly Stage[]
}

export const refusals: readonly Refusal[] = [
  // A full mailbox, whose quota is the recipient's own.
  { kind: 'recipient', text: /quota|full/, status: /^[45]\.2\.[12]$/ },

  // Our pace and our contingent: they say so in many words, also with a 5xx.
  {
    kind: 'rate',
    text: /(?:daily|hourly|monthly|sending|message|user|account|outbound) (?:\w+ ){0,3}(?:limit|quota) (?:\w+ ){0,2}(?:exceeded|reached)/,
  },
  { kind: 'rate', text: /exceeded (?:\w+ ){0,4}(?:sending|message|rate|daily|hourly) (?:limit|quota)/ },
  { kind: 'rate', text: /maximum credits exceeded|throttl|rate.?limit|sending rate|unusual rate|too quickly|too fast/ },
  { kind: 'rate', text: /too many (?:\w+ ){0,3}(?:messages|mails|emails|connections|recipients|sessions|requests)/ },
  {
    kind: 'rate',
    text: /(?:unexpected volume|concurrent (?:\w+ ){0,2}connections|connection (?:rate|limit)|thread limit)/,
  },
  { kind: 'rate', text: /server (?:is )?(?:too )?busy/, status: /^4\.7\./ },
  { kind: 'rate', status: /^[45]\.(?:4\.5|7\.28)$/ },

  // The same sender is taken when it comes again.
  { kind: 'greylist', text: /gr[ea]y.?list|\b(?:gl|postgrey|milter-greylist|sqlgrey)\b/ },
  { kind: 'greylist', text: /^(?:please )?try again (?:later|in \d+)/, status: /^4\.7\./ },
  { kind: 'greylist', text: /internal resource temporarily unavailable/ }, // Mimecast's word for it

  // Groups and mailboxes that take mail from their own people only.
  { kind: 'recipient', status: /^5\.7\.(?:124|13[3-6])$/ },

  // The account at a server: RO-27.
  {
    kind: 'auth',
    text: /sender address rejected: not (?:owned|logged)|send ?as ?denied|(?:permissions?|allowed|authorized) to send as/,
  },
  { kind: 'auth', text: /(?:email address|domain|identit(?:y|ies)|sender) (?:is |are )?(?:not|un)[ -]?verified/ },
  {
    kind: 'auth',
    text: /bad outbound sender|(?:account|user) (?:has been |is )?(?:suspended|blocked) (?:from|for) sending/,
  },
  { kind: 'about-us', text: /must issue a starttls|(?:requires|use) (?:tls|encryption)/ },
  {
    kind: 'auth',
    text: /authentication (?:is )?required|auth(?:entication)? (?:failed|unsuccessful)|log ?in first/,
    codes: [530, 534, 535, 538, 550, 553, 554],
  },
  { kind: 'auth', codes: [530, 534, 535, 538] },
  { kind: 'auth', codes: [500, 501, 502, 503, 504, 550, 554], stages: ['auth'] },

  // The size stands before the mailbox: both speak of limits.
  {
    kind: 'size',
    text: /(?:message|mail|size|length) (?:\w+ ){0,3}(?:too (?:big|large)|exceeds|exceeded) ?(?:\w+'?s? ){0,4}(?:size|limit|maximum|databytes|length)?/,
    status: /^[45]\.(?:3\.4|2\.3)$/,
  },
  {
    kind: 'size',
    text: /(?:size exceeds|message (?:is )?too (?:big|large)|exceeded \w+'s message size|maximum (?:message )?size)/,
  },
  { kind: 'size', status: /^[45]\.(?:3\.4|2\.3)$/ },

  // Our name, address and authentication.
  { kind: 'about-us', text: /\bptr\b|reverse (?:dns|host|lookup)|rdns|bad dns/ },
  {
    kind: 'about-us',
    text: /unauthenticated|authentication (?:information|checks)|(?:^|[^a-z])(?:spf|dkim|dmarc)(?:[^a-z]|$)|anti-?spoofing/,
  },
  {
    kind: 'about-us',
    text: /(?:black|block|deny).?list(?!ed (?:url|link|domain))|\b(?:dns|r)bl\b|spamhaus|spamcop|barracuda|sorbs|uceprotect|proofpoint|abusix|cloudmark/,
  },
  { kind: 'about-us', text: /block(?:ed)? using|listed (?:at|by|in|on) |poor reputation|ip reputation|bad reputation/ },
  {
    kind: 'about-us',
    text: /(?:banned|blocked) send|from this ip|your ip|sending ip|\bip=|client host rejected|connections? (?:will )?not (?:be )?accepted|no smtp service/,
  },
  {
    kind: 'about-us',
    text: /emails? from (?:your|this) (?:ip|server|host|network)|messages from \[?[0-9a-f.:]+\]? (?:weren't|were not)/,
  },
  { kind: 'about-us', text: /helo|ehlo/, stages: ['ehlo', 'mail', 'rcpt'] },
  {
    kind: 'about-us',
    text: /sender (?:address )?(?:rejected|verif)|verification failed for|domain (?:of sender|not found|does not resolve)/,
  },
  {
    kind: 'about-us',
    text: /relay(?:ing)? (?:access )?(?:denied|not permitted|not allowed|prohibited)|list of allowed rcpthosts|unable to relay/,
  },
  { kind: 'about-us', status: /^[45]\.(?:1\.[78]|7\.(?:2[0-79]|5\d\d|6\d\d|7\d\d))$/ },

  {
    kind: 'recipient',
    text: /(?:no such|invalid|unknown) (?:user|recipient|mailbox)|(?:user|mailbox|recipient) (?:not found|unknown)/,
  },

  // What is in the message.
  { kind: 'content', text: /spam|unsolicited|\bjunk\b|bulk mail/, stages: ['data', 'dot'] },
  {
    kind: 'content',
    text: /virus|malware|phish|security issue|attachment|(?:black|block)listed (?:url|link|domain)|suspicious/,
  },
  {
    kind: 'content',
    text: /(?:message|mail|content) (?:\w+ ){0,4}(?:rejected|blocked|refused|not accepted)/,
    stages: ['data', 'dot'],
  },
  { kind: 'content', status: /^[45]\.6\.\d+$/ },

  // The recipient, who is not there, not reachable, or full.
  {
    kind: 'recipient',
    text: /(?:user|recipient|mailbox|account|address|alias|customer|person) (?:\S+ ){0,8}?(?:unknown|not? (?:\w+ )?(?:exist|found)|invalid|inactive|disabled|unavailable|full|over)/,
  },
  {
    kind: 'recipient',
    text: /no such|unknown|invalid|unroute?able|not our|no mailbox/,
    stages: ['rcpt'],
  },
  {
    kind: 'recipient',
    text: /doesn't have a \S+ account/,
  },
  {
    kind: 'recipient',
    text: /over ?quota|quota ?exceeded|mailbox (?:is )?full|out of (?:storage|space)|recipient address rejected|recipientnotfound/,
  },
  { kind: 'recipient', status: /^[45]\.(?:1\.(?:[1-6]|10)|2\.[12]|7\.13)$/ },
]
