// Octets that somebody may keep or look at, by name.
import { attachment, messageHtml, messageRaw } from '../message-octets.ts'
import type { AnyDownload } from '../operation.ts'

export const downloads: ReadonlyMap<string, AnyDownload> = new Map<string, AnyDownload>([
  ['message-raw', messageRaw],
  ['message-html', messageHtml],
  ['attachment', attachment],
])
