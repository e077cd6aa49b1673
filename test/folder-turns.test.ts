// One folder, and several who want it at the same moment: commands on a stopped server, and a server that starts. QUE-11
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { lockFolder } from '#/storage/sqlite/lock.ts'
import { cliAsync, dataFolder, start } from './serve.ts'

/** Somebody has the folder for so long. */
async function holds(folder: string, ms: number): Promise<void> {
  using _lock = lockFolder(folder)
  await sleep(ms)
}

test('a server that starts while a command has the folder waits for its turn', async () => {
  using folder = dataFolder()
  const held = holds(folder.path, 1500)
  const served = await start(folder.path, ['smtp'])
  await served.stop()
  await held
})

test('a command waits for the one before it, and for a server that is just starting', async () => {
  using folder = dataFolder()
  const held = holds(folder.path, 1500)
  const { status, stderr } = await cliAsync(folder.path, ['queue', 'list'])
  assert.deepEqual([status, stderr], [0, ''])
  await held
  const starting = start(folder.path, ['smtp'])
  const many = await Promise.all([1, 2, 3, 4].map(() => cliAsync(folder.path, ['queue', 'list', '--json'])))
  const served = await starting
  assert.deepEqual(
    many.map(({ status: code, stdout }) => [code, stdout.trim()]),
    many.map(() => [0, '[]']),
  )
  await served.stop()
})

test('a server is not waited for', async () => {
  using folder = dataFolder()
  const served = await start(folder.path, ['smtp'])
  const begun = Date.now()
  const second = await cliAsync(folder.path, ['serve'])
  assert.equal(second.status, 1)
  assert.match(second.stderr, /Another NetCruiser Mail runs/)
  assert.ok(Date.now() - begun < 5000)
  await served.stop()
})
