// Every text of the page stands in a catalogue, once in each language; what is not translated does not compile.
import { remember, remembered } from './theme.svelte.ts'

export const languages = { en: 'English', de: 'Deutsch' } as const
export type Language = keyof typeof languages
type Text = string | ((...values: never[]) => string)
type Same<T> = { [K in keyof T]: T[K] extends string ? string : T[K] }

const wanted = (): Language => {
  const asked = remembered('nc-language') ?? navigator.language.slice(0, 2)
  return asked === 'de' ? 'de' : 'en'
}
let current = $state<Language>(wanted())

export const language = (): Language => current

export function setLanguage(next: Language): void {
  current = next
  remember('nc-language', next)
  document.documentElement.lang = next
}

/** The texts of one screen. Call what it gives where the text is shown: `t().title`; it follows the language. */
export function texts<T extends Record<string, Text>>(both: { en: T; de: Same<T> }): () => T {
  return () => both[current] as T // the same keys with the same parameters
}
