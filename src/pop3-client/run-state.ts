// What one run has done so far, shared by its sessions. Made by run.ts.
import type { AccountStatus } from '#/config/remote-accounts.ts'
import type { RemoteRow } from '#/storage/collected.ts'
import type { MailboxRow } from '#/storage/store.ts'
import type { RemoteTrouble } from './box.ts'
import { warningsMax } from './limits.ts'
import type { AccountRow, Progress, RunReport } from './types.ts'

/** Why a run ended before its time. */
export type Stop = {
  readonly reason: AccountStatus['reason']
  readonly trouble: RemoteTrouble['is'] | null // null: it is on our side
  readonly words: string
}

export const stopOf = ({ is, words }: RemoteTrouble): Stop => ({
  reason: is === 'sign-in' ? 'sign-in' : is === 'ourselves' ? 'loop' : is === 'auth' ? 'refused' : 'remote',
  trouble: is,
  words,
})

/** A mailbox that is removed takes nothing, and may be purged with all that it holds. PC-23 */
export const isThere = (mailbox: MailboxRow | undefined): mailbox is MailboxRow =>
  mailbox !== undefined && mailbox.deletedAt === null
export const mailboxGone = 'The mailbox is not there any more'

export class RunState {
  readonly row: AccountRow
  /** What is remembered, by UID. */
  known = new Map<string, RemoteRow[]>()
  /** Keys, as text, of messages that could not be fetched: the next run tries them again. */
  readonly tried = new Set<string>()
  stop: Stop | null = null
  /** Somebody asked it to end, or its time is over: nothing new is begun. */
  cancelled = false
  /** That one run may take. */
  timeIsOver = false
  listed = 0
  listedBytes = 0
  fetched = 0
  fetchedBytes = 0
  removed = 0
  /** Of these, since the last listing. */
  removedSince = { messages: 0, bytes: 0 }
  identities: AccountStatus['identities'] = 'uidl'
  skipped: RunReport['skipped'] = { tooBig: 0, failed: 0, aside: 0, ignored: 0, duplicate: 0, notYet: 0 }
  readonly warnings: string[] = []
  phase: Progress['phase'] = 'connecting'
  wanted = { messages: 0, bytes: 0 }
  begun: boolean
  /** The UIDs that are remembered may be those of another server. */
  unproven: boolean

  constructor(row: AccountRow) {
    this.row = row
    this.begun = row.status.begun
    this.unproven = row.status.unproven
  }

  /** The first reason counts. */
  end(stop: Stop): void {
    this.stop ??= stop
  }

  warn(words: string): void {
    if (this.warnings.length < warningsMax && !this.warnings.includes(words)) this.warnings.push(words)
  }

  /** On the server, as far as is known. */
  leftAfter(): { messages: number; bytes: number } {
    const { listed, listedBytes, removedSince } = this
    return { messages: listed - removedSince.messages, bytes: listedBytes - removedSince.bytes }
  }

  progress(): Progress {
    return {
      account: this.row.settings.name,
      phase: this.phase,
      messages: this.fetched,
      messagesOf: this.wanted.messages,
      bytes: this.fetchedBytes,
      bytesOf: this.wanted.bytes,
    }
  }
}
