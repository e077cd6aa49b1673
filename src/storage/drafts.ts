// Messages that somebody writes here: drafts with their attachments, those that wait for their time, copies of what was sent.
// Used by operations. A draft is its owner's until its message is accepted: both change together or not at all. SE-04, SE-07
import type { MessageKey } from '#/message/key.ts'
import type { Content } from '#/message/content.ts'
import type { Instant } from '#/world/world.ts'
import type { MailboxId } from './store.ts'

/** A mailbox, or `noMailbox`: those who run the server. */
export type Writer = MailboxId
export const noMailbox: Writer = 0

/** `version` counts what was written, `files` what was attached or taken away. */
export type DraftMark = { readonly id: string; readonly version: number; readonly files: number }
export type DraftRow = DraftMark & {
  readonly owner: Writer
  readonly at: Instant
  readonly fields: string // JSON that storage does not look into
  /** Its message, while that can be taken back; nobody changes the draft then. */
  readonly message: MessageKey | null
  readonly leavesAt: Instant | null
}
export type DraftFile = {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly sizeBytes: number
  readonly content: number
  readonly file: string | null
}
export type Draft = DraftRow & { readonly attached: readonly DraftFile[] }

/** Of an acceptance whose message was a draft. `leavesAt`: it can be taken back until then, and the draft is kept so long. */
export type WrittenMark = {
  readonly owner: Writer
  readonly draft: DraftMark
  readonly leavesAt: Instant | null
}
export type SentRow = {
  readonly message: MessageKey
  readonly at: Instant
  readonly sizeBytes: number
  readonly subject: string
  readonly to: readonly string[]
  readonly content: number
  readonly file: string | null
}
export type Page = { readonly after: string | null; readonly limit: number }

export interface Drafts {
  /** False when its owner has `max` already. */
  add(draft: Pick<DraftRow, 'id' | 'owner' | 'at' | 'fields'>, max: number): Promise<boolean>
  /** False when it is of another version, gone, or on its way. */
  put(draft: Pick<DraftRow, 'id' | 'version' | 'at' | 'fields'>): Promise<boolean>
  find(id: string): Promise<Draft | undefined>
  /** Newest first; those on their way left out. */
  list(owner: Writer, page: Page): Promise<Draft[]>
  /** Those whose message can still be taken back, soonest first. */
  leaving(owner: Writer, limit: number): Promise<DraftRow[]>
  /** The draft whose message this is. */
  ofMessage(message: string): Promise<DraftRow | undefined>
  /** With its attachments. False when there is none, or it is on its way. */
  remove(id: string): Promise<boolean>
  /** False, and the content is gone, when the draft is gone or on its way. */
  attach(draft: string, file: Pick<DraftFile, 'id' | 'name' | 'type'>, content: Content): Promise<boolean>
  detach(draft: string, file: string): Promise<boolean>
  /** Forgets drafts whose message cannot be taken back any more. */
  prune(): Promise<void>
  /** Newest first. */
  sent(owner: Writer, page: Page): Promise<SentRow[]>
  sentMessage(owner: Writer, message: string): Promise<SentRow | undefined>
  /** The message that this draft became: who asks again after a lost answer hears the same. */
  messageOf(owner: Writer, draft: string): Promise<MessageKey | undefined>
  removeSent(owner: Writer, message: string): Promise<boolean>
  /** Octets of attachments and copies. */
  bytes(owner: Writer): Promise<number>
}
