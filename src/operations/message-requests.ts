// What operations on messages are asked and what they answer, as schemas: the API is described and checked by them.
import { z } from 'zod'
import { OperationError } from './errors.ts'

const mailbox = z.string().describe('The name of the mailbox')
const uid = z.int().min(1)
const page = {
  after: z.string().max(40).optional().describe('What the page before gave as `next`'),
  limit: z.int().min(1).max(100).default(50),
}
export const MessageList = z.strictObject({ mailbox, ...page })
export const MessageSearch = z.strictObject({ mailbox, text: z.string().trim().min(1).max(200), ...page })
export const OneMessage = z.strictObject({ mailbox, uid })
export const ChosenMessages = z.strictObject({ mailbox, uids: z.array(uid).min(1).max(500) })
export const MarkedMessages = ChosenMessages.extend({ seen: z.boolean() })

/** An owner asks for their own mailbox only. WEB-12 */
export function ownMailbox<P extends { readonly mailbox: string }>(parameters: P, own: string): P {
  if (parameters.mailbox.toLowerCase() !== own) throw new OperationError('This is not your mailbox')
  return parameters
}

const person = z.strictObject({ name: z.string(), address: z.string() })
const instant = z.number().describe('Milliseconds since 1970')
const summary = z.strictObject({
  uid,
  key: z.string().describe('Finds its trace'),
  from: person.nullable(),
  to: person.nullable(),
  subject: z.string(),
  preview: z.string(),
  at: instant,
  datedAt: instant.nullable(),
  sizeBytes: z.number(),
  seen: z.boolean(),
  hasAttachments: z.boolean(),
  deletedAt: instant.nullable(),
})
const rows = { rows: z.array(summary), next: z.string().nullable() }
const figures = {
  messages: z.number(),
  bytes: z.number(),
  unseen: z.number(),
  deletedMessages: z.number(),
  deletedBytes: z.number(),
}
export const MessagePageAnswer = z.strictObject({ ...figures, ...rows })
export const DeletedPageAnswer = z.strictObject({ ...figures, graceDays: z.number(), ...rows })
export const HitsAnswer = z.strictObject({ ...rows, looked: z.number(), lookedBackTo: instant.nullable() })

const kinds = ['name-is-address', 'hidden-letters', 'several-senders', 'answers-elsewhere', 'sent-by-another'] as const
const people = z.array(person).readonly()
export const ShownAnswer = z.strictObject({
  uid,
  key: z.string(),
  at: instant,
  sizeBytes: z.number(),
  seen: z.boolean(),
  deletedAt: instant.nullable(),
  subject: z.string(),
  from: people,
  to: people,
  cc: people,
  replyTo: people,
  datedAt: instant.nullable(),
  messageId: z.string().nullable(),
  fields: z.array(z.strictObject({ name: z.string(), text: z.string(), raw: z.string() })).readonly(),
  text: z.string().nullable(),
  hasHtml: z.boolean().describe('The download message-html shows it'),
  remotePictures: z.number().describe('Pictures from elsewhere, none of which is loaded'),
  links: z.array(z.strictObject({ url: z.string(), host: z.string() })).readonly(),
  moreLinks: z.number(),
  attachments: z
    .array(
      z.strictObject({
        index: z.number(),
        name: z.string(),
        type: z.string(),
        sizeBytes: z.number(),
        inline: z.boolean(),
      }),
    )
    .readonly(),
  moreAttachments: z.number(),
  warnings: z.array(z.strictObject({ kind: z.enum(kinds), about: z.string() })).readonly(),
  cut: z.boolean(),
  problem: z.string().nullable(),
})
