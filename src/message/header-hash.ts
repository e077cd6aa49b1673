// Which message is it: the hash of its header section, which is the same whenever and however it is read from one server.
// Fields that servers and programs change while a message lies there do not count. Used by intake and pop3-client. PC-08
import { hash } from 'node:crypto'
import { fields } from './header.ts'

const volatile = new Set([
  'status',
  'x-status',
  'x-keywords',
  'x-uid',
  'x-uidl',
  'x-imap',
  'x-imapbase',
  'content-length',
])

export const isVolatile = (name: string): boolean => volatile.has(name) || name.startsWith('x-mozilla-')

/** 22 characters of SHA-256. `section`: the header section without the empty line behind it. */
export function headerHash(section: Uint8Array): string {
  const parts: Uint8Array[] = []
  let keepFrom = 0
  for (const { name, start, end } of fields(section, section.length)) {
    if (!isVolatile(name)) continue
    parts.push(section.subarray(keepFrom, start))
    keepFrom = end
  }
  if (parts.length === 0) return shortHash(section)
  parts.push(section.subarray(keepFrom))
  return shortHash(Buffer.concat(parts))
}

export const shortHash = (octets: Uint8Array): string => hash('sha256', octets, 'base64url').slice(0, 22)
