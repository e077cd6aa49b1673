// The reader thread: its own read-only connection. Lists as packed arrays, messages laid out for the wire in one buffer.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { noteOctets } from '#/world/node/passing-octets.ts'
import { busyMs } from '../limits.ts'
import { reads, type ReadName } from '../sql/reads.ts'
import type { Value } from '../work.ts'
import { layOut, statusGone, type ContentRow } from './reader-run.ts'
import { verifyStore } from './verify.ts'

export type ReaderData = {
  readonly file: string
  readonly contentFolder: string
  /** Not written by us: nothing that is written in it is run. */
  readonly untrusted?: true
}
export type ReadRequest =
  | { readonly ask: 'rows'; readonly run: ReadName; readonly with: readonly Value[] }
  | { readonly ask: 'list'; readonly mailbox: number }
  | { readonly ask: 'stuffed'; readonly mailbox: number; readonly uids: Uint32Array; readonly bytesMax: number }
  | {
      readonly ask: 'heads'
      readonly run: 'heads' | 'deletedHeads'
      readonly with: readonly Value[]
      readonly headBytes: number
    }
  | { readonly ask: 'verify' }

const { file, contentFolder, untrusted } = workerData as ReaderData // given by reader.ts
const db = new DatabaseSync(file, { readOnly: true, timeout: busyMs })
db.exec('PRAGMA mmap_size = 0; PRAGMA cache_size = -16384')
if (untrusted) db.exec('PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON')
const statements = new Map<ReadName, StatementSync>()

function statement(name: ReadName): StatementSync {
  let prepared = statements.get(name)
  if (!prepared) statements.set(name, (prepared = db.prepare(reads[name])))
  return prepared
}

type Answer = { readonly value: unknown; readonly hand?: ArrayBuffer[] }

function list(mailbox: number): Answer {
  const query = statement('list')
  query.setReturnArrays(true)
  const rows = query.all(mailbox) as unknown as [number, number, string | null][] // the columns of `list`
  const uids = new Uint32Array(rows.length)
  const sizes = new Float64Array(rows.length)
  const uidls: [number, string][] = []
  for (let i = 0; i < rows.length; i++) {
    const [uid, size, uidl] = rows[i]!
    uids[i] = uid
    sizes[i] = size
    if (uidl !== null) uidls.push([uid, uidl])
  }
  return { value: { uids, sizes, uidls }, hand: [uids.buffer, sizes.buffer] }
}

function stuffed(mailbox: number, uids: Uint32Array, bytesMax: number): Answer {
  const contents = (name: 'contents' | 'contentsKept'): Iterable<ContentRow> => {
    const query = statement(name)
    query.setReturnArrays(true)
    return query.iterate(mailbox, uids[0]!, uids.at(-1)!) as unknown as Iterable<ContentRow> // the columns of both
  }
  const asListed = layOut(contents('contents'), uids, bytesMax)
  const run = asListed.status.includes(statusGone) ? layOut(contents('contentsKept'), uids, bytesMax) : asListed
  noteOctets(run.octets.length) // as many came from the database
  return { value: run, hand: [run.octets, run.starts, run.ends, run.status].map(bufferOf) }
}

function heads(name: 'heads' | 'deletedHeads', parameters: readonly Value[], headBytes: number): Answer {
  const found = statement(name).all(...parameters) as Record<string, unknown>[]
  const hand: ArrayBuffer[] = []
  const value = found.map(({ file: name, ...row }) => {
    const head = name === null ? (row['head'] as Uint8Array) : fileHead(join(contentFolder, name as string), headBytes) // STRICT
    hand.push(bufferOf(head))
    return { ...row, head }
  })
  return { value, hand }
}

/** Nothing of a file that is not there: who reads the message is told. */
function fileHead(path: string, bytesMax: number): Uint8Array {
  try {
    const fd = openSync(path, 'r')
    const octets = new Uint8Array(bytesMax)
    const read = readSync(fd, octets)
    closeSync(fd)
    return octets.slice(0, read)
  } catch {
    return new Uint8Array()
  }
}

const bufferOf = ({ buffer }: ArrayBufferView): ArrayBuffer => buffer as ArrayBuffer // never shared

function rows(name: ReadName, parameters: readonly Value[]): Answer {
  return { value: statement(name).all(...parameters) }
}

function answer(request: ReadRequest, onShare: (share: number) => void): Answer {
  switch (request.ask) {
    case 'rows':
      return rows(request.run, request.with)
    case 'list':
      return list(request.mailbox)
    case 'stuffed':
      return stuffed(request.mailbox, request.uids, request.bytesMax)
    case 'heads':
      return heads(request.run, request.with, request.headBytes)
    case 'verify':
      return { value: verifyStore(db, { readFile: (name) => readFileSync(join(contentFolder, name)), onShare }) }
  }
}

parentPort?.on('message', (message: { id: number; request: ReadRequest } | 'close') => {
  if (message === 'close') {
    db.close()
    return parentPort?.close()
  }
  try {
    const onShare = (share: number): void => parentPort?.postMessage({ id: message.id, share })
    const { value, hand } = answer(message.request, onShare)
    parentPort?.postMessage({ id: message.id, value }, hand ?? [])
  } catch (error) {
    parentPort?.postMessage({ id: message.id, error: (error as Error).message })
  }
})
