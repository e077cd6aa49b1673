// Marks that our own messages carry when they leave this server, so that they are known when they come back. Keyed: nobody
// else can write one, and so nobody can keep mail away from an address or a mailbox. LP-02, LP-06
import { createHmac } from 'node:crypto'
import { addressKey, type Address } from './address.ts'

const mark = (text: string, secret: Uint8Array): string =>
  createHmac('sha256', secret).update(text).digest('hex').slice(0, 32)

/** What a message carries that this address sent on. */
export const forwardMark = (address: Address, secret: Uint8Array): string =>
  mark(`forwarded ${addressKey(address)}`, secret)

/** What a message carries that was collected into a mailbox, by its number. Remembered: it is asked for with each message. */
export function collectMarks(secret: Uint8Array): (mailbox: number) => string {
  const known = new Map<number, string>()
  return (mailbox) => {
    const before = known.get(mailbox)
    if (before !== undefined) return before
    const made = mark(`collected into ${mailbox}`, secret)
    known.set(mailbox, made)
    return made
  }
}
