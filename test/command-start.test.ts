// What a command loads before it does anything: programs call it once a message, and people wait for it.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'

const listing = `
  import { registerHooks } from 'node:module'
  const loaded = []
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
  await import('#/cli/main.ts')
  console.log(JSON.stringify(loaded))`

function loadedByCommands(): string[] {
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', listing], { encoding: 'utf8' })
  return JSON.parse(out) as string[]
}

test('a command loads nothing of the server and no schemas: it only asks', () => {
  const loaded = loadedByCommands()
  assert.ok(loaded.some((url) => url.endsWith('/src/cli/main.ts')))
  const heavy = /\/zod\/|\/src\/(?:main|operations\/table|storage\/open|console|intake|mail-relay|mail-server)\b/
  assert.deepEqual(
    loaded.filter((url) => heavy.test(url)),
    [],
  )
})
