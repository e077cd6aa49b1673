// Text of strangers made safe to stand in a line of ours: no control character, no line end, no reversed writing.
// Called by all that compose notices and fields, and by all that keep words of other servers. Never decides anything.
import { decodeUtf8 } from './address.ts'
import { quotedCharsMax } from './limits.ts'

const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu

/** What is text already, for people. */
export const harmless = (text: string): string =>
  /[^ -~]/.test(text) ? text.toWellFormed().replace(unsafe, '?') : text

/** For people: UTF-8 that was read as latin1 is shown as the letters it spells. */
export function forPeople(text: string): string {
  const isOctets = !/[^\u0000-\u00ff]/.test(text)
  return harmless((isOctets ? decodeUtf8(text) : null) ?? text)
}

/** The letters of well-formed UTF-8, and the octets above 127 that are part of none. RFC 3629 §4 */
const letterOrOctet =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g

/** The words of another server, latin1, as exactly as people can read them: letters where its octets spell some in UTF-8, `\xE4`
 *  for an octet that spells none. At most so many characters. Nearly all are ASCII, and stay as they are. */
export function readable(octets: string, charsMax: number): string {
  const looked = octets.slice(0, charsMax * 4) // no letter has more octets
  if (!/[^ -~]/.test(looked)) return cutText(looked, charsMax)
  return written(lettersOf(looked), charsMax)
}

/** Octets, latin1, as text that a parser can take apart: one that spells no letter is half a letter of UTF-16, which no octets
 *  spell, until `readableText` writes it. */
export const lettersOf = (octets: string): string =>
  octets.replace(letterOrOctet, (found) =>
    found.length > 1 ? Buffer.from(found, 'latin1').toString() : String.fromCharCode(0xdc00 + found.charCodeAt(0)),
  )

/** Text that was made of such letters, as `readable` shows octets; on one line. */
export const readableText = (text: string, charsMax: number): string =>
  written(text.slice(0, charsMax * 2).replace(/[\r\n\t]/g, ' '), charsMax)

function written(letters: string, charsMax: number): string {
  const octet = (found: string): string => escapedOctets(Uint8Array.of(found.charCodeAt(0) - 0xdc00))
  return cutText(harmless(letters.replace(/[\udc80-\udcff]/gu, octet)), charsMax)
}

const escapedOctets = (octets: Uint8Array): string =>
  Array.from(octets, (octet) => `\\x${octet.toString(16).toUpperCase()}`).join('')

/** Ends with a whole letter, and with a whole `\xE4`. */
export const cutText = (text: string, charsMax: number): string =>
  text.length <= charsMax ? text : text.slice(0, charsMax).replace(/[\ud800-\udbff]$|\\(?:x[0-9A-F]?)?$/, '')

/** Printable ASCII, as long as it was: one sign for each. Nearly all text is that already. */
export const printable = (text: string): string => (/[^ -~]/.test(text) ? text.replace(/[^ -~]/g, '?') : text)

/** For fields that machines read: printable ASCII, cut. HDR-06 */
export const forMachines = (text: string): string => printable(text.slice(0, quotedCharsMax))

/** The same with nothing lost: what is above 127 stands as its octets in UTF-8, so that `\xC3\xA4` is what `ä` was on its way. */
export function escapedForMachines(text: string): string {
  if (!/[^ -~]/.test(text)) return text.slice(0, quotedCharsMax)
  let escaped = ''
  for (const letter of text.toWellFormed()) {
    const next = letter > '\u007f' ? escapedOctets(Buffer.from(letter)) : printable(letter)
    if (escaped.length + next.length > quotedCharsMax) break
    escaped += next
  }
  return escaped
}

export const isAscii = (text: string): boolean => !/[^\u0000-\u007f]/.test(text)
