// Header sections of messages that stay on the server, many at once. Asked where messages are told apart, dated and shown.
import { headerEnd } from '#/message/header.ts'
import { headerHash } from '#/message/header-hash.ts'
import type { RemoteBox, RemoteTrouble } from './box.ts'
import { headsAtOnce } from './limits.ts'
import { isForNow } from './troubles.ts'

/** The session is over: what did not come by then says nothing of its messages. PC-06 */
export class BrokenOff extends Error {
  readonly trouble: RemoteTrouble

  constructor(trouble: RemoteTrouble) {
    super(trouble.words)
    this.trouble = trouble
  }
}

/** What `read` makes of each, by number; without those that the server did not show. The sections themselves are not kept.
 *  @throws BrokenOff */
export async function readHeads<T>(
  box: RemoteBox,
  numbers: readonly number[],
  read: (section: Uint8Array) => T,
  onRefused?: (trouble: RemoteTrouble) => void,
): Promise<Map<number, T>> {
  const heads = new Map<number, T>()
  for (let at = 0; at < numbers.length && box.facts.top; at += headsAtOnce)
    await Promise.all(
      numbers.slice(at, at + headsAtOnce).map(async (number) => {
        const answer = await box.head(number)
        if (answer.is === 'broken') throw new BrokenOff(answer.trouble)
        if (answer.is === 'refused') onRefused?.(answer.trouble)
        if (answer.is === 'head') heads.set(number, read(answer.octets))
      }),
    )
  return heads
}

/** Where what is missing must not be taken for what has none. @throws BrokenOff also when one is refused for the moment */
export const readHeadsNow = <T>(
  box: RemoteBox,
  numbers: readonly number[],
  read: (section: Uint8Array) => T,
): Promise<Map<number, T>> =>
  readHeads(box, numbers, read, (trouble) => {
    if (isForNow(trouble)) throw new BrokenOff(trouble)
  })

/** @throws BrokenOff */
export const readHashes = (box: RemoteBox, numbers: readonly number[]): Promise<Map<number, string>> =>
  readHeads(box, numbers, hashOf)

export const hashOf = (section: Uint8Array): string =>
  headerHash(section.subarray(0, headerEnd(section)?.fieldsEnd ?? section.length))
