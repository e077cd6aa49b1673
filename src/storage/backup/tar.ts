// A backup as one stream: a tar archive that every system opens. Written for a download, read when one comes back. Only paths
// that a backup has are taken; sizes beyond 8 GiB are written as GNU tar does.
import { closeSync, createReadStream, fsyncSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { StoreError } from '../store.ts'
import { contentFolderName, isBackupPath, sumsFile } from './format.ts'
import { listedPaths } from './verify.ts'

const block = 512
const chunkBytes = 1_048_576
const octalMax = 8 ** 11
const folderType = 0x35
const zeros = Buffer.alloc(block)
const paddingOf = (size: number): number => (block - (size % block)) % block

/** The size is known before the first octet. */
export function tarOf(folder: string, id: string): { sizeBytes: number; chunks: AsyncIterable<Uint8Array> } {
  const paths = [...listedPaths(folder).keys(), sumsFile]
  const files = paths.map((path) => ({ path, file: join(folder, path), size: statSync(join(folder, path)).size }))
  const sizeBytes = files.reduce((sum, { size }) => sum + block + size + paddingOf(size), 2 * block)
  return { sizeBytes, chunks: written(files, id) }
}

type Entry = { readonly path: string; readonly file: string; readonly size: number }

async function* written(files: readonly Entry[], id: string): AsyncGenerator<Uint8Array> {
  for (const { path, file, size } of files) {
    yield header(`${id}/${path}`, size)
    let sent = 0
    for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes })) {
      sent += (chunk as Buffer).length // no encoding set
      yield chunk as Buffer
    }
    if (sent !== size) throw new StoreError('failed', `${path} changed while it was read`)
    yield zeros.subarray(0, paddingOf(size))
  }
  yield Buffer.alloc(2 * block)
}

function header(name: string, size: number): Buffer {
  const head = Buffer.alloc(block)
  head.write(name, 0, 100, 'latin1')
  head.write('0000600\0', 100, 'latin1')
  head.write('0000000\0', 108, 'latin1')
  head.write('0000000\0', 116, 'latin1')
  writeSize(head, size)
  head.write('00000000000\0', 136, 'latin1') // no time: a backup has its own
  head.write('        0', 148, 'latin1')
  head.write('ustar\x0000', 257, 'latin1')
  const sum = head.reduce((total, octet) => total + octet, 0)
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return head
}

function writeSize(head: Buffer, size: number): void {
  if (size < octalMax) head.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
  else {
    head[124] = 0x80
    head.writeBigUInt64BE(BigInt(size), 128)
  }
}

function readSize(head: Buffer): number {
  if (head[124] === 0x80) return Number(head.readBigUInt64BE(128))
  const text = /^([0-7]{1,11})[ \0]/.exec(head.toString('latin1', 124, 136))?.[1]
  return text === undefined ? Number.NaN : Number.parseInt(text, 8)
}

const notOurs = (): StoreError => new StoreError('failed', 'This is no backup of NetCruiser Mail: nothing was taken')

/** Writes the files of a backup into an empty folder. @throws StoreError for anything that a backup does not hold */
export async function untar(chunks: AsyncIterable<Uint8Array>, folder: string, bytesMax: number): Promise<void> {
  mkdirSync(join(folder, contentFolderName), { mode: 0o700 })
  const octets = new Octets(chunks)
  let whole = 0
  for (;;) {
    const head = await octets.exactly(block)
    if (head === null || head.every((octet) => octet === 0)) return
    const size = readSize(head)
    if (head[156] === folderType && size === 0) continue // of whoever packed it again: ours are made anyway
    const path = pathOf(head)
    whole += size
    if (Number.isNaN(size) || path === null) throw notOurs()
    if (whole > bytesMax) throw new StoreError('full', 'There is no room for this backup: nothing was taken')
    await take(octets, join(folder, path), size)
    await octets.exactly(paddingOf(size))
  }
}

/** Plain files of a backup, in whatever folder they were packed; null for all else. */
function pathOf(head: Buffer): string | null {
  const name = head.toString('latin1', 0, 100).replace(/\0.*$/, '').replace(/^\.\//, '')
  const path = name.replace(/^[^/]+\/(?=.)/, (folder) => (folder === `${contentFolderName}/` ? folder : ''))
  const isPlain = head[156] === 0x30 || head[156] === 0
  return isPlain && isBackupPath(path) ? path : null
}

async function take(octets: Octets, file: string, size: number): Promise<void> {
  const fd = openSync(file, 'wx', 0o600)
  try {
    for (let left = size; left > 0;) {
      const chunk = await octets.some(left)
      if (chunk === null) throw new StoreError('failed', 'The backup ends too early: nothing was taken')
      for (let at = 0; at < chunk.length;) at += writeSync(fd, chunk, at)
      left -= chunk.length
    }
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Octets as they are asked for, however they come. */
class Octets {
  readonly #source: AsyncIterator<Uint8Array>
  #held = Buffer.alloc(0)

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#source = chunks[Symbol.asyncIterator]()
  }

  async some(max: number): Promise<Buffer | null> {
    while (this.#held.length === 0) {
      const next = await this.#source.next()
      if (next.done) return null
      this.#held = Buffer.from(next.value)
    }
    const taken = this.#held.subarray(0, max)
    this.#held = this.#held.subarray(taken.length)
    return taken
  }

  /** Null when it ended before. */
  async exactly(count: number): Promise<Buffer | null> {
    const parts: Buffer[] = []
    for (let left = count; left > 0;) {
      const part = await this.some(left)
      if (part === null) return null
      parts.push(part)
      left -= part.length
    }
    return Buffer.concat(parts)
  }
}
