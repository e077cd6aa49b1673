// What an attempt learnt about one recipient. Made by the walk along the ladder, judged by settle.ts, told in the trace.
import type { Reply } from '#/message/reply.ts'
import type { RefusalKind } from './classify.ts'
import type { Stage } from './session-types.ts'

export type Outcome = {
  readonly reply: Reply
  readonly stage: Stage | 'dns'
  readonly kind: RefusalKind | null // null when it was taken
  readonly fromRemote: boolean // the words are the remote's, not ours
  readonly uncertain: boolean // RO-17: the message may have arrived
  readonly route: string // mx | address | alternate:NAME
  readonly host: string | null // as people read it: mx.example [192.0.2.1]:25
  readonly remoteMta: string | null
  readonly tls: string | null
  readonly dsn: boolean // the next hop takes over the duty to tell the sender. RFC 3461 §5.2.3
  /** The operator must mend something: mail waits and does not expire. RO-27, RO-33 */
  readonly hold: string | null
  readonly atOnce?: number // with no more recipients than these in its next transaction. QU-09
  readonly missing: boolean // the domain was seen not to exist. RO-03
}
