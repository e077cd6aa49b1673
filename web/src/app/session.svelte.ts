// Who is signed in, as the server knows it.
import type { SessionShown, SignInResult } from '../../../src/accounts/types.ts'
import { ApiError, get, onSignedOut, post } from './api.ts'

export type Refusal = Omit<Extract<SignInResult, { ok: false }>, 'ok'>

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

/** Null: signed in. Otherwise why not. @throws ApiError for anything else */
export async function signIn(given: { name: string; password: string; code?: string }): Promise<Refusal | null> {
  try {
    current = (await post('/api/v1/session/sign-in', JSON.stringify(given))) as SessionShown
    return null
  } catch (error) {
    const refusal = error instanceof ApiError && error.status === 401 ? (error.value as Refusal | null) : null // of sessionRoutes
    if (refusal === null || typeof refusal.reason !== 'string') throw error
    return refusal
  }
}

/** The first administrator, by the token of the one-time link. @throws ApiError */
export async function setUp(given: { token: string; name: string; password: string }): Promise<void> {
  current = (await post('/api/v1/session/setup', JSON.stringify(given))) as SessionShown
}

export async function signOut(): Promise<void> {
  current = (await post('/api/v1/session/sign-out', '{}')) as SessionShown
}
