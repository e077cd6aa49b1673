// What a person is told beside the exact words of the other server: what it means and what to do. Pure; the texts of notices.
// DS-04
import type { NoticeKind } from '#/message/notice.ts'
import type { RefusalKind } from './classify.ts'

type Case = {
  readonly kind: RefusalKind | null
  readonly expired: boolean
  readonly fromRemote?: boolean // the words above are the other server's
}

const failures: Readonly<Record<RefusalKind, string>> = {
  recipient: 'The address is not known there, or takes no mail. Please check how it is written.',
  content:
    'The other server does not want this message as it is. Often a link, an attachment or the wording is the reason.',
  size: 'The message is too large for the other server. Send less, or send a link to the file.',
  'about-us': 'The other server does not take mail from this server. Please tell the person who runs this server.',
  auth: 'The account that this server sends with was refused. Please tell the person who runs this server.',
  rate: 'The other server takes no more mail for now. Please send it again later.',
  greylist: 'The other server asked to come again later, every time. Please send it again later.',
  other: 'The other server did not take the message. Its words above say why.',
}

export function explanation(kind: NoticeKind, { kind: refusal, expired, fromRemote }: Case): string {
  switch (kind) {
    case 'failed':
      if (expired)
        return 'It was tried for as long as mail is tried. Please check the address, and send the message again.'
      if (fromRemote === false && (refusal ?? 'other') === 'other')
        return 'The message could not be sent on from here. The words above say why.'
      return failures[refusal ?? 'other']
    case 'delayed':
      return 'The message waits here and is tried again by itself.'
    case 'delivered-late':
      return 'The message of which you were told that it waits has arrived at the other server.'
    case 'delivered':
    case 'relayed':
      return ''
  }
}
