// What a content needs of the server that it is passed to. RFC 6152, RFC 6531. Called before each transaction. RO-23
// Pure and linear; never changes the octets.
import { headerEnd } from './header.ts'
import { lineBytesMax } from './limits.ts'

export type BodyNeeds = {
  readonly eightBit: boolean // an octet above 127 behind the header section
  readonly utf8Header: boolean // or in it: SMTPUTF8
  readonly longLine: boolean // of more than 998 octets
}

export function bodyNeeds(content: Uint8Array): BodyNeeds {
  const bodyStart = headerEnd(content)?.bodyStart ?? content.length
  const isHigh = (octet: number): boolean => octet > 127
  return {
    eightBit: content.subarray(bodyStart).some(isHigh),
    utf8Header: content.subarray(0, bodyStart).some(isHigh),
    longLine: hasLongLine(content),
  }
}

function hasLongLine(content: Uint8Array): boolean {
  for (let at = 0; at < content.length;) {
    const lf = content.indexOf(10, at)
    const end = lf < 0 ? content.length : content[lf - 1] === 13 ? lf - 1 : lf
    if (end - at > lineBytesMax) return true
    at = lf < 0 ? content.length : lf + 1
  }
  return false
}
