// One request as the routes see it: who sent it from where, and its JSON.
import type { Context as Call } from 'hono'
import type { Peer } from '#/world/node/http.ts'
import { ProblemError } from './problem.ts'
import type { Asked } from './who.ts'

export type Env = { Bindings: { peer: Peer }; Variables: { asked: Asked; from: string } }

export const foreign = new ProblemError(
  403,
  'This did not come from the console',
  'Another page asked in your name; nothing was done.',
)

export async function jsonOf(call: Call<Env>, bytesMax: number): Promise<unknown> {
  if (!/^application\/json(?:;|$)/.test(call.req.header('content-type') ?? ''))
    throw new ProblemError(415, 'This is not JSON', 'Send Content-Type: application/json')
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of call.req.raw.body ?? []) {
    size += chunk.length
    if (size > bytesMax) throw new ProblemError(413, 'This is too much at once', `At most ${bytesMax} octets`)
    chunks.push(chunk)
  }
  try {
    return size === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown) // its operation's schema checks it
  } catch {
    throw new ProblemError(400, 'This JSON cannot be read', 'A brace or a quote is missing somewhere')
  }
}
