// The first words of a message, from its first octets: the first text that is found on the way down. Pure. Called by summary.ts.
import { parseMimeEntity, splitParts, type MimeEntity } from '#/message/mime-entity.ts'
import { fieldText } from '#/message/header.ts'
import { previewChars } from './limits.ts'

export type Glance = { readonly preview: string; readonly hasAttachments: boolean }

const depthMax = 5
const textBytesMax = 4096

/** A message that is cut off, or not understood, simply shows less. */
export function glance(octets: Uint8Array): Glance {
  const seen = { text: null as string | null, hasAttachments: false }
  look(octets, 0, seen)
  return { preview: (seen.text ?? '').slice(0, previewChars), hasAttachments: seen.hasAttachments }
}

type Seen = { text: string | null; hasAttachments: boolean }

function look(octets: Uint8Array, depth: number, seen: Seen): void {
  const parsed = parseMimeEntity(octets)
  if (!parsed.ok || depth > depthMax) return
  const entity = parsed.value
  if (isAttachment(entity)) seen.hasAttachments = true
  else if (entity.type.startsWith('multipart/')) lookInside(entity, depth, seen)
  else if (entity.type.startsWith('text/')) seen.text ??= wordsOf(entity)
  else if (depth > 0) seen.hasAttachments ||= !entity.type.startsWith('image/')
}

function lookInside(entity: MimeEntity, depth: number, seen: Seen): void {
  const body = entity.octets.subarray(entity.bodyStart)
  const split = entity.boundary === null ? null : splitParts(body, entity.boundary)
  if (!split?.ok) return
  for (const { start, end } of split.value.parts.slice(0, 20)) look(body.subarray(start, end), depth + 1, seen)
}

const isAttachment = ({ octets, fields }: MimeEntity): boolean =>
  fields.some((field) => field.name === 'content-disposition' && /^attachment/i.test(fieldText(octets, field, 100)))

function wordsOf(entity: MimeEntity): string {
  const raw = Buffer.from(entity.octets.subarray(entity.bodyStart, entity.bodyStart + textBytesMax))
  const text = decodeText(decodeTransfer(raw, entity.encoding), charsetOf(entity))
  const plain = entity.type === 'text/html' ? withoutTags(text) : text
  return plain.replace(/[\u0000-\u0020\u007f-\u00a0\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u00ad]+/g, ' ').trim()
}

function decodeTransfer(raw: Buffer, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(raw.toString('latin1'), 'base64')
  if (encoding !== 'quoted-printable') return raw
  const text = raw
    .toString('latin1')
    .replace(/=[ \t]*\r\n/g, '')
    .replace(/=([0-9A-Fa-f]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(text, 'latin1')
}

function charsetOf({ octets, fields }: MimeEntity): string {
  const type = fields.find(({ name }) => name === 'content-type')
  const declared = type === undefined ? '' : fieldText(octets, type, 4000)
  return /;[ \t]*charset="?([A-Za-z0-9_.:-]{1,40})/i.exec(declared)?.[1] ?? 'utf-8'
}

function decodeText(octets: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(octets)
  } catch {
    return octets.toString('latin1')
  }
}

/** For the eye only: shown as text, whatever is left. */
const withoutTags = (html: string): string =>
  html
    .replace(/<(style|script|title|head)\b[^]*?(?:<\/\1[^>]*>|$)/gi, ' ')
    .replace(/<!--[^]*?(?:-->|$)/g, ' ')
    .replace(/<[^>]*(?:>|$)/g, ' ')
    .replace(/&nbsp;/gi, ' ')
    .replace(
      /&(amp|lt|gt|quot);/gi,
      (_all, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"' })[name.toLowerCase()]!,
    )
