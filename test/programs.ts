// Runs programs of others against a server of our own.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cli, dataFolder, start, world } from './serve.ts'

export type Ran = { readonly status: number | null; readonly stdout: string; readonly stderr: string }
/** Octets in and out are latin1. */
export async function run(command: string, args: readonly string[], input = ''): Promise<Ran> {
  const child = spawn(command, args, { timeout: 30_000 })
  child.stdin.end(input, 'latin1')
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('latin1').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('latin1').on('data', (text: string) => (stderr += text))
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, stdout, stderr }
}
/** Why a test is skipped, for all to see; false when it runs. */
export const absent = (tool: string): string | false =>
  spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0 ? false : `${tool} is not installed`

export async function withServer(
  work: (at: { smtp: string; pop3: string; data: string }) => Promise<void>,
): Promise<void> {
  using folder = dataFolder()
  assert.equal(cli(folder.path, ['settings', 'import', '-'], world).status, 0)
  const server = await start(folder.path)
  try {
    await work({ smtp: server.listening['smtp']!, pop3: server.listening['pop3']!, data: folder.path })
  } finally {
    await server.stop()
  }
}
