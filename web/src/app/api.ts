// Asks the server. What may be asked and what is answered comes from the table of operations itself, so a wrong name, a
// wrong parameter or a forgotten answer does not compile.
import type { z } from 'zod'
import type { Table } from '../../../src/operations/table.ts'

type Name = keyof Table
export type Asked<N extends Name> = z.input<Table[N]['parameters']>
export type Answer<N extends Name> = Awaited<ReturnType<Table[N]['run']>>
type Given<N extends Name> = Record<string, never> extends Asked<N> ? [parameters?: Asked<N>] : [parameters: Asked<N>]

/** What the server said, in its words. `status` 0: it did not answer. */
export class ApiError extends Error {
  readonly status: number
  readonly title: string
  /** The whole answer. */
  readonly value: unknown
  constructor(status: number, title: string, detail: string, value: unknown = null) {
    super(detail)
    this.status = status
    this.title = title
    this.value = value
  }
}

/** What went wrong, for people: the server's words where they are known. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** @throws ApiError */
export function call<N extends Name>(name: N, ...[parameters]: Given<N>): Promise<Answer<N>> {
  return post(`/api/v1/${name.replace('.', '/')}`, JSON.stringify(parameters ?? {})) as Promise<Answer<N>>
}

/** Brings octets. @throws ApiError */
export const bring = (name: string, query: Record<string, string>, octets: Blob): Promise<unknown> =>
  post(`/api/v1/upload/${name}?${new URLSearchParams(query)}`, octets)

/** The address of octets to save or to show. */
export const octetsAt = (name: string, query: Record<string, string | number>): string =>
  `/api/v1/download/${name}?${new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]))}`

const lost: (() => void)[] = []
/** Told when the server no longer knows who is signed in. */
export const onSignedOut = (work: () => void): void => void lost.push(work)

export async function post(path: string, body: string | Blob): Promise<unknown> {
  const type = typeof body === 'string' ? 'application/json' : 'application/octet-stream'
  return answerOf(await asked(path, { method: 'POST', headers: { 'content-type': type }, body }))
}

export const get = async (path: string): Promise<unknown> => answerOf(await asked(path, {}))

async function asked(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init)
  } catch {
    throw new ApiError(0, 'No connection', 'The server does not answer. Nothing was changed.')
  }
}

async function answerOf(response: Response): Promise<unknown> {
  const value: unknown = await response.json().catch(() => null)
  if (response.ok) return value
  const { title = 'This did not work', detail = '' } = (value ?? {}) as { title?: string; detail?: string }
  if (response.status === 401 && title !== 'This did not work') for (const work of lost) work()
  throw new ApiError(response.status, title, detail || JSON.stringify(value), value)
}
