// The queue, the trace and the care of the store.
import type { Context } from './context.ts'

export const listQueue = (
  { store }: Context,
  request: { state?: string | undefined; limit: number },
): Promise<unknown> =>
  store.deliveries({ limit: request.limit, ...(request.state === undefined ? {} : { state: request.state }) })

export const showQueue = ({ store }: Context, request: { message: string }): Promise<unknown> =>
  store.deliveries({ message: request.message, limit: 1000 })

type TraceRequest = { text?: string | undefined; since?: number | undefined; limit: number }

export function trace({ store }: Context, { text, since, limit }: TraceRequest): Promise<unknown> {
  return store.trace({ limit, ...(text === undefined ? {} : { text }), ...(since === undefined ? {} : { since }) })
}

export const verify = ({ store, onShare }: Context): Promise<unknown> => store.verify(onShare)
export const facts = ({ store }: Context): Promise<unknown> => store.facts()
