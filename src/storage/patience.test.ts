// Moves that nobody waits for: they share the flush of what somebody waits for, and are durable when it is said.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAddress } from '#/message/address.ts'
import { reply } from '#/message/reply.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { silentLog } from '#/world/node/log.ts'
import { acceptance } from './contract.ts'
import { openStore, type OpenOptions } from './open.ts'
import type { DeliveryRow, MovesUnit } from './queue.ts'
import type { Store } from './store.ts'

const world = { clock, random: randomPool(), log: silentLog }

async function withStore(extra: Partial<OpenOptions>, work: (open: () => Promise<Store>) => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), 'netcruiser-patience-'))
  try {
    await work(() => openStore({ folder, world, reserveBytes: () => 0, ...extra }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function queued(store: Store): Promise<DeliveryRow> {
  const to = parseAddress('bob@far.example')
  assert.ok(to.ok)
  const entry = { to: to.value, parameters: { notify: null, orcpt: null }, allowedBy: 'test' }
  const [row] = await store.accept({ ...(await acceptance(store, [])), remote: [entry] })
  return row!
}

function delivered(row: DeliveryRow): MovesUnit {
  const lastReply = reply(250, '2.0.0', 'taken')
  return { at: 1, moves: [{ row, to: { ...row, state: 'delivered', lastReply, lease: null } }], patient: true }
}

const stateOf = async (store: Store, { message }: DeliveryRow) => (await store.queue.ofMessage(message))[0]?.state

test('a patient move by itself is written soon', () =>
  withStore({}, async (open) => {
    const store = await open()
    const row = await queued(store)
    await store.queue.move(delivered(row))
    assert.equal(await stateOf(store, row), 'delivered')
    await store.close()
  }))

test('a patient move shares one flush with the message that comes in meanwhile: both fail when it fails', () =>
  withStore({ faults: { failCommit: 2, as: 'full' } }, async (open) => {
    const store = await open()
    const row = await queued(store)
    const other = await acceptance(store, [])
    const both = await Promise.allSettled([store.queue.move(delivered(row)), store.accept(other)])
    assert.deepEqual(
      both.map(({ status }) => status),
      ['rejected', 'rejected'],
    )
    assert.equal(await stateOf(store, row), 'waiting')
    await store.close()
  }))

test('closing writes what was patient', () =>
  withStore({}, async (open) => {
    const store = await open()
    const row = await queued(store)
    const moved = store.queue.move(delivered(row))
    await store.close()
    await moved
    const again = await open()
    assert.equal(await stateOf(again, row), 'delivered')
    await again.close()
  }))

test('a patient move on a store that failed is told so', { timeout: 5000 }, () =>
  withStore({ faults: { failCommit: 2, as: 'failed' } }, async (open) => {
    const store = await open()
    const row = await queued(store)
    const results = await Promise.allSettled([
      store.queue.move(delivered(row)),
      store.accept(await acceptance(store, [])),
    ])
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'rejected'],
    )
    await assert.rejects(store.queue.move(delivered(row)))
    await store.close().catch(() => undefined)
  }),
)
