// The two commands that start the program: the one of the sources, and the one that the build writes.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

/** What is said to node and to the allocator, in order. */
const saidIn = (file: string): string[] =>
  readFileSync(file, 'utf8')
    .match(/ --[a-z-]+(?:=[0-9]+)?(?= )|MALLOC_[A-Z_]+=\\?\$\{[^}]+\}/g)
    ?.map((text) => text.trim().replace('\\', '')) ?? []

test('the published command and that of the sources start node with the same flags', () => {
  const here = saidIn('netcruiser')
  assert.ok(here.some((flag) => flag.startsWith('--heap-growing-percent=')))
  assert.deepEqual(saidIn('scripts/build.ts'), here)
})
