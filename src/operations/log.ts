// The log of the running server as somebody reads it: its last lines, as text to keep, and how much is written.
import { z } from 'zod'
import { lineText } from '#/world/node/log-ring.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import type { Opened } from './operation.ts'
import type { Running } from './running.ts'

const level = z.enum(['debug', 'info', 'warn', 'error'])

export const logRequest = z.strictObject({
  /** This level and those above it. */
  level: level.optional(),
  text: z.string().max(200).optional(),
  after: z.string().optional(),
  limit: z.int().min(1).max(500).default(100),
})
const line = z.strictObject({ n: z.int(), at: z.number(), level, event: z.string(), text: z.string() })
export const logPage = z.strictObject({
  rows: z.array(line), // newest first
  next: z.string().nullable(),
  /** What is written now: this level and those above it. */
  level,
})
export const levelRequest = z.strictObject({ level })
export const levelShown = z.strictObject({ level })

const bookOf = ({ running }: Context): NonNullable<Running['log']> => {
  if (running?.log) return running.log
  throw new OperationError('No server runs on this folder: its log is where it was started')
}

export function recentLog(context: Context, request: z.infer<typeof logRequest>): Promise<z.infer<typeof logPage>> {
  const book = bookOf(context)
  const { after, limit, level: least, text } = request
  const before = after === undefined ? undefined : Number(after)
  if (Number.isNaN(before)) throw new OperationError('This place in the log is not known: begin again without `after`')
  const rows = book.recent({ level: least, text, before, limit })
  const last = rows.at(-1)
  const next = last && rows.length === limit ? String(last.n) : null
  return Promise.resolve({ rows, next, level: book.level() })
}

/** Until the next start, which sets what `serve --log-level` says. */
export function setLevel(context: Context, request: z.infer<typeof levelRequest>): Promise<z.infer<typeof levelShown>> {
  const book = bookOf(context)
  book.setLevel(request.level)
  context.world.log.warn('log.level', { level: request.level })
  return Promise.resolve({ level: book.level() })
}

/** Oldest first, each line with its time in front: no cell of a table takes it for a formula. WEB-15 */
export function openLog(context: Context): Promise<Opened> {
  const lines = bookOf(context).recent({ limit: Number.MAX_SAFE_INTEGER }).toReversed()
  const octets = Buffer.from(lines.map((one) => `${lineText(one)}\n`).join(''))
  return Promise.resolve({
    fileName: 'netcruiser-log.txt',
    type: 'text/plain; charset=utf-8',
    sizeBytes: octets.length,
    chunks: inOne(octets),
  })
}

async function* inOne(octets: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(octets)
}
