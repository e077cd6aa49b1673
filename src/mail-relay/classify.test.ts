// Refusals as they were really written, and what each is about.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reply } from '#/message/reply.ts'
import { classify, type RefusalKind } from './classify.ts'
import type { Stage } from './session-types.ts'

/** `code status text`, status - where there is none. IP addresses and names are changed. */
const said: readonly (readonly [kind: RefusalKind, stage: Stage, text: string])[] = [
  // Gmail
  [
    'recipient',
    'rcpt',
    "550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for typos",
  ],
  [
    'recipient',
    'rcpt',
    "452 4.2.2 The recipient's inbox is out of storage space. Please direct the recipient to https://support.google.com/mail/?p=OverQuotaTemp",
  ],
  ['recipient', 'rcpt', '552 5.2.2 The email account that you tried to reach is over quota and inactive.'],
  ['recipient', 'rcpt', '550 5.2.1 The email account that you tried to reach is disabled.'],
  ['recipient', 'rcpt', '552 5.2.2 User quota exceeded'],
  ['recipient', 'dot', '452 4.2.2 Account quota exceeded'],
  [
    'rate',
    'rcpt',
    '450 4.2.1 The user you are trying to contact is receiving email too quickly. Please resend your message at a later time.',
  ],
  [
    'about-us',
    'dot',
    '550 5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM.',
  ],
  [
    'about-us',
    'dot',
    '550 5.7.25 [203.0.113.5] The IP address sending this message does not have a PTR record setup, or the corresponding forward DNS entry does not match the sending IP.',
  ],
  [
    'about-us',
    'dot',
    '550 5.7.1 Our system has detected that this message does not meet IPv6 sending guidelines regarding PTR records and authentication.',
  ],
  [
    'about-us',
    'dot',
    '421 4.7.0 This message does not have authentication information or fails to pass authentication checks.',
  ],
  [
    'content',
    'dot',
    '550 5.7.1 [203.0.113.5 12] Our system has detected that this message is likely unsolicited mail. To reduce the amount of spam sent to Gmail, this message has been blocked.',
  ],
  ['content', 'dot', '552 5.7.0 This message was blocked because its content presents a potential security issue.'],
  [
    'rate',
    'dot',
    '421 4.7.28 [203.0.113.5 15] Our system has detected an unusual rate of unsolicited mail originating from your IP address. To protect our users from spam, mail sent from your IP address has been temporarily rate limited.',
  ],
  [
    'rate',
    'mail',
    '550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to https://support.google.com/a/answer/166852',
  ],
  ['rate', 'mail', '550 5.4.5 Daily SMTP relay sending limit exceeded for customer.'],
  ['size', 'dot', "552 5.3.4 Your message exceeded Google's message size limits."],
  [
    'auth',
    'auth',
    '535 5.7.8 Username and Password not accepted. For more information, go to https://support.google.com/mail/?p=BadCredentials',
  ],
  ['auth', 'auth', '534 5.7.9 Application-specific password required.'],
  [
    'auth',
    'mail',
    '530 5.7.0 Authentication Required. For more information, go to https://support.google.com/mail/?p=WantAuthError',
  ],
  ['about-us', 'mail', '530 5.7.0 Must issue a STARTTLS command first'],
  // Outlook, Exchange
  ['recipient', 'rcpt', '550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).'],
  ['recipient', 'rcpt', '550 5.4.1 Recipient address rejected: Access denied. AS(201806281)'],
  [
    'recipient',
    'rcpt',
    '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ann@far.example not found by SMTP address lookup',
  ],
  [
    'recipient',
    'dot',
    '554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded; Failed to process message',
  ],
  [
    'about-us',
    'mail',
    "550 5.7.1 Unfortunately, messages from [203.0.113.5] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).",
  ],
  [
    'about-us',
    'rcpt',
    '550 5.7.606 Access denied, banned sending IP [203.0.113.5]. To request removal from this list please visit https://sender.office.com/',
  ],
  ['about-us', 'rcpt', '550 5.7.708 Access denied, traffic not accepted from this IP.'],
  ['about-us', 'rcpt', '550 5.7.511 Access denied, banned sender[ann@here.example].'],
  [
    'about-us',
    'dot',
    '550 5.7.509 Access denied, sending domain here.example does not pass DMARC verification and has a DMARC policy of reject.',
  ],
  ['rate', 'mail', '451 4.7.650 The mail server [203.0.113.5] has been temporarily rate limited due to IP reputation.'],
  ['rate', 'greeting', '451 4.7.500 Server busy. Please try again later from [203.0.113.5]. (S77719)'],
  [
    'rate',
    'greeting',
    '421 4.3.2 The maximum number of concurrent server connections has exceeded a limit, closing transmission channel',
  ],
  ['rate', 'dot', '432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded'],
  ['rate', 'rcpt', '452 4.5.3 Too many recipients'],
  ['rate', 'dot', '554 5.2.0 Your account exceeded the maximum daily message quota'],
  ['auth', 'auth', '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.'],
  ['auth', 'dot', '550 5.7.60 SMTP; Client does not have permissions to send as this sender'],
  ['auth', 'dot', '554 5.2.252 SendAsDenied; ann@here.example not allowed to send as info@here.example'],
  ['auth', 'dot', '550 5.1.8 Access denied, bad outbound sender AS(42004)'],
  [
    'recipient',
    'rcpt',
    '550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed because the sender was not authenticated when sending to this group',
  ],
  // Yahoo, AOL
  [
    'rate',
    'greeting',
    '421 4.7.0 [TSS04] Messages from 203.0.113.5 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1',
  ],
  [
    'about-us',
    'greeting',
    "553 5.7.1 [BL21] Connections will not be accepted from 203.0.113.5, because the ip is in Spamhaus's list",
  ],
  ['recipient', 'dot', "554 - delivery error: dd This user doesn't have a yahoo.com account (ann@far.example) [0]"],
  [
    'content',
    'dot',
    '554 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes',
  ],
  ['recipient', 'rcpt', '552 - 1 Requested mail action aborted, mailbox not found'],
  // Postfix
  [
    'recipient',
    'rcpt',
    '550 5.1.1 <ann@far.example>: Recipient address rejected: User unknown in local recipient table',
  ],
  [
    'recipient',
    'rcpt',
    '552 5.2.2 <ann@far.example>: Recipient address rejected: Mailbox is full / Blocks limit exceeded / Inode limit exceeded',
  ],
  [
    'about-us',
    'rcpt',
    '554 5.7.1 Service unavailable; Client host [203.0.113.5] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/203.0.113.5',
  ],
  ['about-us', 'rcpt', '450 4.7.1 Client host rejected: cannot find your reverse hostname, [203.0.113.5]'],
  ['about-us', 'rcpt', '450 4.1.8 <ann@here.example>: Sender address rejected: Domain not found'],
  ['about-us', 'rcpt', '504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname'],
  [
    'about-us',
    'rcpt',
    '550 5.7.23 <ann@far.example>: Recipient address rejected: Message rejected due to: SPF fail - not authorized.',
  ],
  ['about-us', 'rcpt', '554 5.7.1 <ann@far.example>: Relay access denied'],
  [
    'greylist',
    'rcpt',
    '450 4.2.0 <ann@far.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/far.example.html',
  ],
  ['size', 'mail', '552 5.3.4 Message size exceeds fixed limit'],
  ['other', 'rcpt', '451 4.3.0 <ann@far.example>: Temporary lookup failure'],
  ['content', 'dot', '554 5.7.1 Spam message rejected'],
  ['content', 'dot', '550 5.7.1 Message rejected: virus Eicar-Test-Signature found'],
  ['auth', 'rcpt', '553 5.7.1 <ann@here.example>: Sender address rejected: not owned by user bob'],
  // Exim, cPanel
  ['recipient', 'rcpt', '550 - Unrouteable address'],
  ['recipient', 'rcpt', '550 - No Such User Here'],
  ['other', 'rcpt', '451 - Temporary local problem - please try later'],
  ['about-us', 'rcpt', '550 - Verification failed for <ann@here.example>'],
  [
    'about-us',
    'rcpt',
    '550 - JunkMail rejected - mx.here.example [203.0.113.5] is in an RBL, see http://www.spamcop.net/',
  ],
  ['greylist', 'rcpt', '451 4.7.1 Greylisting in action, please come back later'],
  ['rate', 'rcpt', '451 - Domain here.example has exceeded the max emails per hour. Message rate limited'],
  // qmail
  ['about-us', 'rcpt', "553 - sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"],
  ['recipient', 'rcpt', '550 - sorry, no mailbox here by that name. (#5.1.1)'],
  ['size', 'dot', '552 - sorry, that message size exceeds my databytes limit (#5.3.4)'],
  // Providers that send for others
  ['rate', 'auth', '451 - Authentication failed: Maximum credits exceeded'],
  ['rate', 'dot', '454 - Throttling failure: Maximum sending rate exceeded.'],
  ['rate', 'dot', '454 - Throttling failure: Daily message quota exceeded.'],
  [
    'auth',
    'dot',
    '554 - Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1: ann@here.example',
  ],
  ['rate', 'mail', '550 5.7.1 Hourly limit reached'],
  ['rate', 'rcpt', '550 - Daily sending quota reached for this account'],
  // Others
  [
    'about-us',
    'greeting',
    '554 - gmx.net (mxgmx016) Nemesis ESMTP Service not available No SMTP service Bad DNS PTR resource record.',
  ],
  [
    'about-us',
    'greeting',
    '554 - IP=203.0.113.5 - A problem occurred. Ask your postmaster for help or to contact tosa@rx.t-online.de to clarify.',
  ],
  [
    'recipient',
    'rcpt',
    '550 - Requested action not taken: mailbox unavailable. For explanation visit https://postmaster.1und1.de/',
  ],
  [
    'about-us',
    'dot',
    "554 5.7.1 Your message was rejected due to here.example's DMARC policy. See https://support.apple.com/en-us/HT204137",
  ],
  ['content', 'dot', '554 5.7.1 [CS01] Message rejected due to local policy.'],
  ['about-us', 'greeting', '554 - Blocked - see https://ipcheck.proofpoint.com/?ip=203.0.113.5'],
  [
    'about-us',
    'rcpt',
    '550 - csi.mimecast.org Poor Reputation Sender. - https://community.mimecast.com/docs/DOC-1369#550',
  ],
  ['about-us', 'dot', '550 - Rejected by header based Anti-Spoofing policy'],
  [
    'greylist',
    'rcpt',
    '451 - Internal resource temporarily unavailable - https://community.mimecast.com/docs/DOC-1369#451',
  ],
  ['greylist', 'dot', '451 4.7.1 Try again later'],
  ['recipient', 'rcpt', '550 5.1.1 Not our Customer'],
  ['about-us', 'greeting', '421 - resimta-po-01v.sys.comcast.example Reverse DNS failure: Try again later'],
  [
    'content',
    'dot',
    '550 - spam message rejected. Please visit http://help.mail.ru/notspam-support/id?c=abc or report details to abuse@corp.mail.ru.',
  ],
  [
    'recipient',
    'dot',
    '550 - Message was not accepted -- invalid mailbox.  Local mailbox ann@far.example is unavailable: user not found',
  ],
  ['rate', 'greeting', '421 - Too many concurrent SMTP connections; please try again later.'],
  ['size', 'dot', '552 5.2.3 Message exceeds maximum fixed size'],
]

test('RO-16, RO-31 real refusals are told apart', () => {
  assert.ok(said.length >= 60)
  const wrong = said.flatMap(([kind, stage, text]) => {
    const [, code, status, words = ''] = /^(\d+) (\S+) (.*)$/.exec(text)!
    const found = classify(reply(Number(code), status === '-' ? null : status!, words), stage)
    return found === kind ? [] : [`${found}, not ${kind}: ${text}`]
  })
  assert.deepEqual(wrong, [])
})

const bare: readonly (readonly [kind: RefusalKind, stage: Stage, code: number, status: string | null])[] = [
  ['about-us', 'greeting', 554, null],
  ['about-us', 'mail', 550, null],
  ['recipient', 'rcpt', 550, null],
  ['content', 'dot', 554, null],
  ['other', 'data', 554, null],
  ['other', 'greeting', 421, null],
  ['other', 'rcpt', 450, null],
  ['other', 'auth', 454, '4.7.0'],
  ['auth', 'auth', 504, null],
  ['size', 'rcpt', 552, '5.3.4'],
  ['recipient', 'dot', 550, '5.1.1'],
  ['content', 'dot', 554, '5.6.1'],
]

test('RO-16 a refusal without words is judged by its status and stage', () => {
  for (const [kind, stage, code, status] of bare)
    assert.equal(classify(reply(code, status, ''), stage), kind, `${stage} ${code} ${status}`)
})

test('a hostile text is judged in an instant', () => {
  const startedAt = performance.now()
  for (const text of ['message '.repeat(9000), 'user x '.repeat(9000), 'a'.repeat(70_000), 'exceeded a '.repeat(6000)])
    classify(reply(550, '5.0.0', text), 'dot')
  assert.ok(performance.now() - startedAt < 1000)
})
