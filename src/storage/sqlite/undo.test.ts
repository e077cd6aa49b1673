// What each message is written with needs no journal of its own: the engine would keep copies of whole pages in a temporary file,
// in a folder that may be full, for each message and beside the log.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { noMailParameters } from '#/message/envelope.ts'
import type { MessageKey } from '#/message/key.ts'
import { pageBytes } from '../limits.ts'
import type { DeliveryRow, Fate } from '../queue.ts'
import { remote } from '../queue-contract.ts'
import { deliveriesOf, moveSteps } from '../queue-units.ts'
import { migrations } from '../schema.ts'
import { writes } from '../sql/writes.ts'
import type { Acceptance, TraceEvent } from '../store.ts'
import { acceptUnit, traceStep } from '../units.ts'
import type { Unit } from '../work.ts'

const messages = 300
const skip = process.platform === 'linux' ? false : 'needs /proc'

test('taking, collecting and passing on mail opens no temporary file', { skip }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'undo-'))
  const db = new DatabaseSync(join(folder, 'mail.db'))
  t.after(() => {
    db.close()
    rmSync(folder, { recursive: true })
  })
  db.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA journal_mode = WAL`)
  for (const migration of migrations) db.exec(migration)
  db.prepare(writes.addMailbox).run(1, 'ann', 1, 0)
  db.prepare(writes.addAccount).run(1, '{}', '{}')
  db.exec('BEGIN IMMEDIATE')
  const { taken, collected, settled } = Object.groupBy(units(), ({ what }) => what)
  for (const { what, unit } of [...taken!, ...collected!, ...settled!]) {
    for (const { run, with: values } of unit) db.prepare(writes[run]).run(...values)
    assert.deepEqual(temporaryFiles(), [], `${what}: ${unit.map(({ run }) => run).join(', ')}`)
  }
  assert.equal(db.prepare('SELECT count(*) AS n FROM entry').get()?.['n'], 2 * messages)
})

const temporaryFiles = (): string[] => openFiles().filter((name) => name.includes('etilqs_')) // the engine's, spelled backwards

const openFiles = (): string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      return [] // that of the list itself
    }
  })

type Written = { readonly what: 'taken' | 'collected' | 'settled'; readonly unit: Unit }

function units(): Written[] {
  return Array.from({ length: messages }, (_, i): Written[] => {
    const taken = acceptance(2 * i + 1)
    const deliveries = deliveriesOf(taken, 2 * i + 1)
    const mark = { account: 1, uid: `${i}`, headerHash: `h${i}`, sizeBytes: 4096, sameness: `s${i}`, problem: null }
    const moves = deliveries.map((row) => ({ row, to: delivered(row) }))
    return [
      { what: 'taken', unit: acceptUnit(taken, { contentId: 2 * i + 1, deliveries, number: 1 }) },
      {
        what: 'collected',
        unit: acceptUnit(
          { ...acceptance(2 * i + 2), remote: [], collected: mark },
          { contentId: 2 * i + 2, deliveries: [], number: 1 },
        ),
      },
      { what: 'settled', unit: [...moveSteps({ moves, at: 2 }), traceStep({ ...taken.event, at: 2 }, 2)] },
    ]
  }).flat()
}

function acceptance(n: number): Acceptance {
  const key = `key-${String(n).padStart(8, '0')}` as MessageKey
  return {
    key,
    at: 1,
    envelope: { from: null, parameters: noMailParameters, to: [] },
    content: { sizeBytes: 4096, crc32: 0, endsInCrlf: true, file: null, chunks: [new Uint8Array(4096)] },
    local: [{ mailbox: 1, recipients: [], prefix: '' }],
    remote: [remote('bob@example.org')],
    lease: { node: 'a', until: 2 },
    event: event(key),
  }
}

const event = (ref: MessageKey): TraceEvent => ({
  ref,
  at: 1,
  step: 'collected',
  client: null,
  from: null,
  to: ['ann'],
  subject: null,
  messageId: null,
  detail: {},
})

const delivered = (row: DeliveryRow): Fate => ({ ...row, state: 'delivered', lastReply: null, lease: null })
