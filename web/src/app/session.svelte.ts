// Who is signed in, as the server knows it.
import type { SessionShown } from '../../../src/accounts/types.ts'
import { get, onSignedOut, post } from './api.ts'

let current = $state<SessionShown | null>(null)
onSignedOut(() => {
  if (current) current = { ...current, actor: null }
})

export const session = {
  /** Null until the server has answered. */
  get known() {
    return current
  },
  get actor() {
    return current?.actor ?? null
  },
  get administrator() {
    return current?.actor?.role === 'administrator'
  },
}

/** @throws ApiError */
export async function lookWhoIsThere(): Promise<void> {
  current = (await get('/api/v1/session')) as SessionShown // what sessionRoutes answers
}

/** @throws ApiError; its message is the answer with a reason */
export async function signIn(given: { name: string; password: string; code?: string }): Promise<void> {
  current = (await post('/api/v1/session/sign-in', JSON.stringify(given))) as SessionShown
}

export async function signOut(): Promise<void> {
  current = (await post('/api/v1/session/sign-out', '{}')) as SessionShown
}
