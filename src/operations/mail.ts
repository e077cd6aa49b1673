// The queue, the trace and the care of the store.
import type { DeliveryState } from '#/storage/queue.ts'
import type { Context } from './context.ts'

export const listQueue = (
  { store }: Context,
  { state, limit }: { state?: string | undefined; limit: number },
): Promise<unknown> => store.queue.find({ limit, ...(state === undefined ? {} : { states: [state as DeliveryState] }) })

export const showQueue = ({ store }: Context, request: { message: string }): Promise<unknown> =>
  store.queue.ofMessage(request.message)

type TraceRequest = { text?: string | undefined; since?: number | undefined; limit: number }

export function trace({ store }: Context, { text, since, limit }: TraceRequest): Promise<unknown> {
  return store.trace({ limit, ...(text === undefined ? {} : { text }), ...(since === undefined ? {} : { since }) })
}

export const verify = ({ store, onShare }: Context): Promise<unknown> => store.verify(onShare)
export const facts = ({ store }: Context): Promise<unknown> => store.facts()
