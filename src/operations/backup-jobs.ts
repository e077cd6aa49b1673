// The one long work on backups that goes on at a time: what it is, how far, how the last one ended. Opened once; who asks may
// wait for it or look again. Knows nothing of what the work does.
import { StoreError } from '#/storage/store.ts'
import type { Clock } from '#/world/world.ts'
import type { OnShare } from './context.ts'
import { OperationError } from './errors.ts'

export type JobKind = 'create' | 'verify' | 'restore'
export type Job = {
  readonly what: JobKind
  /** The backup that it is about; null: a new one. */
  readonly backup: string | null
  readonly startedAt: number
  readonly share: number
  readonly words: string
}
export type JobEnd = {
  readonly what: JobKind
  readonly backup: string | null
  readonly at: number
  readonly tookMs: number
  /** Null: it was done and found nothing wrong, or was ended by hand. */
  readonly problem: string | null
  /** What came of it, in words. */
  readonly words: string
}
export type Hand = { readonly onShare: OnShare; readonly signal: AbortSignal }
/** `problem`: it was done, and this is what it found. */
export type Done<T> = {
  readonly value: T
  readonly backup: string | null
  readonly words: string
  readonly problem?: string | null
}

export interface Jobs {
  now(): Job | null
  last(): JobEnd | null
  /** @throws OperationError when another one goes on; what the work throws */
  run<T>(kind: Pick<Job, 'what' | 'backup'>, work: (hand: Hand) => Promise<Done<T>>, onShare?: OnShare): Promise<T>
  /** False: nothing goes on. */
  cancel(): boolean
  /** Ends what goes on, and waits for it. */
  close(): Promise<void>
}

/** What storage says of a backup is for the operator, who can act on it. */
export const inWords = (error: unknown): unknown =>
  error instanceof StoreError && error.kind !== 'full' ? new OperationError(error.message) : error

const doing: Record<JobKind, string> = {
  create: 'A backup is being made',
  verify: 'A backup is being read',
  restore: 'Mail is being brought back',
}

export function openJobs(clock: Clock): Jobs {
  let going: { job: Job; readonly abort: AbortController; readonly done: Promise<unknown> } | null = null
  let last: JobEnd | null = null
  return {
    now: () => going?.job ?? null,
    last: () => last,
    run({ what, backup }, work, onShare) {
      if (going) return Promise.reject(new OperationError(`${doing[going.job.what]}: wait, or end that first`))
      const startedAt = clock.now()
      const abort = new AbortController()
      const note: OnShare = (share, words = '') => {
        if (going) going.job = { ...going.job, share, words }
        onShare?.(share, words)
      }
      const end = (backup: string | null, problem: string | null, words: string): void => {
        going = null
        last = { what, backup, at: clock.now(), tookMs: clock.now() - startedAt, problem, words }
      }
      const done = work({ onShare: note, signal: abort.signal }).then(
        (made) => {
          end(made.backup, made.problem ?? null, made.words)
          return made.value
        },
        (error: unknown) => {
          const problem = error instanceof Error ? error.message : String(error)
          if (abort.signal.aborted) end(backup, null, problem)
          else end(backup, problem, '')
          throw inWords(error)
        },
      )
      going = { job: { what, backup, startedAt, share: 0, words: '' }, abort, done }
      return done
    },
    cancel() {
      going?.abort.abort()
      return going !== null
    },
    async close() {
      going?.abort.abort()
      await going?.done.catch(() => undefined) // told to who asked for it
    },
  }
}
