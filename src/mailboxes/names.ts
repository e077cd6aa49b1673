// What a mailbox may be called. Names are never file names, so CON, dots and case are safe on every system. MB-07
import { discardRest, rejectRest } from '#/accounts/catch.ts'
import { asciiLower } from '#/message/address.ts'

const nameCharsMax = 64 // it must fit the local part of an address: RFC 5321 §4.5.3.1.1

/** The canonical name, or what is wrong with it. */
export function mailboxName(text: string): { ok: true; name: string } | { ok: false; problem: string } {
  const name = asciiLower(text.normalize('NFC'))
  const bad = (problem: string): { ok: false; problem: string } => ({ ok: false, problem })
  if (name === '' || Buffer.byteLength(name) > nameCharsMax)
    return bad(`A mailbox name has 1 to ${nameCharsMax} octets`)
  if (/[\u0000- \u007f-\u00a0@"<>()[\]:;,\\*]/.test(name))
    return bad('A mailbox name holds no blanks, no @ and none of " < > ( ) [ ] : ; , \\ *')
  if (name.startsWith('.') || name.endsWith('.') || name.includes('..'))
    return bad('Dots stand between other characters')
  if (name === rejectRest || name === discardRest)
    return bad(`The name ${name} says what becomes of the rest of a domain`)
  return { ok: true, name }
}
