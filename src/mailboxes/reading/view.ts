// Takes a message apart for somebody who reads it. Runs in the thread only (thread.ts of world/node): strangers write what
// comes in here, and a message that breaks it costs one call and an error sentence. SX-05
import PostalMime, { type Attachment, type Email } from 'postal-mime'
import { headerOf } from './fields.ts'
import { fileNameOf, typeOf } from './files.ts'
import { safeHtml } from './html.ts'
import {
  attachmentsMax,
  depthMax,
  fieldsMax,
  headersBytesMax,
  pictureBytesMax,
  picturesBytesMax,
  textCharsMax,
} from './limits.ts'
import { framePage } from './page.ts'
import { headOf, nothing, type ShownAttachment, type Viewed } from './view-head.ts'

/** `cut`: the octets are the beginning of a larger message. */
export async function viewOf(octets: Uint8Array, cut: boolean): Promise<Viewed> {
  const header = headerOf(octets, fieldsMax)
  const email = await taken(octets)
  if (typeof email === 'string') return { view: { ...nothing, ...headOf(header, []), cut, problem: email }, page: '' }
  const attachments = email.attachments.slice(0, attachmentsMax)
  const pictures = new Pictures(attachments)
  const html = email.html === undefined ? null : safeHtml(email.html, pictures.of)
  const shown = attachments.map((one, index) => shownOf(one, { index, inline: pictures.used.has(one) }))
  const names = shown.map(({ name }) => name)
  const text = email.text ?? null
  return {
    view: {
      ...headOf(header, names),
      text: text === null ? null : text.slice(0, textCharsMax),
      hasHtml: html !== null,
      remotePictures: html?.remotePictures ?? 0,
      links: html?.links ?? [],
      moreLinks: html?.moreLinks ?? 0,
      attachments: shown,
      moreAttachments: email.attachments.length - shown.length,
      cut: cut || (html?.cut ?? false) || (text?.length ?? 0) > textCharsMax,
      problem: null,
    },
    page: framePage(html?.html ?? ''),
  }
}

/** The octets of one attachment. @throws when there is none */
export async function attachmentOf(
  octets: Uint8Array,
  index: number,
): Promise<{ name: string; type: string; octets: Uint8Array }> {
  const email = await taken(octets)
  const found = typeof email === 'string' ? undefined : email.attachments[index]
  if (found === undefined) throw new Error('There is no such attachment')
  const { name, type } = shownOf(found, { index, inline: false })
  return { name, type, octets: octetsOf(found) }
}

/** What the parser says when it is not. */
async function taken(octets: Uint8Array): Promise<Email | string> {
  try {
    return await PostalMime.parse(octets, {
      forceRfc822Attachments: true,
      maxNestingDepth: depthMax,
      maxHeadersSize: headersBytesMax,
    })
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const shownOf = (one: Attachment, more: Pick<ShownAttachment, 'index' | 'inline'>): ShownAttachment => {
  const type = typeOf(one.mimeType)
  return { ...more, name: fileNameOf(one.filename, { type, index: more.index }), type, sizeBytes: octetsOf(one).length }
}

function octetsOf({ content }: Attachment): Uint8Array {
  if (typeof content === 'string') return Buffer.from(content)
  return content instanceof Uint8Array ? content : new Uint8Array(content)
}

const pictureTypes: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

/** Pictures that come with the message, by their Content-ID: a few megabytes of them. */
class Pictures {
  readonly used = new Set<Attachment>()
  readonly #byId = new Map<string, Attachment>()
  #bytes = 0

  constructor(attachments: readonly Attachment[]) {
    for (const one of attachments)
      if (one.contentId !== undefined) this.#byId.set(one.contentId.replace(/^<|>$/g, ''), one)
  }

  readonly of = (id: string): string | null => {
    const found = this.#byId.get(id)
    if (found === undefined || !pictureTypes.has(found.mimeType)) return null
    const octets = octetsOf(found)
    if (octets.length > pictureBytesMax || this.#bytes + octets.length > picturesBytesMax) return null
    this.#bytes += octets.length
    this.used.add(found)
    return `data:${found.mimeType};base64,${Buffer.from(octets).toString('base64')}`
  }
}
