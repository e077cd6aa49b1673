// The envelope: who sent a message and who gets it, with the parameters the sender gave. RFC 5321 §2.3.1, RFC 3461
import type { Address, ReversePath } from './address.ts'

export type Body = '7BIT' | '8BITMIME'
export type Notify = 'NEVER' | readonly ('SUCCESS' | 'FAILURE' | 'DELAY')[]

export type MailParameters = {
  readonly sizeBytes: number | null // RFC 1870
  readonly body: Body | null // RFC 6152
  readonly smtputf8: boolean // RFC 6531
  readonly ret: 'FULL' | 'HDRS' | null // RFC 3461 §4.3
  readonly envid: string | null // decoded xtext, RFC 3461 §4.4
  readonly auth: string | null // RFC 4954 §5, decoded
}
export type RcptParameters = {
  readonly notify: Notify | null // RFC 3461 §4.1
  readonly orcpt: string | null // "rfc822;ann@example.org", decoded xtext, RFC 3461 §4.2
}
export type Recipient = { readonly address: Address; readonly parameters: RcptParameters }
export type Envelope = {
  readonly from: ReversePath
  readonly parameters: MailParameters
  readonly to: readonly Recipient[]
}

/** What a client that gives no parameters has said. */
export const noMailParameters: MailParameters = {
  sizeBytes: null,
  body: null,
  smtputf8: false,
  ret: null,
  envid: null,
  auth: null,
}
export const noRcptParameters: RcptParameters = { notify: null, orcpt: null }
