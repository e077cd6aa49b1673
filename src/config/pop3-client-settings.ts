// The section pop3Client of the settings. Part of settings.ts. Accounts are rows of their own: remote-accounts.ts.
import { z } from 'zod'
import { count, ms, yes } from './fields.ts'

export const pop3Client = z.strictObject({
  enabled: yes(true, 'Collect mail from remote accounts at their intervals.'),
  connectionsMax: count(20, 1, 'Remote sessions at once, all accounts.'),
  connectMs: ms(30_000, 'How long a connection, and a TLS handshake, may take.'),
  replyMs: ms(60_000, 'How long the remote server may take for a reply, or pause inside a message.'),
  loginReplyMs: ms(120_000, 'How long it may take for the reply to a login: some check every message first.'),
  rateMin: count(100, 0, 'Octets a second that a message must keep up on average, after a minute. 0: none.'),
  lineBytesMax: count(4096, 512, 'Longest status or list line (RFC 2449 4: at least 512).'),
  messagesListedMax: count(1_000_000, 1000, 'Messages that a listing may have; what is beyond is not seen.'),
  commitMs: ms(60_000, 'Time after which a session is ended so that removals count, and begun anew.'),
  commitEvery: count(20_000, 1, 'Messages after which the same is done.'),
  commitBytes: count(209_715_200, 1_048_576, 'Octets after which the same is done.'),
  jitterShare: z.number().min(0).max(0.5).default(0.1).describe('How far a wait may differ from the interval.'),
  backoffMaxMs: ms(14_400_000, 'Longest wait after failures, each of which doubles it.'),
  alertAfterFailures: count(10, 1, 'Failures in a row after which the owner gets a mail.'),
  alertAfterMs: ms(86_400_000, 'Time without success after which the owner gets a mail.'),
  keepGoneDays: count(30, 1, 'Days that a message which is gone from the server is remembered: listings flap.'),
  keepRunsDays: count(30, 1, 'Days that the history of runs is kept.'),
  allowPrivateTargets: yes(false, 'Let every account connect to private, loopback and link-local addresses.'),
  ports: z
    .array(z.int().min(1).max(65_535))
    .max(20)
    .default([110, 995])
    .describe('Ports that owners of mailboxes may use for their accounts; administrators may use every port.'),
})
