// A zip written as it goes, its entries as they are: each is known by size and checksum before it begins, so that every reader can
// read it from front to back. Zip64 where counts or places need it. Streams. APPNOTE.TXT 6.3 §4.3
import { crc32 } from 'node:zlib'
import { heldMessageBytesMax } from './limits.ts'
import { dosTime } from './times.ts'
import type { Chunks } from './types.ts'

export type ZipEntry = {
  readonly name: string // ASCII
  readonly at: number
  /** Called twice for a large one. */
  readonly open: () => Chunks
}
type Written = {
  readonly name: Buffer
  readonly at: number
  readonly crc: number
  readonly size: number
  readonly place: number
}

export async function* writeZip(entries: AsyncIterable<ZipEntry>): AsyncGenerator<Uint8Array> {
  const written: Written[] = []
  let place = 0
  for await (const { name: text, at, open } of entries) {
    const name = Buffer.from(text)
    const { crc, size, held } = await measured(open())
    const row = { name, at, crc, size, place }
    const head = localHeader(row)
    yield Buffer.concat([head, name])
    if (held === null) yield* open()
    else yield held
    written.push(row)
    place += head.length + name.length + size
  }
  let listBytes = 0
  for (const row of written) {
    const line = Buffer.concat([centralHeader(row), row.name, placeField(row)])
    listBytes += line.length
    yield line
  }
  yield ending({ count: written.length, place, listBytes })
}

async function measured(chunks: Chunks): Promise<{ crc: number; size: number; held: Buffer | null }> {
  let [crc, size] = [0, 0]
  let parts: Uint8Array[] | null = []
  for await (const chunk of chunks) {
    crc = crc32(chunk, crc)
    size += chunk.length
    if (size > heldMessageBytesMax) parts = null
    parts?.push(chunk)
  }
  return { crc, size, held: parts && Buffer.concat(parts) }
}

const max32 = 0xffffffff
const max16 = 0xffff
/** UTF-8 names; stored, not compressed; version 4.5 knows zip64. */
const common = ({ at, crc, size, name }: Written): number[] => {
  const { date, time } = dosTime(at)
  return [
    45,
    0x800,
    0,
    time,
    date,
    crc & max16,
    crc >>> 16,
    size & max16,
    size >>> 16,
    size & max16,
    size >>> 16,
    name.length,
  ]
}
const shorts = (values: readonly number[]): Buffer => {
  const octets = Buffer.alloc(values.length * 2)
  values.forEach((value, i) => octets.writeUInt16LE(value, i * 2))
  return octets
}
const signature = (letters: string): Buffer => Buffer.from(`PK${letters}`, 'latin1')

const localHeader = (row: Written): Buffer => Buffer.concat([signature('\x03\x04'), shorts([...common(row), 0])])

function centralHeader(row: Written): Buffer {
  const far = row.place > max32
  const place = far ? max32 : row.place
  return Buffer.concat([
    signature('\x01\x02'),
    shorts([45, ...common(row), far ? 12 : 0, 0, 0, 0, 0, 0, place & max16, place >>> 16]),
  ])
}

function placeField({ place }: Written): Buffer {
  if (place <= max32) return Buffer.alloc(0)
  const octets = Buffer.alloc(12)
  octets.writeUInt16LE(1, 0)
  octets.writeUInt16LE(8, 2)
  octets.writeBigUInt64LE(BigInt(place), 4)
  return octets
}

type Totals = { readonly count: number; readonly place: number; readonly listBytes: number }

function ending(totals: Totals): Buffer {
  const { count, place, listBytes } = totals
  const large = count >= max16 || place >= max32 || listBytes >= max32
  const end = Buffer.alloc(22)
  signature('\x05\x06').copy(end)
  end.writeUInt16LE(Math.min(count, max16), 8)
  end.writeUInt16LE(Math.min(count, max16), 10)
  end.writeUInt32LE(Math.min(listBytes, max32), 12)
  end.writeUInt32LE(Math.min(place, max32), 16)
  return large ? Buffer.concat([largeEnding(totals), end]) : end
}

function largeEnding({ count, place, listBytes }: Totals): Buffer {
  const octets = Buffer.alloc(76)
  signature('\x06\x06').copy(octets)
  octets.writeBigUInt64LE(44n, 4)
  octets.writeUInt16LE(45, 12)
  octets.writeUInt16LE(45, 14)
  for (const at of [24, 32]) octets.writeBigUInt64LE(BigInt(count), at)
  octets.writeBigUInt64LE(BigInt(listBytes), 40)
  octets.writeBigUInt64LE(BigInt(place), 48)
  signature('\x06\x07').copy(octets, 56)
  octets.writeBigUInt64LE(BigInt(place + listBytes), 64)
  octets.writeUInt32LE(1, 72)
  return octets
}
