// The boundary between the parts of a message that we compose. RFC 2046 §5.1.1
import assert from 'node:assert'

const form = /^[0-9A-Za-z'()+_,./:=?-]{1,60}$/

/** `wanted`, or with a number behind it when the octets between the parts hold it: nothing in them can end a part.
 *  A wanted boundary that is random is free at once. HDR-06
 *  @throws AssertionError when it is not of the form, or a thousand others are taken too. */
export function freeBoundary(wanted: string, parts: readonly Uint8Array[]): string {
  assert(form.test(wanted))
  const isFree = (text: string): boolean => !parts.some((part) => Buffer.from(part).includes(text))
  if (isFree(wanted)) return wanted
  for (let n = 1; n <= 1000; n++) if (isFree(`${wanted}.${n}`)) return `${wanted}.${n}`
  assert.fail('every boundary is taken')
}
