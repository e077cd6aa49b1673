// The pages tell the truth: their commands run, the settings table is the program's, the RFC table is the source's.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { defaultSettings } from '#/config/settings.ts'
import { describeSettings } from '#/operations/settings.ts'
import { settingsTable } from '#/operations/settings-table.ts'
import { dataFolder, start } from './serve.ts'

const read = (file: string): string => readFileSync(file, 'utf8')
const hasCurl = spawnSync('curl', ['--version']).status === 0
const runnable = (page: string): string[] =>
  [...page.matchAll(/^```sh run\n([\s\S]*?)^```/gm)].map((match) => match[1]!)

for (const page of ['README.md', 'docs/guide.md'])
  test(`the commands of ${page} run as they stand there`, { skip: !hasCurl && 'curl is not installed' }, async () => {
    using folder = dataFolder()
    const server = await start(folder.path)
    try {
      const blocks = runnable(read(page))
      assert.ok(blocks.length > 0)
      for (const block of blocks) {
        const script = block
          .replaceAll('./netcruiser', resolve('netcruiser'))
          .replaceAll('127.0.0.1:2525', server.listening['smtp']!)
          .replaceAll('127.0.0.1:2110', server.listening['pop3']!)
        const env = { ...process.env, NETCRUISER_DATA: folder.path }
        const ran = spawnSync('sh', ['-e', '-c', script], { cwd: folder.path, env, encoding: 'utf8', timeout: 60_000 })
        assert.equal(ran.status, 0, `${block}${ran.stderr}`)
      }
    } finally {
      await server.stop()
    }
  })

test('the settings table of the guide is what settings show --markdown prints', () => {
  assert.ok(read('docs/guide.md').includes(settingsTable(describeSettings(defaultSettings))))
})

test('docs/rfcs.md has the RFCs that the source cites, no more and no fewer', () => {
  const cited = new Set(
    globSync('src/**/*.ts').flatMap((file) => [...read(file).matchAll(/RFC (\d+)/g)].map((m) => m[1])),
  )
  const listed = [...read('docs/rfcs.md').matchAll(/^\| (\d+) \| (?:yes|partly|no) \| .+ \|$/gm)].map(
    (match) => match[1],
  )
  assert.equal(listed.length, new Set(listed).size, 'no row twice')
  assert.deepEqual(new Set(listed), cited)
})

const faqEntries = (): Set<string> =>
  new Set([...read('docs/faq.md').matchAll(/^## ([a-z0-9-]+)$/gm)].map((match) => match[1]!))

/** What a person meets in a bounce or a mail program, and the entry that the reply names. IN-14 */
const met: readonly (readonly [file: string, reply: RegExp])[] = [
  ['intake/judge.ts', /Relaying denied.* \(see FAQ: relaying-denied\)/],
  ['intake/replies.ts', /no mailbox of this name.* \(see FAQ: no-such-mailbox\)/],
  ['intake/judge.ts', /452.*mailbox is full.* \(see FAQ: mailbox-full\)/],
  ['intake/judge.ts', /552.*mailbox is full.* \(see FAQ: mailbox-full\)/],
  ['intake/replies.ts', /Authentication required.* \(see FAQ: sign-in-first\)/],
  ['mail-server/replies.ts', /Authentication required.* \(see FAQ: sign-in-first\)/],
  ['mail-server/replies.ts', /STARTTLS command first \(see FAQ: tls-first\)/],
  ['pop3-server/auth.ts', /passwords need TLS.* \(see FAQ: tls-first\)/],
  ['pop3-server/auth.ts', /may not be read by POP3 \(see FAQ: pop3-off\)/],
  ['pop3-server/auth.ts', /open in another session \(see FAQ: in-use\)/],
  ['mail-relay/detours.ts', /blocks port 25.* \(see FAQ: port-25-blocked\)/],
  ['mail-relay/alerts.ts', /\(see FAQ: refused-by-the-other-server\)/],
  ['pop3-client/sign-in-words.ts', /sign in again \(see FAQ: sign-in-expired\)/],
]

test('HP-03, IN-14: the refusals that a person meets name an entry of the FAQ, and each such name is an entry', () => {
  for (const [file, reply] of met) assert.match(read(`src/${file}`), reply)
  const named = globSync('src/**/*.ts').flatMap((file) =>
    [...read(file).matchAll(/\(see FAQ: ([^)]*)\)/g)].map((match) => match[1]!),
  )
  const entries = faqEntries()
  assert.ok(named.length >= met.length)
  assert.deepEqual(
    named.filter((name) => !entries.has(name)),
    [],
  )
})

test('HP-03: every entry of the FAQ that a message points to is there', () => {
  const entries = faqEntries()
  const pointed = globSync('src/**/*.ts').flatMap((file) =>
    [...read(file).matchAll(/([a-z0-9-]+) in docs\/faq\.md/g)].map((match) => match[1]!),
  )
  assert.ok(pointed.length > 0)
  assert.deepEqual(
    pointed.filter((name) => !entries.has(name)),
    [],
  )
})
