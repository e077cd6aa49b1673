// The trace as stories: one for each ref, found by what its events say, newest first. Used by operations.
import type { Instant } from '#/world/world.ts'
import type { TraceEvent } from './store.ts'

/** What became of a message, of one recipient at least: it may be several. */
export type StoryFate = 'delivered' | 'waiting' | 'failed' | 'refused'

export type StoryQuery = {
  /** Words, or runs of words such as an address, each anywhere in the story; beginnings of words when none is whole. */
  readonly text?: string
  /** An address or a part of one: sender or recipient. */
  readonly who?: string
  readonly subject?: string
  /** A Message-ID, a ref, the key of a delivery. */
  readonly id?: string
  /** The whole address of a client. */
  readonly client?: string
  readonly step?: string
  readonly fate?: StoryFate
  /** A mailbox that took part: it got the mail, or its owner sent it. */
  readonly mailbox?: string
  /** Of the first event. */
  readonly from?: Instant
  readonly until?: Instant
  /** `next` of the page before. */
  readonly after?: string
  readonly limit: number
}

/** Of a very long story the first events and the last ones. */
export type Story = { readonly ref: string; readonly events: readonly TraceEvent[]; readonly eventCount: number }
export type StoryPage = {
  readonly stories: readonly Story[]
  readonly next: string | null
  /** Not all of the trace is searched yet: the index is being made. */
  readonly indexing: boolean
}

export interface Stories {
  /** What is durable when it is asked is found, but while `indexing`. A page never repeats a story of the one before. */
  search(query: StoryQuery): Promise<StoryPage>
  /** All events of a ref in their order. */
  story(ref: string, limit: number): Promise<TraceEvent[]>
  /** Of those that have one. */
  subjects(refs: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** Other stories that name this ref: notices of it, sessions that read or deleted it. Newest first. */
  mentions(ref: string, limit: number): Promise<readonly Story[]>
}
