// Which thread reads what: mail programs never wait for a search, and who never searches has no thread for it.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { migrations } from '../schema.ts'
import { reads } from '../sql/reads.ts'
import { writes } from '../sql/writes.ts'
import { Scanner, type Reading } from './scanner.ts'

/** Who was asked what. `grown`: whether there is much of anything. */
function world({ grown }: { grown: 0 | 1 }) {
  const asked: string[] = []
  const thread = (name: string): Reading => ({
    ask: (request) => {
      assert(request.ask === 'rows')
      if (request.run !== 'grown') asked.push(`${name} ${request.run}`)
      return Promise.resolve((request.run === 'grown' ? [{ grown }] : []) as never) // the rows of each
    },
    close: () => Promise.resolve(void asked.push(`${name} closed`)),
  })
  const scanner = new Scanner(thread('reader'), () => (asked.push('a second thread'), thread('second')))
  return { scanner, asked }
}

test('pages and a short queue are read by the one reader there is', async () => {
  const { scanner, asked } = world({ grown: 0 })
  for (const run of ['remoteMessages', 'queueFigures', 'problems', 'openDeliveries'] as const) await scanner.rows(run)
  await scanner.close()
  assert.deepEqual(asked, ['reader remoteMessages', 'reader queueFigures', 'reader problems', 'reader openDeliveries'])
})

test('a search of the trace, and a long queue, get a thread of their own, which then does all of it', async () => {
  for (const [grown, run] of [[0, 'traceByText'] as const, [1, 'queueFigures'] as const]) {
    const { scanner, asked } = world({ grown })
    await scanner.rows('remoteMessages')
    await scanner.rows(run)
    await scanner.rows('remoteMessages')
    await scanner.close()
    const second = ['a second thread', `second ${run}`, 'second remoteMessages', 'second closed']
    assert.deepEqual(asked, ['reader remoteMessages', ...second])
  }
})

test('much is what has as many rows as were said, of deliveries that wait or of mailboxes', () => {
  const db = new DatabaseSync(':memory:')
  for (const migration of migrations) db.exec(migration)
  const grown = (rows: number): unknown => db.prepare(reads.grown).get(rows)?.['grown']
  assert.equal(grown(3), 0)
  for (const id of [1, 2, 3]) db.prepare(writes.addMailbox).run(id, `box${id}`, 1, 1)
  assert.deepEqual([grown(3), grown(4)], [1, 0])
  const columns =
    'id, message, content, envelope, recipient, state, attempts, due_at, accepted_at, allowed_by, size, finished_at'
  const add = db.prepare(`INSERT INTO delivery (${columns}) VALUES (?, '', 1, '', '', ?, 0, 0, 0, '', 0, ?)`)
  for (const n of [1, 2, 3, 4, 5, 6]) add.run(`d${n}`, 'delivered', 1)
  assert.equal(grown(4), 0)
  for (const n of [7, 8, 9, 10]) add.run(`d${n}`, 'waiting', null)
  assert.deepEqual([grown(4), grown(5)], [1, 0])
})
