// App passwords: one for each program of a mailbox, made here, so that one that leaks is taken back alone. The first letters
// are open and find the row, so that only one hash is tried whatever the number. Used by logins.ts and operations. Pure.
import type { Random } from '#/world/world.ts'
import { appSecretChars, appSelectorChars } from './limits.ts'
import { grouped, secretLetters, typedLetters } from './secret-letters.ts'

const form = new RegExp(`^[a-z2-7]{${appSelectorChars + appSecretChars}}$`)

/** The text is in groups of four as it is printed: what people copy is what SCRAM, which sees no text, was told. */
export type AppPassword = { readonly selector: string; readonly text: string }

export const newAppPassword = (random: Random): AppPassword =>
  of(secretLetters(random, appSelectorChars + appSecretChars))

/** Typed with or without its hyphens, in any case; null for what cannot be one. */
export function readAppPassword(typed: string): AppPassword | null {
  const letters = typedLetters(typed)
  return form.test(letters) ? of(letters) : null
}

const of = (letters: string): AppPassword => ({ selector: letters.slice(0, appSelectorChars), text: grouped(letters) })
