// Octets out of the server and into it: messages, attachments, exports. Streamed; what is sent is only saved, unless it says under
// which policy it may be shown. WEB-01, WEB-10, WEB-11
import { z } from 'zod'
import { audited } from '#/operations/audit.ts'
import { authorized } from '#/operations/authority.ts'
import type { Context } from '#/operations/context.ts'
import { OperationError } from '#/operations/errors.ts'
import { downloads } from '#/operations/tables/downloads.ts'
import { uploads } from '#/operations/tables/uploads.ts'
import { uploadBytesMax } from './limits.ts'
import { ProblemError } from './problem.ts'

export async function download(context: Context, name: string, query: Record<string, string>): Promise<Response> {
  const found = downloads.get(name)
  if (!found) throw nothingThere
  const asked = checked(found.parameters, query)
  const { fileName, type, sizeBytes, chunks, shownUnder } = await found.open(
    context,
    authorized(context.actor, found, { name, parameters: asked }) as never, // its own schema has passed it
  )
  return new Response(ReadableStream.from(chunks), {
    headers: {
      'content-type': type,
      ...(sizeBytes === undefined ? {} : { 'content-length': String(sizeBytes) }),
      ...(shownUnder === undefined
        ? { 'content-disposition': dispositionOf(fileName) }
        : { 'content-security-policy': shownUnder }),
    },
  })
}

export async function upload(
  context: Context,
  name: string,
  { query, body }: { query: Record<string, string>; body: ReadableStream<Uint8Array> | null },
): Promise<unknown> {
  const found = uploads.get(name)
  if (!found) throw nothingThere
  const asked = checked(found.parameters, query)
  const act = { name, parameters: asked }
  return audited(
    context,
    act,
    async () => found.take(context, authorized(context.actor, found, act) as never, bounded(body ?? [])), // its own schema has passed it
  )
}

const nothingThere = new ProblemError(
  404,
  'There is no such address',
  'What the API offers stands in /api/v1/openapi.json',
)

function checked(schema: z.ZodType, query: Record<string, string>): unknown {
  const result = schema.safeParse(query)
  if (!result.success) throw new OperationError(z.prettifyError(result.error))
  return result.data
}

async function* bounded(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > uploadBytesMax)
      throw new ProblemError(413, 'This is too much at once', `At most ${uploadBytesMax} octets`)
    yield chunk
  }
}

/** RFC 6266 §4.3: a plain name for old programs, the true one beside it. */
export function dispositionOf(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, 100)
  const whole = encodeURIComponent(name.slice(0, 200)).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain === '' ? 'file' : plain}"; filename*=UTF-8''${whole}`
}
