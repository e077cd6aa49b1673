// What somebody may have forgotten before they press Send. Pure. Of send-preview.ts.
import type { DraftFields } from './draft-fields.ts'

export const warningKinds = ['no-subject', 'no-text', 'no-attachment'] as const
export type Warning = (typeof warningKinds)[number]

/** English and German words that promise a file. */
const promises =
  /\b(?:attached|attachments?|enclosed|enclosures?|i attach|im anhang|anhang|angehängt|angehaengt|anbei|beigefügt|beigefuegt|beiliegend|anlage)\b/iu

export function warningsOf({ subject, text }: Pick<DraftFields, 'subject' | 'text'>, attached: number): Warning[] {
  const own = ownWords(text)
  return [
    ...(subject.trim() === '' ? (['no-subject'] as const) : []),
    ...(own.trim() === '' && attached === 0 ? (['no-text'] as const) : []),
    ...(attached === 0 && promises.test(`${subject}\n${own}`) ? (['no-attachment'] as const) : []),
  ]
}

/** What others wrote promises nothing. */
const ownWords = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('>'))
    .join('\n')
