// The fixed replies of intake, each with a sentence that the sender's human can act on. IN-14
import { reply } from '#/message/reply.ts'

export const said = {
  senderFine: reply(250, '2.1.0', 'Sender accepted'),
  recipientFine: reply(250, '2.1.5', 'Recipient accepted'),
  storeFull: reply(452, '4.3.1', 'This server is short of space; please try again later'),
  storeFailed: reply(451, '4.3.0', 'This server cannot store mail at the moment; please try again later'),
  mailboxChanged: reply(452, '4.2.2', 'A mailbox became full or was removed meanwhile; please try again later'),
  trouble: reply(451, '4.3.0', 'This server cannot decide about this address at the moment; please try again later'),
  loginFirst: reply(
    530,
    '5.7.0',
    'Authentication required: sign in with a mailbox of this server (see FAQ: sign-in-first)',
  ),
  tooBig: reply(552, '5.3.4', 'The message is larger than this server takes'),
  headerTooBig: reply(552, '5.3.4', 'The header section is too large: at most 1 MiB and 1000 fields'),
  looping: reply(554, '5.4.6', 'The message has passed too many servers: it seems to loop'),
  forwardedBefore: reply(
    554,
    '5.4.6',
    'The message was forwarded from here to another server and came back (see FAQ: forwarding-loop)',
  ),
  strayLineEnds: reply(
    550,
    '5.5.2',
    'The message holds a bare CR or LF: lines must end with CR LF, RFC 5321 section 2.3.8 (see FAQ: bare-line-ends)',
  ),
  nul: reply(550, '5.5.2', 'The message holds a NUL octet, which mail may not contain (RFC 5322 section 4)'),
  needsUtf8: reply(553, '5.6.7', 'This address needs the SMTPUTF8 extension (RFC 6531)'),
  manyForNobody: reply(550, '5.5.3', 'A message without a sender (a notice) may have one recipient only'),
  noSuchMailbox: reply(
    550,
    '5.1.1',
    'There is no mailbox of this name here; please check the address (see FAQ: no-such-mailbox)',
  ),
  accessUnknown: reply(451, '4.7.1', 'The name of your address could not be looked up; please try again later'),
} as const
