// Secrets of rows as an operator gives them: sealed at once, and opened only to see whether they are right already. Called by
// alternates.ts and collect-request.ts.
import { SecretError, type Secrets } from '#/accounts/secrets.ts'

export type GivenSecret = {
  readonly purpose: string
  readonly given: string | undefined
  readonly old: string | null // sealed
}

/** A secret that is right already keeps its seal, so that a repeated import changes nothing. */
export function sealedSecret({ purpose, given, old }: GivenSecret, secrets: Secrets): string | null {
  if (given === undefined || (old !== null && openedSecret(old, purpose, secrets) === given)) return old
  return secrets.seal(given, purpose)
}

/** Null where it cannot be opened. */
export function openedSecret(sealed: string, purpose: string, secrets: Secrets): string | null {
  try {
    return secrets.open(sealed, purpose)
  } catch (error) {
    if (error instanceof SecretError) return null
    throw error
  }
}
