// The table of operations, and the parts in which it is loaded where mail must go on.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const partsIn = (file: string, form: RegExp): string[] =>
  Array.from(readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(form), ([, part]) => part!).toSorted()

test('every part of the table of operations is loaded by itself, so that no turn is long', () => {
  const parts = partsIn('load-table.ts', /import\('\.\/tables\/([a-z-]+)\.ts'\)/g)
  assert.deepEqual(parts, partsIn('table.ts', /from '\.\/tables\/([a-z-]+)\.ts'/g))
  assert.ok(parts.length > 0)
})
