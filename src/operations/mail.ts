// The trace and the care of the store.
import type { Context } from './context.ts'

type TraceRequest = { text?: string | undefined; since?: number | undefined; limit: number }

export function trace({ store }: Context, { text, since, limit }: TraceRequest): Promise<unknown> {
  return store.trace({ limit, ...(text === undefined ? {} : { text }), ...(since === undefined ? {} : { since }) })
}

export const verify = ({ store, onShare }: Context): Promise<unknown> => store.verify(onShare)
export const facts = ({ store }: Context): Promise<unknown> => store.facts()
