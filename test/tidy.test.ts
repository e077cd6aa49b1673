// House rules that no linter knows: the import table of ARCHITECTURE.md, header comments, citations, one title per page.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'

const sources = globSync('src/**/*.ts')
const product = sources.filter((file) => !file.endsWith('.test.ts') && !/test-|contract|scripted/.test(file))
const read = (file: string): string => readFileSync(file, 'utf8')
const room = (file: string): string => file.split('/')[1]!.replace(/\.ts$/, '')

/** Rows of the table in ARCHITECTURE.md: `| room | may import |`. */
function importTable(markdown: string): Map<string, Set<string>> {
  const table = new Map<string, Set<string>>()
  for (const [, name, may] of markdown.matchAll(/^\| `([a-z0-9-]+)` \|([^|]*)\|/gm))
    table.set(name!, new Set([...may!.matchAll(/`([a-z0-9-]+)`/g)].map((m) => m[1]!)))
  return table
}

function wallBreaches(files: Map<string, string>, table: Map<string, Set<string>>): string[] {
  const breaches: string[] = []
  for (const [file, text] of files)
    for (const [statement, target] of text.matchAll(
      /(?:^(?:import|export)[^'\n]*from |\bimport\()'#\/([a-z0-9-]+)/gm,
    )) {
      const typesOnly = statement.startsWith('import type') && target === 'world'
      if (target === room(file) || table.get(room(file))?.has(target!) || typesOnly) continue
      breaches.push(`${file} imports ${target}`)
    }
  return breaches
}

test('every import across a wall stands in the table of ARCHITECTURE.md', () => {
  const table = importTable(read('ARCHITECTURE.md'))
  assert.ok(table.size >= 12)
  const files = new Map(sources.filter((f) => !f.endsWith('.test.ts')).map((file) => [file, read(file)]))
  assert.deepEqual(wallBreaches(files, table), [])
})

test('the import check can fail: a service that imports another service is caught', () => {
  const files = new Map([['src/mail-server/x.ts', "import { a } from '#/pop3-server/session.ts'"]])
  assert.equal(wallBreaches(files, importTable(read('ARCHITECTURE.md'))).length, 1)
  const late = new Map([['src/mail-server/x.ts', "  const { a } = await import('#/pop3-server/session.ts')"]])
  assert.equal(wallBreaches(late, importTable(read('ARCHITECTURE.md'))).length, 1)
})

test('every room stands in the table', () => {
  const table = importTable(read('ARCHITECTURE.md'))
  assert.deepEqual(
    [...new Set(sources.map(room))].filter((name) => !table.has(name)),
    [],
  )
})

test('node: modules are imported only where the world is real', () => {
  const free = /^src\/(world\/node|storage|monitor|cli|main|dns)/
  const allowed: [RegExp, RegExp][] = [
    [/^src\/mailboxes\/archives\//, /^node:zlib$/],
    [
      /^src\/(accounts|wire|intake|message|mailboxes|mail-server|mail-relay|pop3-server|pop3-client)\//,
      /^node:(assert|crypto|url|util|buffer|net)$/,
    ],
    [/^src\/operations\//, /^node:(assert|net|fs|path|fs\/promises|crypto)$/],
  ]
  const strays: string[] = []
  for (const file of product.filter((f) => !free.test(f)))
    for (const [, module] of read(file).matchAll(/from '(node:[^']+)'/g)) {
      const rule = allowed.find(([place]) => place.test(file))
      if (!(rule ? rule[1] : /^node:assert$/).test(module!)) strays.push(`${file} imports ${module}`)
    }
  assert.deepEqual(strays, [])
})

test('every file opens with a comment that says what it is', () => {
  const silent = [...sources, ...globSync('test/**/*.ts')].filter((f) => !/^(#!.*\n)?(\/\/|\/\*\*)/.test(read(f)))
  assert.deepEqual(silent, [])
})

test('no file is over 400 lines', () => {
  const long = [...sources, ...globSync('test/**/*.ts')].filter((file) => read(file).split('\n').length > 401)
  assert.deepEqual(long, [])
})

test('wire data meets no \\s, no /m and no split at optional CR', () => {
  const wireRooms = product.filter((file) =>
    /^src\/(wire|message|mail-server|mail-relay|pop3-server|intake)\//.test(file),
  )
  const strays = wireRooms.filter((file) => {
    const code = read(file).replace(/^\s*(\/\/|\*|\/\*).*$/gm, '')
    return /\/[^/\n]*\\s[^/\n]*\/[a-z]*|split\(\/\\r\?\\n/.test(code)
  })
  assert.deepEqual(strays, [])
})

test('RFC citations have one form', () => {
  const bad = sources.flatMap((file) =>
    [...read(file).matchAll(/RFC\d+(?= )|RFC \d+ (?:sec\.)/g)].map((m) => `${file}: ${m[0]}`),
  )
  assert.deepEqual(bad, [])
})

test('nothing is left to do without an issue', () => {
  const words = new RegExp(`\\b(${['TO', 'FIX', 'XX'].map((w, i) => w + ['DO', 'ME', 'X'][i]).join('|')})\\b`)
  assert.deepEqual(
    sources.filter((file) => words.test(read(file))),
    [],
  )
})

test('every file is used: nothing is exported into the void', () => {
  const all = [...sources, ...globSync('{bin,test,bench,scripts}/**/*.ts')]
  const mentioned = new Set(
    all.flatMap((file) =>
      [...read(file).matchAll(/['"`](?:#\/|\.{1,2}\/)[^'"`]*?([a-z0-9-]+\.ts)['"`]/g)].map((m) => m[1]),
    ),
  )
  const dead = product.filter((file) => file !== 'src/main.ts' && !mentioned.has(file.split('/').at(-1)!))
  assert.deepEqual(dead, [])
})

test('every page has one title', () => {
  const pages = [...globSync('*.md'), ...globSync('docs/**/*.md')]
  const wrong = pages.filter(
    (page) =>
      read(page)
        .replace(/^```[\s\S]*?^```/gm, '')
        .match(/^# /gm)?.length !== 1,
  )
  assert.deepEqual(wrong, [])
})
