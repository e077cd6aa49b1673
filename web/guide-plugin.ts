// Turns docs/guide.md and docs/faq.md into the pages /guide and /faq when the page is built: the module virtual:guide. The only
// HTML that the page ever inserts is made here, from our own files, and it is looked through: no script, nothing from elsewhere.
import { readFileSync } from 'node:fs'
import { Marked, type Tokens } from 'marked'
import type { Plugin } from 'vite'
import type { Book, Section } from './src/screens/guide/book.ts'

const files: Readonly<Record<Book, string>> = { guide: '../docs/guide.md', faq: '../docs/faq.md' }
const id = 'virtual:guide'

export function guide(): Plugin {
  const paths = Object.values(files).map(pathOf)
  return {
    name: 'guide',
    resolveId: (source) => (source === id ? `\0${id}` : null),
    load(source) {
      if (source !== `\0${id}`) return null
      for (const path of paths) this.addWatchFile(path)
      return `export const sections = ${JSON.stringify(readSections())}`
    },
  }
}

const pathOf = (file: string): string => new URL(file, import.meta.url).pathname

/** All chapters and entries, in their order. @throws Error for what must not stand on a page */
export const readSections = (): Section[] =>
  (Object.keys(files) as Book[]).flatMap((book) => sectionsOf(readFileSync(pathOf(files[book]), 'utf8'), book))

/** A chapter begins at each heading of the second level. */
export function sectionsOf(markdown: string, book: Book): Section[] {
  const marked = rendererOf(book)
  return markdown
    .split(/^(?=## )/m)
    .slice(1)
    .map((source) => {
      const [heading = '', ...rest] = source.split('\n')
      const name = heading.slice(3).trim()
      const html = withRowNames(marked.parse(rest.join('\n')) as string) // not asynchronous
      assertHarmless(html, name)
      const anchors = [slug(name), ...[...html.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]!)]
      return { book, anchors, title: titleOf(book, name, rest.join('\n')), html, text: plain(html) }
    })
}

/** An entry of the FAQ has a short name; what it is about stands in italics at its beginning. */
function titleOf(book: Book, name: string, text: string): string {
  const about = book === 'faq' ? /^\s*\*(.+?)\*(?!\*)/s.exec(text)?.[1] : undefined
  return about?.replaceAll('`', '').replace(/\s+/g, ' ').replace(/\.$/, '') ?? name
}

export const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .trim()
    .replace(/ /g, '-')

function rendererOf(book: Book): Marked {
  return new Marked({
    tokenizer: { url: () => undefined }, // addresses in the text are examples
    renderer: {
      heading({ tokens, depth, text }: Tokens.Heading) {
        return `<h${depth} id="${slug(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`
      },
      code: ({ text }: Tokens.Code) => `<pre tabindex="0"><code>${escaped(text)}</code></pre>\n`,
      link({ href, tokens }: Tokens.Link) {
        return `<a href="${escaped(addressOf(href, book))}">${this.parser.parseInline(tokens)}</a>`
      },
      html({ text }: Tokens.HTML | Tokens.Tag): string {
        throw new Error(`The ${book} may hold no HTML: ${text}`)
      },
      image({ href }: Tokens.Image): string {
        throw new Error(`The ${book} may hold no picture: ${href}`)
      },
    },
  })
}

/** Links between the two books, as they are written for readers of the files. */
function addressOf(href: string, book: Book): string {
  const [, file, anchor] = /^(?:(guide|faq)\.md)?#(.+)$/.exec(href) ?? []
  if (anchor !== undefined) return `/${file ?? book}/${anchor}`
  if (/^https:\/\//.test(href)) return href
  throw new Error(`The ${book} links to ${href}, which the page cannot open`)
}

/** The row of a setting can be linked to by the name of the setting; wide tables scroll. */
const withRowNames = (html: string): string =>
  html
    .replace(/<tr>\s*<td><code>([a-zA-Z0-9]+\.[a-zA-Z0-9]+)<\/code>/g, (_row, name: string) => {
      return `<tr id="${name.toLowerCase()}"><td><code>${name}</code>`
    })
    .replaceAll('<table>', '<div class="wide" tabindex="0"><table>')
    .replaceAll('</table>', '</table></div>')

/** @throws Error */
function assertHarmless(html: string, where: string): void {
  const wrong = /<(?:script|style|iframe|img|object|embed|form|link|meta|svg)|<[^>]* (?:on\w+|style|src)=|javascript:/i
  const found = wrong.exec(html)
  if (found) throw new Error(`${where} holds ${found[0]}, which may not stand on a page`)
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const plain = (html: string): string =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim()
