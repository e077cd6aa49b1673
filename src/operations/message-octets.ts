// Octets of one message for somebody to keep or to look at: its source, its HTML made safe for a frame, one attachment.
import { z } from 'zod'
import { fileNameOf, savedTypeOf } from '#/mailboxes/reading/files.ts'
import { framePolicy } from '#/mailboxes/reading/page.ts'
import { ThreadError } from '#/world/node/thread.ts'
import { OperationError } from './errors.ts'
import { ownMailbox } from './message-requests.ts'
import { found } from './messages.ts'
import type { Download, Opened } from './operation.ts'

const one = { mailbox: z.string(), uid: z.coerce.number().int().min(1) }
const oneMessage = z.strictObject(one)
const oneAttachment = z.strictObject({ ...one, index: z.coerce.number().int().min(0) })

export const messageRaw: Download<z.output<typeof oneMessage>> = {
  about: 'A message as it came, octet for octet',
  parameters: oneMessage,
  owner: ownMailbox,
  async open(context, request) {
    const { mailbox, entry } = await found(context, request)
    const { view } = await context.reading.view(mailbox.id, entry)
    const fileName = fileNameOf(`${view.subject.slice(0, 80) || 'message'}.eml`, { type: 'message/rfc822', index: 0 })
    return { fileName, type: 'message/rfc822', chunks: context.store.openMessage(mailbox.id, entry.uid) }
  },
}

export const messageHtml: Download<z.output<typeof oneMessage>> = {
  about: 'The HTML of a message made safe, for a frame that runs nothing and loads nothing',
  parameters: oneMessage,
  owner: ownMailbox,
  async open(context, request) {
    const { mailbox, entry } = await found(context, request)
    const { page } = await context.reading.view(mailbox.id, entry)
    return octetsOf(Buffer.from(page), {
      fileName: 'message.html',
      type: 'text/html; charset=utf-8',
      shownUnder: framePolicy,
    })
  },
}

export const attachment: Download<z.output<typeof oneAttachment>> = {
  about: 'One attachment of a message',
  parameters: oneAttachment,
  owner: ownMailbox,
  async open(context, { mailbox: name, uid, index }) {
    const { mailbox, entry } = await found(context, { mailbox: name, uid })
    const { octets, ...taken } = await inWords(context.reading.attachment(mailbox.id, entry, index))
    return octetsOf(octets, { fileName: taken.name, type: savedTypeOf(taken.type) })
  },
}

const octetsOf = (octets: Uint8Array, more: Pick<Opened, 'fileName' | 'type' | 'shownUnder'>): Opened => ({
  ...more,
  sizeBytes: octets.length,
  chunks: chunksOf(octets),
})

async function* chunksOf(octets: Uint8Array): AsyncGenerator<Uint8Array> {
  yield octets
}

async function inWords<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw error instanceof ThreadError ? new OperationError(error.message) : error
  }
}
