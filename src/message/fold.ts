// One header field of ours as lines: folded at blanks, never longer than a line may be. RFC 5322 §2.2.3
// The value is checked here for the last time: a line end in it is our bug.
import assert from 'node:assert'
import { foldedCharsMax, lineBytesMax } from './limits.ts'

/** `Name: value` with its CRLF. Unfolding gives the value again, unless a single word is longer than a line may be.
 *  @throws AssertionError when the value holds a control character: it would start another line. HDR-06, HDR-12 */
export function foldField(name: string, value: string): string {
  assert(/^[!-9;-~]+$/.test(name) && !/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value), `a bad value for ${name}`)
  const lines: string[] = []
  let line = `${name}:`
  for (const word of value.split(' ').flatMap(breakWord)) {
    const fits = line.length + 1 + word.length <= foldedCharsMax
    if (fits || isBlank(line) || word === '') line += ` ${word}`
    else {
      lines.push(line)
      line = ` ${word}`
    }
  }
  return `${[...lines, line].join('\r\n')}\r\n`
}

/** A fold before the first word or inside blanks would leave a line of blanks only. RFC 5322 §4.2 */
const isBlank = (line: string): boolean => /^(?:[!-9;-~]+:)?[ \t]*$/.test(line)

/** A word that no line can hold is cut, by characters: each has at most 4 octets. */
function breakWord(word: string): string[] {
  if (word.length * 4 < lineBytesMax || Buffer.byteLength(word) < lineBytesMax - 100) return [word]
  return word.match(/.{1,200}/gsu) ?? []
}
