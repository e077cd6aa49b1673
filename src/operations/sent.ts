// Copies of what was sent from here: listed, kept as a file, removed. POP3 never lists them. SE-04
import { z } from 'zod'
import type { Context } from './context.ts'
import { whose, writerOf } from './draft-fields.ts'
import type { pageAsked, removed } from './drafts.ts'
import { OperationError } from './errors.ts'
import type { Opened } from './operation.ts'

export const sentAsked = z.strictObject({ ...whose, message: z.string().max(100) })
type Asked = z.infer<typeof sentAsked>
export const sentRow = z.strictObject({
  message: z.string(),
  at: z.number(),
  sizeBytes: z.int(),
  subject: z.string(),
  to: z.array(z.string()),
})
export const sentPage = z.strictObject({ rows: z.array(sentRow), next: z.string().nullable() })

/** Newest first. */
export async function listSent(context: Context, asked: z.infer<typeof pageAsked>): Promise<z.infer<typeof sentPage>> {
  const found = await context.store.drafts.sent(writerOf(context, asked), asked)
  const rows = found.map(({ message, at, sizeBytes, subject, to }) => ({
    message,
    at,
    sizeBytes,
    subject,
    to: [...to],
  }))
  return { rows, next: found.length < asked.limit ? null : found.at(-1)!.message }
}

export async function removeSent(context: Context, asked: Asked): Promise<z.infer<typeof removed>> {
  if (!(await context.store.drafts.removeSent(writerOf(context, asked), asked.message))) throw gone
  return { removed: asked.message }
}

export async function openSent(context: Context, asked: Asked): Promise<Opened> {
  const found = await context.store.drafts.sentMessage(writerOf(context, asked), asked.message)
  if (!found) throw gone
  const octets = await context.store.queue.content(found)
  const fileName = `${found.subject.replace(/[\u0000-\u001f/\\]+/g, ' ').slice(0, 80) || found.message}.eml`
  return { fileName, type: 'message/rfc822', sizeBytes: found.sizeBytes, chunks: chunksOf(octets) }
}

async function* chunksOf(octets: Uint8Array | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (octets instanceof Uint8Array) yield octets
  else yield* octets
}

const gone = new OperationError('There is no such copy: it was removed, or the message was taken back')
