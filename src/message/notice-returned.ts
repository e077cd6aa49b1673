// The part of a notice that gives the message back: whole when it was asked for and is small and clean, otherwise its
// header section. RFC 3461 §4.3, RFC 6522 §4. Called by notice.ts. Never opens the way for anything in it. DS-09, HDR-07
import { lineBytesMax, returnedContentBytesMax, returnedHeaderBytesMax } from './limits.ts'
import { latin1 } from './header.ts'
import type { Notice, Part } from './notice.ts'

const eightBit = /[\u0080-\u00ff]/
const stray = /\r(?!\n)|(?<!\r)\n|\0/g

/** `utf8` tells that the reader takes the types of RFC 6533 §5, which are needed for raw UTF-8 in a header. */
export function returnedPart({ header, whole }: Notice['original'], utf8: boolean): Part {
  const section = headerText(header)
  const named = utf8 && eightBit.test(section)
  if (whole !== null && isReturnable(whole)) {
    const type = named ? 'message/global' : 'message/rfc822'
    return { type, description: 'Your message', octets: whole }
  }
  const type = named ? 'message/global-headers' : 'text/rfc822-headers'
  return { type, description: 'Header of your message', octets: Buffer.from(section, 'latin1') }
}

/** A part of ours has CRLF line ends and no overlong line, so what has others is not returned whole. OUT-20 */
function isReturnable(whole: Uint8Array): boolean {
  if (whole.length > returnedContentBytesMax) return false
  const text = latin1(whole, 0, whole.length)
  return text.search(stray) < 0 && text.split('\r\n').every((line) => line.length <= lineBytesMax)
}

/** One char is one octet. Stray line ends become '?', overlong lines are folded, what is over the ceiling goes. */
function headerText(header: Uint8Array): string {
  const text = latin1(header, 0, Math.min(header.length, returnedHeaderBytesMax)).replace(stray, '?')
  const lines = text.split('\r\n').flatMap(foldLine)
  if (header.length > returnedHeaderBytesMax && lines.length > 1) lines.pop() // cut in its middle
  while (lines.at(-1) === '') lines.pop()
  return lines.map((line) => `${line}\r\n`).join('')
}

function foldLine(line: string): string[] {
  if (line.length <= lineBytesMax) return [line]
  const pieces: string[] = []
  for (let at = 0; at < line.length; at += 900) pieces.push(`${at === 0 ? '' : ' '}${line.slice(at, at + 900)}`)
  return pieces
}
