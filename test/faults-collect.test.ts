// A disk that fails while mail is collected: system calls of the running server are made to fail, by strace. What is not durable
// here stays on the remote server, the account says why, and afterwards each message is here once. All places:
// FAULTS=40 node --test test/faults-collect.test.ts
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import type { RunReport } from '#/pop3-client/types.ts'
import { cli, dataFolder, start } from './serve.ts'
import { inject, release } from './strace.ts'
import { collectEntry, collectHead } from './torture/collect-accounts.ts'
import { runOf, untilIdle } from './torture/collect-calls.ts'
import { heldIn } from './torture/copies.ts'
import { Box, TortureRemote } from './torture/remote.ts'

const works = spawnSync('strace', ['-e', 'trace=none', 'true']).status === 0
const skip = works ? false : 'strace is not installed or may not trace here'
const all = Number(process.env['FAULTS'] ?? 0)
const places = all > 0 ? Array.from({ length: all }, (_, i) => i + 1) : [1, 4]
const count = 36

type Told = {
  readonly under: RunReport
  readonly status: string
  readonly afterwards: RunReport
  readonly removed: number
}

/** A run under the fault and one without it, a crash, a restart, and runs until all is here. */
async function underFault(fault: string): Promise<Told> {
  using folder = dataFolder()
  const box = new Box('far', count)
  box.deliver()
  while (box.came.size < count) box.deliver()
  await using remote = new TortureRemote([box], { pipelining: true })
  remote.arriving = false
  const account = { box, rule: 'leave = false\npaused = true', stays: () => 0, byHand: false }
  const world = collectHead + collectEntry(account, await remote.listen())
  assert.equal(cli(folder.path, ['settings', 'import', '-'], world).status, 0)
  const server = await start(folder.path, ['pop3'])
  let told: Told
  try {
    const strace = await inject(server.pid, fault)
    const under = await runOf(folder.path, 'far')
    const removed = box.removed.size
    const status = cli(folder.path, ['collect', 'status', 'far']).stdout
    await release(strace)
    told = { under, status, removed, afterwards: await runOf(folder.path, 'far') }
  } finally {
    await server.stop('SIGKILL')
  }
  await allIsHereOnce(folder.path, box)
  return told
}

async function allIsHereOnce(folder: string, box: Box): Promise<void> {
  const server = await start(folder, ['pop3'])
  const port = Number(server.listening['pop3']?.split(':').at(-1))
  try {
    const here = new Set((await heldIn(port, 'ann')).names)
    assert.deepEqual(
      [...box.removed].filter((name) => !here.has(name)),
      [],
      'removed there, and not here',
    )
    await untilIdle(folder, 'far')
    const { names, torn } = await heldIn(port, 'ann')
    assert.deepEqual({ names: names.toSorted(), torn }, { names: [...box.came.keys()].toSorted(), torn: [] })
  } finally {
    await server.stop()
  }
  assert.match(cli(folder, ['verify']).stdout, /all is well/)
}

for (const place of places) {
  test(
    `PC-13, PC-23: the flush number ${place} fails while mail is collected: what is not durable here stays there`,
    { skip, timeout: 90_000 },
    async () => {
      const { under, status, removed, afterwards } = await underFault(`fsync,fdatasync:error=EIO:when=${place}`)
      if (under.ok) return assert.equal(removed, count) // the fault was not met, or met where SQLite does not look
      assert.equal(under.reason, 'store')
      assert.match(status, /cannot store/)
      if (place === 1) assert.equal(removed, 0)
      assert.equal(afterwards.reason, 'store', 'a failed flush is not forgotten until the restart')
      assert.ok(afterwards.removed === 0)
    },
  )
  test(
    `PC-23: the disk is full from write ${place} on while mail is collected: all stays there until there is room`,
    { skip, timeout: 90_000 },
    async () => {
      const { under, status, removed, afterwards } = await underFault(`pwrite64:error=ENOSPC:when=${place}+`)
      if (place > 5) return // some were kept before it was full
      assert.deepEqual([under.ok, under.reason, removed], [false, 'store', 0])
      assert.match(under.words, /disk of this server is full/)
      assert.match(status, /disk of this server is full/)
      assert.deepEqual([afterwards.ok, afterwards.removed], [true, count])
    },
  )
}
