// The reader thread: its own read-only connection. Lists as packed arrays, messages stuffed for the wire in one buffer.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { crc32 } from 'node:zlib'
import { busyMs } from '../limits.ts'
import { reads, type ReadName } from '../sql/reads.ts'
import type { Value } from '../work.ts'
import { verifyStore } from './verify.ts'

export type ReaderData = { readonly file: string; readonly contentFolder: string }
export type ReadRequest =
  | { readonly ask: 'rows'; readonly run: ReadName; readonly with: readonly Value[] }
  | { readonly ask: 'list'; readonly mailbox: number }
  | { readonly ask: 'stuffed'; readonly mailbox: number; readonly uids: Uint32Array; readonly bytesMax: number }
  | { readonly ask: 'verify' }

const { file, contentFolder } = workerData as ReaderData // given by reader.ts
const db = new DatabaseSync(file, { readOnly: true, timeout: busyMs })
db.exec('PRAGMA mmap_size = 0; PRAGMA cache_size = -65536')
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

type ContentRow = [
  uid: number,
  prefix: string,
  size: number | null,
  crc: number,
  file: string | null,
  octets: Uint8Array | null,
]

const statusFine = 0
const statusGone = 1
const statusDamaged = 2
const statusLarge = 3
const endMark = Buffer.from('.\r\n')

/** Prefix and content of each message, dots doubled, ended by CRLF.CRLF, one after another in one buffer. */
function stuffed(mailbox: number, uids: Uint32Array, bytesMax: number): Answer {
  const query = statement('contents')
  query.setReturnArrays(true)
  const rows = query.iterate(mailbox, uids[0]!, uids.at(-1)!) as unknown as Iterable<ContentRow> // the columns of `contents`
  const parts: Uint8Array[] = []
  const ends: number[] = []
  const status: number[] = []
  let total = 0
  const close = (state: number, added: number): void => {
    total += added
    ends.push(total)
    status.push(state)
  }
  for (const row of rows) {
    while (status.length < uids.length && uids[status.length]! < row[0]) close(statusGone, 0)
    if (uids[status.length] !== row[0]) continue // between the asked ones: deleted in this session, or not asked for
    const state = stateOf(row)
    close(state, state === statusFine ? addMessage(parts, row) : 0)
    if (total >= bytesMax || status.length === uids.length) break
  }
  if (total < bytesMax) while (status.length < uids.length) close(statusGone, 0)
  return joined(parts, { total, ends, status })
}

function stateOf([, , size, crc, name, octets]: ContentRow): number {
  if (size === null) return statusGone
  if (name !== null) return statusLarge
  return octets !== null && octets.length === size && crc32(octets) === crc ? statusFine : statusDamaged
}

function addMessage(parts: Uint8Array[], [, prefix, , , , octets]: ContentRow): number {
  const head = Buffer.from(prefix, 'latin1')
  const body = stuffedBody(octets!)
  parts.push(head, body)
  let added = head.length + body.length
  if (body.at(-1) !== 10 || body.at(-2) !== 13) {
    parts.push(Buffer.from('\r\n'))
    added += 2
  }
  parts.push(endMark)
  return added + endMark.length
}

function stuffedBody(octets: Uint8Array): Uint8Array {
  const body = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
  const first = body.indexOf('\n.', 0, 'latin1')
  if (first < 0 && body[0] !== 46) return body
  const parts: Uint8Array[] = body[0] === 46 ? [Buffer.from('.')] : []
  let start = 0
  for (let at = first; at >= 0; at = body.indexOf('\n.', at + 1, 'latin1')) {
    parts.push(body.subarray(start, at + 1), Buffer.from('.'))
    start = at + 1
  }
  return Buffer.concat([...parts, body.subarray(start)])
}

function joined(parts: readonly Uint8Array[], run: { total: number; ends: number[]; status: number[] }): Answer {
  const octets = new Uint8Array(run.total)
  let at = 0
  for (const part of parts) {
    octets.set(part, at)
    at += part.length
  }
  const ends = Float64Array.from(run.ends)
  const status = Uint8Array.from(run.status)
  return { value: { octets, ends, status }, hand: [octets.buffer, ends.buffer, status.buffer] }
}

function rows(name: ReadName, parameters: readonly Value[]): Answer {
  return { value: statement(name).all(...parameters) }
}

function answer(request: ReadRequest): Answer {
  switch (request.ask) {
    case 'rows':
      return rows(request.run, request.with)
    case 'list':
      return list(request.mailbox)
    case 'stuffed':
      return stuffed(request.mailbox, request.uids, request.bytesMax)
    case 'verify':
      return { value: verifyStore(db, (name) => readFileSync(join(contentFolder, name))) }
  }
}

parentPort?.on('message', (message: { id: number; request: ReadRequest } | 'close') => {
  if (message === 'close') {
    db.close()
    return parentPort?.close()
  }
  try {
    const { value, hand } = answer(message.request)
    parentPort?.postMessage({ id: message.id, value }, hand ?? [])
  } catch (error) {
    parentPort?.postMessage({ id: message.id, error: (error as Error).message })
  }
})
