// One message as a file, and the names that files of messages have in folders: Maildir with its marks, or with a time. Pure.
import { linesOf, withCrlf } from './lines.ts'
import { fromStamp, stamp } from './times.ts'
import type { Archive, Chunks } from './types.ts'

/** Lines that end in LF alone, as files of Unix have them, get their CR; a file with CRLF is taken octet for octet. */
export async function* readMessage(chunks: Chunks, name: string): Archive {
  yield { is: 'begin', name, ...factsOf(name) }
  let keeps: boolean | null = null
  for await (const lines of linesOf(chunks)) {
    if (lines.length === 0) continue
    keeps ??= lines[0]!.octets.at(-2) === 13
    yield { is: 'octets', octets: Buffer.concat(lines.flatMap((line) => (keeps ? [line.octets] : withCrlf(line)))) }
  }
  yield { is: 'end' }
}

export type Kept = { readonly uid: number; readonly key: string; readonly at: number; readonly seen: boolean }

/** For example `20261126-162549-000123.eml`: it sorts by time, and the time is read back. */
export const emlName = ({ uid, at }: Kept): string => `${stamp(at)}-${String(uid).padStart(6, '0')}.eml`
/** A name of a Maildir, in `cur` since somebody has seen that it came. */
export const maildirName = ({ key, at, seen }: Kept): string =>
  `cur/${Math.floor(at / 1000)}.${key}.netcruiser:2,${seen ? 'S' : ''}`

const inMaildir = /(?:^|\/)(cur|new)\/([0-9]{6,12})\.[^/]*?(?:[:;!]2,([A-Za-z]*))?$/

/** Is this a file of a message, by its name? */
export const isMessageName = (name: string): boolean =>
  /\.eml$/i.test(name) || inMaildir.test(name) || /(?:^|\/)(?:cur|new)\/[^/.][^/]*$/.test(name)

function factsOf(name: string): { at: number | null; seen: boolean } {
  const [, , seconds, marks = ''] = inMaildir.exec(name) ?? []
  return { at: seconds === undefined ? fromStamp(name) : Number(seconds) * 1000, seen: marks.includes('S') }
}
