// The HTML of a message made safe for a frame that runs nothing and loads nothing: tags and attributes from a list, pictures
// only as data of the message itself, links as words with the host where they lead. Runs in the thread. WEB-01, WEB-02, SX-04
import sanitizeHtml from 'sanitize-html'
import { htmlCharsMax, htmlDepthMax, htmlTagsMax, linksMax } from './limits.ts'
import { loadsSomething, safeStyle } from './style.ts'

export type Link = {
  /** As it stands in the message: to be shown, and followed only by whoever chooses to. */
  readonly url: string
  readonly host: string
}
export type SafeHtml = {
  readonly html: string
  readonly remotePictures: number
  readonly links: readonly Link[]
  /** Links behind the ceiling. */
  readonly moreLinks: number
  readonly cut: boolean
}
/** A picture of the message by its Content-ID, as a data: address; null when there is none or it is too large. */
export type PictureOf = (contentId: string) => string | null

const tables = ['table', 'caption', 'colgroup', 'col', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td']
const blocks = ['div', 'p', 'center', 'blockquote', 'pre', 'hr', 'br', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'address']
const lists = ['ul', 'ol', 'li', 'dl', 'dt', 'dd']
const words = [
  'span',
  'font',
  'b',
  'strong',
  'i',
  'em',
  'u',
  's',
  'strike',
  'del',
  'ins',
  'small',
  'big',
  'sub',
  'sup',
  'code',
]
const allowedTags = [
  ...tables,
  ...blocks,
  ...lists,
  ...words,
  'kbd',
  'samp',
  'tt',
  'var',
  'cite',
  'q',
  'abbr',
  'bdi',
  'wbr',
  'img',
]

const length = /^[0-9]{1,4}%?$/
const plain = /^[A-Za-z0-9#% ,.-]{1,80}$/
const attributes: ReadonlyMap<string, RegExp> = new Map([
  ...['width', 'height', 'colspan', 'rowspan', 'cellpadding', 'cellspacing', 'border', 'start', 'span'].map(
    (name) => [name, length] as const,
  ),
  ...['align', 'valign', 'dir', 'lang', 'color', 'bgcolor', 'face', 'size', 'type', 'scope'].map(
    (name) => [name, plain] as const,
  ),
])
const remotes = ['background', 'src', 'srcset', 'poster', 'data', 'lowsrc', 'dynsrc']
const dropped = ['script', 'style', 'title', 'head', 'textarea', 'option', 'select', 'button', 'noscript', 'noembed']
const droppedToo = [
  'noframes',
  'xmp',
  'plaintext',
  'iframe',
  'object',
  'embed',
  'applet',
  'svg',
  'math',
  'template',
  'audio',
  'video',
]

type Attributes = Record<string, string>
type Tag = { readonly tagName: string; readonly attribs: Attributes }

export function safeHtml(html: string, pictureOf: PictureOf): SafeHtml {
  const cleaner = new Cleaner(pictureOf)
  const taken = bounded(html)
  const safe = sanitizeHtml(taken, {
    allowedTags,
    allowedAttributes: {
      '*': [...attributes.keys(), 'style', 'class', 'data-host', 'data-name', 'title', 'alt', 'src'],
    },
    allowedSchemes: [],
    allowedSchemesByTag: { img: ['data'] },
    allowProtocolRelative: false,
    parseStyleAttributes: false, // safeStyle has written it
    nestingLimit: htmlDepthMax,
    nonTextTags: [...dropped, ...droppedToo],
    transformTags: { '*': (tagName, attribs) => cleaner.tag(tagName, attribs) },
  })
  return { html: safe, ...cleaner.found, cut: taken.length < html.length }
}

/** As much of it as is read in a moment. */
function bounded(html: string): string {
  let at = -1
  for (let tags = 0; tags <= htmlTagsMax; tags++) {
    at = html.indexOf('<', at + 1)
    if (at < 0 || at >= htmlCharsMax) return html.slice(0, htmlCharsMax)
  }
  return html.slice(0, at)
}

class Cleaner {
  readonly #pictureOf: PictureOf
  readonly #links = new Map<string, Link>()
  #more = 0
  #remote = 0

  constructor(pictureOf: PictureOf) {
    this.#pictureOf = pictureOf
  }

  get found(): Pick<SafeHtml, 'remotePictures' | 'links' | 'moreLinks'> {
    return { remotePictures: this.#remote, links: [...this.#links.values()], moreLinks: this.#more }
  }

  /** Only what is written here comes out: the message cannot bring classes or data of its own. */
  tag(tagName: string, given: Attributes): Tag {
    if (tagName === 'img') return this.#picture(given)
    const attribs = kept(given)
    this.#remote += remotes.filter((name) => isElsewhere(given[name] ?? '')).length
    if (loadsSomething(given['style'] ?? '')) this.#remote++
    if (tagName === 'a') return { tagName: 'span', attribs: { ...attribs, ...this.#link(given['href'] ?? '') } }
    return { tagName: tagName === 'body' ? 'div' : tagName, attribs }
  }

  #link(href: string): Attributes {
    const link = linkOf(href)
    if (link === null) return {}
    if (!this.#links.has(link.url) && this.#links.size >= linksMax) this.#more++
    else this.#links.set(link.url, link)
    return { class: 'link', 'data-host': link.host, title: link.url }
  }

  #picture(given: Attributes): Tag {
    const source = given['src'] ?? ''
    const data = /^cid:/i.test(source) ? this.#pictureOf(decoded(source.slice(4))) : null
    const alt = (given['alt'] ?? '').slice(0, 200)
    if (data !== null) return { tagName: 'img', attribs: { ...kept(given), src: data, alt } }
    if (isElsewhere(source) || isElsewhere(given['srcset'] ?? '')) this.#remote++
    if (isInvisible(given)) return { tagName: 'span', attribs: {} }
    return { tagName: 'span', attribs: { class: 'pic', 'data-name': alt || nameOf(source) } }
  }
}

function kept(given: Attributes): Attributes {
  const attribs: Attributes = {}
  for (const [name, value] of Object.entries(given)) if (attributes.get(name)?.test(value)) attribs[name] = value
  const style = safeStyle(given['style'] ?? '')
  if (style !== '') attribs['style'] = style
  return attribs
}

/** Anything that is not of this message. A relative address has nothing to be relative to, and still wants to load. */
const isElsewhere = (address: string): boolean => address.trim() !== '' && !/^[\s]*(?:cid|data):/i.test(address)
/** The beacon of one pixel leaves no frame behind. */
const isInvisible = ({ width, height }: Attributes): boolean =>
  /^[01]$/.test(width ?? '') || /^[01]$/.test(height ?? '')

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const nameOf = (source: string): string =>
  decoded(/([^/?#\\]{1,100})(?:[?#].*)?$/.exec(source.slice(0, 2000))?.[1] ?? '').replace(/[^\p{L}\p{N} ._-]/gu, '')

/** Only addresses that a person may want to open. */
export function linkOf(href: string): Link | null {
  const text = href.trim().slice(0, 2000)
  if (!/^(?:https?:\/\/|mailto:)/i.test(text) || !URL.canParse(text)) return null
  const { protocol, hostname, pathname, href: url } = new URL(text)
  if (protocol !== 'mailto:') return { url, host: hostname }
  return { url, host: decoded(pathname) }
}
