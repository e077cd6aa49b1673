// What operations see of the services at work. Handed over by main in the context: operations do not import services.
import type { LogBook } from '#/world/node/log.ts'
import type { Instant } from '#/world/world.ts'
import type { ProblemBook } from './problems.ts'
import type { QueueLooks } from './queue-look.ts'

/** A connection that is open now. */
export type SessionView = {
  readonly id: string
  readonly client: string
  readonly since: Instant
  readonly user: string | null // nobody has signed in yet
  readonly tls: boolean
}
export type SmtpView = SessionView & { readonly listener: string; readonly receiving: boolean }
export type Pop3View = SessionView & { readonly retrieved: number }

export type Sessions<View> = {
  sessions(): readonly View[]
  /** False when there is none of this id. */
  end(id: string): boolean
  /** All that an app password let in. */
  endApp(selector: string): void
}

export type Running = {
  readonly startedAt: Instant
  readonly smtp: Sessions<SmtpView>
  readonly pop3: Sessions<Pop3View>
  /** Pages of the console that are open. */
  readonly pages: () => number
  readonly certificate: Certificate
  /** Null: the log is not kept. */
  readonly log: Pick<LogBook, 'recent' | 'level' | 'setLevel'> | null
  readonly problems: ProblemBook
  /** Counted now and then, however many ask. */
  readonly queue: QueueLooks
}
export type Certificate = {
  /** Takes a new pair of files at once. */
  look(): void
  /** Of the one in use; null when TLS is off, which needs a restart to begin. */
  fingerprint(): string | null
}
