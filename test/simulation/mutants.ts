// Breaks the program on purpose in a copy of its sources, line by line: some seed of the simulation must see it. Called by the
// simulations' negative controls.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'

export type Mutant = { readonly what: string; readonly file: string; readonly from: string; readonly to: string }

export function testMutants(room: string, mutants: readonly Mutant[], options: readonly string[] = []): void {
  const tree = mkdtempSync(join(tmpdir(), 'netcruiser-simulated-'))
  for (const name of ['src', 'test/simulation', 'package.json']) cpSync(name, join(tree, name), { recursive: true })
  symlinkSync(resolve('node_modules'), join(tree, 'node_modules'))
  after(() => rmSync(tree, { recursive: true }))

  for (const { what, file, from, to } of mutants)
    void test(`when it comes to this, a seed fails: ${what}`, { timeout: 110_000 }, async () => {
      const path = join(tree, room, file)
      const right = readFileSync(path, 'utf8')
      assert.equal(right.split(from).length, 2, 'the line to break is there once')
      writeFileSync(
        path,
        right.replace(from, () => to),
      )
      try {
        assert.match(await simulated(tree, options), /^seed [0-9]+:/)
      } finally {
        writeFileSync(path, right)
      }
    })
}

/** What the seeds say, up to the first that fails. */
async function simulated(cwd: string, options: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, ['test/simulation/main.ts', ...options], { cwd, timeout: 100_000 })
  const said: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk))
  await once(child, 'close')
  return Buffer.concat(said).toString()
}
