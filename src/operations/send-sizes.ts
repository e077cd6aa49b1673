// How large a message from here may be: what this server takes, and what the server takes that it goes to. SE-06
import { textPart } from '#/message/compose.ts'
import { base64LinesBytes } from '#/message/transfer.ts'
import type { Context } from './context.ts'
import type { DraftFields } from './draft-fields.ts'

/** `by`: the alternate server that says so; null: this server. */
export type Limit = { readonly bytesMax: number; readonly by: string | null }

/** The least of our own and what the servers said that it may be given to. */
export function limitOf({ settings, outgoing }: Context): Limit {
  const { mailServer, mailRelay, sendEMail } = settings.now()
  const own: Limit = { bytesMax: mailServer.messageBytesMax, by: null }
  const by = sendEMail.server === '' ? mailRelay.alternate : sendEMail.server
  const told = by === '' ? null : (outgoing?.sizeBytesMaxOf(by) ?? null)
  return told !== null && told < own.bytesMax ? { bytesMax: told, by } : own
}

type Files = readonly { readonly name: string; readonly sizeBytes: number }[]
const headerBytes = 2000 // of a message, or of a part with a long name
const aboutRecipient = 80

/** What the message will be about: attachments grow by a third. */
export function messageBytes(fields: Pick<DraftFields, 'to' | 'cc' | 'text'>, files: Files): number {
  const names = (fields.to.length + fields.cc.length) * aboutRecipient
  const encoded = files.reduce((sum, { sizeBytes }) => sum + base64LinesBytes(sizeBytes) + headerBytes / 4, 0)
  return headerBytes / 4 + names + textPart(fields.text).length + encoded
}

/** The octets that a further file may have. */
export const roomFor = (fields: DraftFields, files: Files, { bytesMax }: Limit): number =>
  Math.max(0, Math.floor(((bytesMax - messageBytes(fields, files) - headerBytes) * 57) / 78))

export const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`

export const tooLarge = ({ bytesMax, by }: Limit): string =>
  by === null
    ? `this server takes messages of at most ${megabytes(bytesMax)}`
    : `the server ${by} takes messages of at most ${megabytes(bytesMax)}`
