// The shipped guide and FAQ as the page knows them, and the search through them. Made when the page is built, by
// guide-plugin.ts. Pure.

export type Book = 'guide' | 'faq'
export type Leaf = string
export type Tag =
  'p' | 'strong' | 'em' | 'code' | 'pre' | 'h3' | 'a' | 'ul' | 'li' | 'table' | 'thead' | 'tbody' | 'tr' | 'th' | 'td'
/** Text, or one of a few elements with what lies in it. */
export type Part =
  Leaf | { readonly is: Tag; readonly in: readonly Part[]; readonly id?: string; readonly href?: string }

export const element = (is: Tag, inner: readonly Part[], more: { id?: string; href?: string } = {}): Part => ({
  is,
  in: inner,
  ...more,
})

/** A chapter of the guide or an entry of the FAQ. */
export type Section = {
  readonly book: Book
  /** Its own name first, then those of what lies in it; lower case. */
  readonly anchors: readonly string[]
  readonly title: string
  readonly parts: readonly Part[]
  /** Without marks, for the search. */
  readonly text: string
}
export type Piece = { readonly text: string; readonly hit: boolean }
export type Hit = { readonly section: Section; readonly excerpt: readonly Piece[] }

/** By a name in any case. */
export const sectionAt = (sections: readonly Section[], book: Book, anchor: string): Section | undefined =>
  sections.find((one) => one.book === book && one.anchors.includes(anchor.toLowerCase()))

export const addressOf = ({ book, anchors }: Section): string => `/${book}/${anchors[0]}`

const hitsMax = 20
const around = 90

/** Sections that hold every word, best first. A word may be begun only. */
export function search(sections: readonly Section[], wanted: string): Hit[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return []
  const scored = sections.map((section) => ({ section, score: scoreOf(section, words) }))
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, hitsMax)
    .map(({ section }) => ({ section, excerpt: excerptOf(section.text, words) }))
}

/** In the name and the title a word counts more than in the text, at the beginning of a word more than inside; 0: one is missing. */
function scoreOf({ anchors, title, text }: Section, words: readonly string[]): number {
  const head = `${anchors[0]} ${title}`.toLowerCase()
  const body = text.toLowerCase()
  const scores = words.map((word) => 20 * found(head, word) + Math.min(10, found(body, word)))
  return scores.includes(0) ? 0 : scores.reduce((sum, one) => sum + one, 0)
}

/** Two for each time at the beginning of a word, one for each inside. */
function found(text: string, word: string): number {
  let score = 0
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length))
    score += at === 0 || /[^\p{L}\p{N}]/u.test(text[at - 1]!) ? 2 : 1
  return score
}

/** Some words around the first hit, with the hits marked. */
function excerptOf(text: string, words: readonly string[]): Piece[] {
  const lower = text.toLowerCase()
  const first = Math.min(...words.map((word) => lower.indexOf(word)).filter((at) => at >= 0), lower.length)
  const start = first < around ? 0 : lower.lastIndexOf(' ', first - around / 2) + 1
  const end = lower.indexOf(' ', start + 2 * around)
  const shown = text.slice(start, end < 0 ? undefined : end)
  const pattern = new RegExp(`(${words.map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|')})`, 'giu')
  const pieces = shown.split(pattern).map((piece, i) => ({ text: piece, hit: i % 2 === 1 }))
  return [{ text: start > 0 ? '… ' : '', hit: false }, ...pieces, { text: ' …', hit: false }].filter(
    ({ text: one }) => one !== '',
  )
}
