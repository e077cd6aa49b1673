// Whether a message can be sent, and how large a file may still be. Pure.
import type { Preview, Writing } from './writing.svelte.ts'

type Looked = Pick<Writing, 'preview' | 'wrong' | 'fields' | 'bringing'>

/** Why not, as a key of the texts; null: it can. */
export function hindrance({ preview, wrong, fields, bringing }: Looked) {
  if (fields.to.length + fields.cc.length + fields.bcc.length === 0) return 'whyNobody'
  if (wrong.length > 0) return 'whyAddress'
  if (preview && preview.sender !== null) return 'whySender'
  if (bringing.length > 0) return 'whyAdding'
  if (preview && preview.sizeBytes > preview.limit.bytesMax) return 'whySize'
  return null
}

/** Base64 writes 57 octets as a line of 78. */
export const roomFor = (preview: Preview | null): number =>
  preview === null
    ? Number.POSITIVE_INFINITY
    : Math.max(0, Math.floor(((preview.limit.bytesMax - preview.sizeBytes - 2000) * 57) / 78))
