// Turns docs/guide.md and docs/faq.md into the pages /guide and /faq when the page is built: the module virtual:guide. What is
// made is a tree of a few known elements, so that the page inserts no HTML at all; what has no place in it stops the build.
import { readFileSync } from 'node:fs'
import { Marked, type Token, type Tokens } from 'marked'
import type { Plugin } from 'vite'
import { element, type Book, type Leaf, type Part, type Section } from './src/screens/guide/book.ts'

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

/** All chapters and entries, in their order. @throws Error for what has no place on a page */
export const readSections = (): Section[] =>
  (Object.keys(files) as Book[]).flatMap((book) => sectionsOf(readFileSync(pathOf(files[book]), 'utf8'), book))

/** A chapter begins at each heading of the second level. */
export const sectionsOf = (markdown: string, book: Book): Section[] =>
  markdown
    .split(/^(?=## )/m)
    .slice(1)
    .map((source) => sectionOf(source, book))

function sectionOf(source: string, book: Book): Section {
  const [heading = '', ...rest] = source.split('\n')
  const name = heading.slice(3).trim()
  const parts = new Reader(book).partsOf(markdown.lexer(rest.join('\n')))
  const text = plain(parts)
  return { book, anchors: [slug(name), ...idsOf(parts)], title: titleOf(book, name, rest.join('\n')), parts, text }
}

/** Addresses and names in the text are examples, no links. */
const markdown = new Marked({ tokenizer: { url: () => undefined } })

/** An entry of the FAQ has a short name; what it is about stands in italics at its beginning. */
function titleOf(book: Book, name: string, text: string): string {
  const about = book === 'faq' ? /^\s*\*(.+?)\*(?!\*)/s.exec(text)?.[1] : undefined
  return about?.replaceAll('`', '').replace(/\s+/g, ' ').replace(/\.$/, '') ?? name
}

const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .trim()
    .replace(/ /g, '-')

/** From what marked has read to the parts of a page. */
class Reader {
  readonly #book: Book

  constructor(book: Book) {
    this.#book = book
  }

  partsOf = (tokens: readonly Token[] = []): Part[] => tokens.flatMap((token) => this.#part(token))

  #part(token: Token): Part[] {
    const inner = (): Part[] => this.partsOf('tokens' in token ? token.tokens : [])
    switch (token.type) {
      case 'space':
        return []
      case 'text':
        return 'tokens' in token && token.tokens ? inner() : [unescaped((token as Tokens.Text).text)]
      case 'escape':
        return [(token as Tokens.Escape).text]
      case 'paragraph':
        return [element('p', inner())]
      case 'strong':
      case 'em':
        return [element(token.type, inner())]
      case 'codespan':
        return [element('code', [unescaped((token as Tokens.Codespan).text)])]
      case 'code':
        return [element('pre', [element('code', [(token as Tokens.Code).text])])]
      case 'heading':
        return [element('h3', inner(), { id: slug((token as Tokens.Heading).text) })]
      case 'link':
        return [element('a', inner(), { href: this.#addressOf((token as Tokens.Link).href) })]
      case 'list':
        return [
          element(
            'ul',
            (token as Tokens.List).items.map((item) => element('li', this.partsOf(item.tokens))),
          ),
        ]
      case 'table':
        return [this.#table(token as Tokens.Table)]
      default:
        throw new Error(`The ${this.#book} holds what has no place on a page: ${token.raw}`)
    }
  }

  /** The row of a setting can be linked to by the name of the setting. */
  #table({ header, rows }: Tokens.Table): Part {
    const cells = (tag: 'th' | 'td', row: readonly Tokens.TableCell[]): Part[] =>
      row.map(({ tokens }) => element(tag, this.partsOf(tokens)))
    const body = rows.map((row) => {
      const setting = /^`([a-zA-Z0-9]+\.[a-zA-Z0-9]+)`$/.exec(row[0]?.text ?? '')?.[1]
      return element('tr', cells('td', row), setting === undefined ? {} : { id: setting.toLowerCase() })
    })
    return element('table', [element('thead', [element('tr', cells('th', header))]), element('tbody', body)])
  }

  /** Links between the two books are written for readers of the files. */
  #addressOf(href: string): string {
    const [, file, anchor] = /^(?:(guide|faq)\.md)?#(.+)$/.exec(href) ?? []
    if (anchor !== undefined) return `/${file ?? this.#book}/${anchor}`
    if (href.startsWith('https://')) return href
    throw new Error(`The ${this.#book} links to ${href}, which the page cannot open`)
  }
}

/** marked writes these for HTML, which this is not. */
const unescaped = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')

const isLeaf = (part: Part): part is Leaf => typeof part === 'string'

const idsOf = (parts: readonly Part[]): string[] =>
  parts.flatMap((part) => (isLeaf(part) ? [] : [...(part.id === undefined ? [] : [part.id]), ...idsOf(part.in)]))

const blocks: ReadonlySet<string> = new Set(['p', 'pre', 'h3', 'li', 'th', 'td'])

const plain = (parts: readonly Part[]): string =>
  parts
    .map((part) => (isLeaf(part) ? part : plain(part.in) + (blocks.has(part.is) ? ' ' : '')))
    .join('')
    .replace(/\s+/g, ' ')
