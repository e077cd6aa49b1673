// What went wrong, in words, for programs and people. RFC 9457
import { NotAllowed, OperationError } from '#/operations/errors.ts'
import { StoreError } from '#/storage/store.ts'

export type Problem = { readonly status: number; readonly title: string; readonly detail: string }

export class ProblemError extends Error {
  readonly problem: Problem
  constructor(status: number, title: string, detail: string) {
    super(detail)
    this.problem = { status, title, detail }
  }
}

export const problemResponse = (problem: Problem, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify({ type: 'about:blank', ...problem }), {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  })

/** What an operator did wrong stays in its words; trouble of ours is named as ours, its cause stands in the log. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem
  if (error instanceof NotAllowed) return { status: 403, title: 'This is not allowed', detail: error.message }
  if (error instanceof OperationError) return { status: 422, title: 'This cannot be done', detail: error.message }
  if (error instanceof StoreError && error.kind === 'full')
    return { status: 507, title: 'The disk is nearly full', detail: error.message }
  if (error instanceof StoreError && error.kind === 'missing')
    return { status: 404, title: 'It is not here any more', detail: error.message }
  return {
    status: 500,
    title: 'The server could not do this',
    detail:
      'Mail goes on as far as it can. What happened stands in the log of the server; nothing was changed by halves.',
  }
}
