// The main thread's half of reading a message: brings its octets to the thread that takes it apart, and keeps the last few
// views. A message that cannot be taken apart is told in words; its source can always be read. Called by operations. SX-05
import { LRUCache } from 'lru-cache'
import type { EntryRow } from '#/storage/entries.ts'
import type { MailboxId, Store } from '#/storage/store.ts'
import { ThreadError, WorkThread } from '#/world/node/thread.ts'
import { headerOf } from './fields.ts'
import {
  fieldsMax,
  headersBytesMax,
  viewedBytesMax,
  viewHeapMegabytesMax,
  viewMs,
  viewsKeptBytesMax,
  viewsWaitingMax,
} from './limits.ts'
import { framePage } from './page.ts'
import { headOf, nothing, type Viewed } from './view-head.ts'
import type { ReadingRequest, TakenAttachment } from './work.ts'

export type Reading = {
  /** @throws StoreError when the message is gone or damaged */
  view(mailbox: MailboxId, entry: EntryRow): Promise<Viewed>
  /** @throws ThreadError when there is no such attachment, or the message cannot be taken apart */
  attachment(mailbox: MailboxId, entry: EntryRow, index: number): Promise<TakenAttachment>
}

export function openReading(store: Pick<Store, 'openMessage'>): Reading {
  const thread = new WorkThread(new URL('./work.ts', import.meta.url), {
    deadlineMs: viewMs,
    heapMegabytesMax: viewHeapMegabytesMax,
    waitingMax: viewsWaitingMax,
  })
  const views = new LRUCache<string, Viewed>({
    maxSize: viewsKeptBytesMax,
    sizeCalculation: ({ page, view }) => 2000 + page.length + 2 * (view.text?.length ?? 0),
  })
  const ask = async <T>(request: ReadingRequest): Promise<T> => thread.ask<T>(request, [bufferOf(request.octets)])
  return {
    async view(mailbox, { uid, message }) {
      const key = `${mailbox}/${message}`
      const known = views.get(key)
      if (known) return known
      const { octets, cut } = await gather(store.openMessage(mailbox, uid), viewedBytesMax)
      const head = octets.slice(0, headersBytesMax) // the rest is handed over
      const made = await ask<Viewed>({ ask: 'view', octets, cut }).catch((error: unknown) => withoutParts(head, error))
      views.set(key, made)
      return made
    },
    async attachment(mailbox, { uid }, index) {
      const { octets } = await gather(store.openMessage(mailbox, uid), viewedBytesMax)
      return ask<TakenAttachment>({ ask: 'attachment', octets, index })
    },
  }
}

const bufferOf = ({ buffer }: Uint8Array): ArrayBuffer => buffer as ArrayBuffer // made by gather, never shared

/** What is left when the thread gave up. */
function withoutParts(head: Uint8Array, error: unknown): Viewed {
  if (!(error instanceof ThreadError)) throw error
  const view = { ...nothing, ...headOf(headerOf(head, fieldsMax), []), cut: false, problem: error.message }
  return { view, page: framePage('') }
}

/** The first octets, in a buffer of their own. */
export async function gather(
  chunks: AsyncIterable<Uint8Array>,
  bytesMax: number,
): Promise<{ octets: Uint8Array; cut: boolean }> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    parts.push(chunk)
    bytes += chunk.length
    if (bytes > bytesMax) break
  }
  const octets = new Uint8Array(Math.min(bytes, bytesMax))
  let at = 0
  for (const part of parts) {
    octets.set(part.subarray(0, octets.length - at), at)
    at = Math.min(octets.length, at + part.length)
  }
  return { octets, cut: bytes > bytesMax }
}
