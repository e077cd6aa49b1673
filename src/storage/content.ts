// Octets of a message on their way in: small ones in memory, larger ones in a file that nobody can see until it is whole.
import { mkdirSync, openSync, readdirSync, rmSync, unlinkSync, fsyncSync, closeSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Content } from '#/message/content.ts'
import { noteOctets } from '#/world/node/passing-octets.ts'
import { inlineBytesMax } from './limits.ts'
import { nameFile, type Rename } from './naming.ts'
import { StoreError, type Spool } from './store.ts'

const CR = 13
const LF = 10

/** The folder of content files. */
export class ContentFolder {
  readonly path: string
  readonly rename: Rename | undefined
  /** A write or flush failed for another reason than a full disk: nobody knows what the disk holds. */
  broken = false
  #keepers = 0
  readonly #late = new Set<string>() // to be removed when nobody reads them any more

  /** `rename` for tests. */
  constructor(data: string, rename?: Rename) {
    this.rename = rename
    this.path = join(data, 'content')
    mkdirSync(this.path, { recursive: true, mode: 0o700 })
  }

  file(name: string): string {
    return join(this.path, name)
  }

  spool(name: string): Spool {
    return new ContentSpool(this, name)
  }

  remove(name: string): void {
    if (this.#keepers > 0) this.#late.add(name)
    else rmSync(this.file(name), { force: true })
  }

  /** Until it is disposed, nothing is removed. After a crash the sweep does it. */
  keep(): Disposable {
    this.#keepers++
    return {
      [Symbol.dispose]: () => {
        if (--this.#keepers > 0) return
        for (const name of this.#late) this.remove(name)
        this.#late.clear()
      },
    }
  }

  /** Removes what no row names: spools of a crash, contents of deleted messages. Returns how many. */
  sweep(known: ReadonlySet<string>): number {
    const strays = readdirSync(this.path).filter((name) => !known.has(name))
    for (const name of strays) this.remove(name)
    return strays.length
  }
}

class ContentSpool implements Spool {
  readonly #folder: ContentFolder
  readonly #name: string
  #chunks: Uint8Array[] = []
  #sizeBytes = 0
  // Of what went to a file; what stays in memory is summed up once, at the end.
  #crc32 = 0
  #lastOctets: readonly [number, number] = [0, 0]
  #handle: Promise<FileHandle> | null = null
  #writing: Promise<void> = Promise.resolve()
  #discarded = false

  constructor(folder: ContentFolder, name: string) {
    this.#folder = folder
    this.#name = name
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    this.#sizeBytes += chunk.length
    this.#chunks.push(chunk)
    if (this.#sizeBytes <= inlineBytesMax) return undefined
    return this.#append()
  }

  finish(): Content | Promise<Content> {
    if (this.#handle) return this.#finishFile()
    const whole = new Uint8Array(this.#sizeBytes) // owns its buffer: it is handed to the writer thread without a copy
    let at = 0
    for (const chunk of this.#chunks) {
      whole.set(chunk, at)
      at += chunk.length
    }
    this.#chunks = [] // each may be a small part of a large buffer, which would stay for as long as the message is on its way
    this.#sum(whole)
    return { ...this.#facts(), chunks: [whole], file: null }
  }

  discard(): void {
    this.#discarded = true
    this.#chunks = []
    const handle = this.#handle
    if (handle)
      void this.#writing
        .then(() => handle)
        .then((h) => h.close(), noop)
        .then(() => this.#unlink(), noop)
  }

  #sum(octets: Uint8Array): void {
    this.#crc32 = crc32(octets, this.#crc32)
    const last = octets.at(-1)
    if (last !== undefined) this.#lastOctets = [octets.at(-2) ?? this.#lastOctets[1], last]
  }

  #facts(): Pick<Content, 'sizeBytes' | 'crc32' | 'endsInCrlf'> {
    const [before, last] = this.#lastOctets
    return { sizeBytes: this.#sizeBytes, crc32: this.#crc32, endsInCrlf: before === CR && last === LF }
  }

  #append(): Promise<void> {
    const chunks = this.#chunks
    this.#chunks = []
    for (const chunk of chunks) {
      this.#sum(chunk)
      noteOctets(chunk.length)
    }
    this.#handle ??= open(this.#folder.file(`${this.#name}.tmp`), 'wx', 0o600)
    const handle = this.#handle
    this.#writing = this.#writing.then(async () => {
      if (!this.#discarded) await writeAll(await handle, chunks)
    })
    this.#writing.catch(noop) // told by finish, or thrown to the writer of the chunk
    return this.#writing.catch((error: unknown) => Promise.reject(this.#trouble(error)))
  }

  /** The file is durable before any row names it: data, then name, then folder. It is closed before it is named, and its name
   *  was never used. QUE-14, QUE-25, QU-04 */
  async #finishFile(): Promise<Content> {
    try {
      if (this.#chunks.length > 0) await this.#append()
      await this.#writing
      const handle = await this.#handle!
      await handle.datasync()
      await handle.close()
      await nameFile(this.#folder.file(`${this.#name}.tmp`), this.#folder.file(this.#name), this.#folder.rename)
      await syncFolder(this.#folder.path)
      return { ...this.#facts(), chunks: null, file: this.#name }
    } catch (error) {
      this.discard()
      throw this.#trouble(error)
    }
  }

  #trouble(error: unknown): StoreError {
    const trouble = asStoreError(error)
    if (trouble.kind === 'failed' && trouble !== error) this.#folder.broken = true // else it was judged before
    return trouble
  }

  #unlink(): void {
    try {
      unlinkSync(this.#folder.file(`${this.#name}.tmp`))
    } catch {
      // swept at the next start
    }
  }
}

const noop = (): void => undefined

async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  for (const chunk of chunks)
    for (let at = 0; at < chunk.length;) at += (await handle.write(chunk, at, chunk.length - at)).bytesWritten // may be short
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export function syncFolderNow(path: string): void {
  const fd = openSync(path, 'r')
  fsyncSync(fd)
  closeSync(fd)
}

function asStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const { code, message } = error as NodeJS.ErrnoException
  const full = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG' || code === 'EMFILE' || code === 'ENFILE'
  return new StoreError(full ? 'full' : 'failed', message, { cause: error })
}
