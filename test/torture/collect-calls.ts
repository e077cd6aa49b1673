// What the tortures of the collector ask of the running server, over its control socket.
import assert from 'node:assert/strict'
import { callServer } from '#/operations/control-call.ts'
import type { ActionReport, RunReport } from '#/pop3-client/types.ts'
import type { Box } from './remote.ts'

export async function runOf(folder: string, name: string): Promise<RunReport> {
  const answer = await callServer(folder, { name: 'collect.run', parameters: { name } })
  assert.ok(answer, 'the server runs')
  return answer.value as RunReport // what collect.run answers
}

/** Fetches and deletes the oldest that are there. */
export async function byHand(folder: string, { name, there }: Box, count: number): Promise<ActionReport[]> {
  const uids = there.slice(0, count)
  if (uids.length === 0) return []
  const parameters = { name, uids, action: 'fetch-delete', yes: true }
  const answer = await callServer(folder, { name: 'collect.act', parameters })
  assert.ok(answer, 'the server runs')
  return answer.value as ActionReport[] // what collect.act answers
}

const runsMax = 20

/** Until a run finds nothing to do. */
export async function untilIdle(folder: string, name: string): Promise<void> {
  for (let run = 0; run < runsMax; run++) {
    const { ok, words, fetched, removed } = await runOf(folder, name)
    assert.ok(ok, `${name}: ${words}`)
    if (fetched === 0 && removed === 0) return
  }
  assert.fail(`${name} finds something to do in each run`)
}
