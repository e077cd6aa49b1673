// Header sections of messages that stay on the server, many at once. Asked where messages are told apart, dated and shown.
import { headerEnd } from '#/message/header.ts'
import { headerHash } from '#/message/header-hash.ts'
import type { RemoteBox } from './box.ts'
import { headsAtOnce } from './limits.ts'

/** By number; without those that the server did not show. */
export async function readHeads(box: RemoteBox, numbers: readonly number[]): Promise<Map<number, Uint8Array>> {
  const heads = new Map<number, Uint8Array>()
  for (let at = 0; at < numbers.length && box.facts.top; at += headsAtOnce)
    await Promise.all(
      numbers.slice(at, at + headsAtOnce).map(async (number) => {
        const answer = await box.head(number)
        if (answer.is === 'head') heads.set(number, answer.octets)
      }),
    )
  return heads
}

export const readHashes = async (box: RemoteBox, numbers: readonly number[]): Promise<Map<number, string>> =>
  hashesOf(await readHeads(box, numbers))

export const hashesOf = (heads: ReadonlyMap<number, Uint8Array>): Map<number, string> =>
  new Map(Array.from(heads, ([number, octets]) => [number, hashOf(octets)]))

const hashOf = (octets: Uint8Array): string =>
  headerHash(octets.subarray(0, headerEnd(octets)?.fieldsEnd ?? octets.length))
