// What the thread for reading does: one message, taken apart or one attachment of it. Loaded by world/node/thread-work.ts.
import type { Work } from '#/world/node/thread-work.ts'
import type { Viewed } from './view-head.ts'
import { attachmentOf, viewOf } from './view.ts'

export type ReadingRequest =
  | { readonly ask: 'view'; readonly octets: Uint8Array; readonly cut: boolean }
  | { readonly ask: 'attachment'; readonly octets: Uint8Array; readonly index: number }
export type TakenAttachment = { readonly name: string; readonly type: string; readonly octets: Uint8Array }

export const work = (async (request: ReadingRequest) => {
  if (request.ask === 'view') return { value: (await viewOf(request.octets, request.cut)) satisfies Viewed }
  const value: TakenAttachment = await attachmentOf(request.octets, request.index)
  return { value }
}) satisfies Work
