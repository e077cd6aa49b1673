// What a message looks like to a reader, and the part of it that its header section alone tells. Pure. Called by view.ts in the
// thread, and by open.ts when the thread gave up.
import { parseDate } from '#/message/date.ts'
import { decodeWords, fieldText, latin1 } from '#/message/header.ts'
import { peopleOf, rawOf, textOf, type Header, type Person } from './fields.ts'
import type { Link } from './html.ts'
import { fieldCharsMax } from './limits.ts'
import { warningsOf, type Warning } from './warnings.ts'

export type ShownField = { readonly name: string; readonly text: string; readonly raw: string }
export type ShownAttachment = {
  readonly index: number
  readonly name: string
  readonly type: string
  readonly sizeBytes: number
  /** Shown in the text. */
  readonly inline: boolean
}
export type View = {
  readonly subject: string
  readonly from: readonly Person[]
  readonly to: readonly Person[]
  readonly cc: readonly Person[]
  readonly replyTo: readonly Person[]
  readonly datedAt: number | null
  readonly messageId: string | null
  readonly fields: readonly ShownField[]
  readonly text: string | null
  readonly hasHtml: boolean
  readonly remotePictures: number
  readonly links: readonly Link[]
  readonly moreLinks: number
  readonly attachments: readonly ShownAttachment[]
  readonly moreAttachments: number
  readonly warnings: readonly Warning[]
  /** Something was left out, for it is too much. */
  readonly cut: boolean
  /** Why its parts are not shown, in words; its header and its source are. */
  readonly problem: string | null
}
export type Viewed = { readonly view: View; readonly page: string }

/** Of a message whose parts are not shown. */
export const nothing = {
  text: null,
  hasHtml: false,
  remotePictures: 0,
  links: [],
  moreLinks: 0,
  attachments: [],
  moreAttachments: 0,
}

/** What the header section alone tells. */
export function headOf(header: Header, fileNames: readonly string[]) {
  const [from, to, cc, replyTo, sender] = ['from', 'to', 'cc', 'reply-to', 'sender'].map((name) =>
    peopleOf(header, name),
  ) as [Person[], Person[], Person[], Person[], Person[]] // as many as there are names
  const subject = textOf(header, 'subject')
  return {
    subject,
    from,
    to,
    cc,
    replyTo,
    datedAt: parseDate(rawOf(header, 'date') ?? ''),
    messageId: rawOf(header, 'message-id'),
    fields: header.all.map((field): ShownField => {
      const text = decodeWords(fieldText(header.octets, field, fieldCharsMax))
      const raw = latin1(header.octets, field.start, Math.min(field.end, field.start + fieldCharsMax))
      return { name: raw.slice(0, Math.max(0, raw.indexOf(':'))), text, raw: raw.trimEnd() }
    }),
    warnings: warningsOf({ from, sender, replyTo, subject, fileNames }),
  }
}
