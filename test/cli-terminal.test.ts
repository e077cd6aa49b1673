// What the command line shows to people: times, passwords that are not shown, refusals that say what to do.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { nearTime } from '#/cli/print.ts'
import { bar } from '#/cli/terminal.ts'
import { cli, dataFolder, start } from './serve.ts'

const hasScript = spawnSync('script', ['--version']).status === 0

test(
  'a password is asked for twice on a terminal and never shown',
  { skip: !hasScript && 'script is not installed' },
  async () => {
    using data = dataFolder()
    const command = `./netcruiser mailbox add ann --pop3 --password --data ${data.path}`
    const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] })
    let screen = ''
    child.stdout.on('data', (chunk: Buffer) => {
      screen += String(chunk)
      if (/(Password|Once more): $/.test(screen)) child.stdin.write('hidden words\r')
    })
    const [code] = (await once(child, 'exit')) as [number] // a code, as it ends by itself
    assert.equal(code, 0, screen)
    assert.doesNotMatch(screen, /hidden words/)
    assert.match(screen, /hasPassword: yes/)
  },
)

test(
  'QU-11 an act on many deliveries asks on a terminal first, and a no changes nothing',
  { skip: !hasScript && 'script is not installed' },
  () => {
    using data = dataFolder()
    cli(data.path, ['send', '--to', 'bob@far.example', '--to', 'cyd@far.example', '--text', 'x'])
    const drop = (input: string): string => {
      const command = `./netcruiser queue drop @far.example --data ${data.path}`
      return spawnSync('script', ['-qec', command, '/dev/null'], { input, encoding: 'utf8', timeout: 30_000 }).stdout
    }
    assert.match(drop('n\r'), /drop: about 2 deliveries\. Do it\? \[y\/N\][^]*Nothing was changed/)
    assert.match(cli(data.path, ['queue', 'summary']).stdout, /^2 wait/)
    assert.match(drop('y\r'), /2 deliveries are dropped/)
  },
)

for (const running of [false, true])
  test(
    `verify shows on a terminal how much is done, ${running ? 'on a running server' : 'without a server'}, and nothing of it elsewhere`,
    { skip: !hasScript && 'script is not installed' },
    async () => {
      using data = dataFolder()
      cli(data.path, ['mailbox', 'add', 'ann'])
      const server = running ? await start(data.path) : null
      const command = `./netcruiser verify --data ${data.path}`
      const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8', timeout: 30_000 })
      const plain = cli(data.path, ['verify'])
      await server?.stop()
      assert.match(stdout, /Reading every message \[#{30}\] 100 %/)
      assert.match(stdout, /all is well/)
      assert.deepEqual([plain.stdout, plain.stderr], ['1 contents and mailboxes checked: all is well\n', ''])
    },
  )

const bars: [number, string][] = [
  [0, `[${'.'.repeat(30)}]   0 %`],
  [0.5, `[${'#'.repeat(15)}${'.'.repeat(15)}]  50 %`],
  [0.999, `[${'#'.repeat(29)}.]  99 %`],
  [1, `[${'#'.repeat(30)}] 100 %`],
]
test('a bar is full only when all is done', () => {
  for (const [share, shown] of bars) assert.equal(bar(share), shown)
})

test('the history of settings has local times, and undo takes a number from it', () => {
  using data = dataFolder()
  cli(data.path, ['settings', 'set', 'mailServer.recipientsMax', '200'])
  assert.match(cli(data.path, ['settings', 'history']).stdout, /^1 +20\d\d-\d\d-\d\d \d\d:\d\d:\d\d  command line/m)
  assert.match(cli(data.path, ['settings', 'undo', '1']).stdout, /value: 1000/)
})

const spans: [number, RegExp][] = [
  [500, /\(1 second ago\)|\(0 seconds ago\)/],
  [90_000, /\(1 minute ago\)/],
  [7_200_000, /\(2 hours ago\)/],
  [-172_800_000, /\(in 2 days\)/],
]
test('a time is shown as the clock here says it, with how long ago it was', () => {
  for (const [ms, said] of spans) assert.match(nearTime(1e12 - ms, 1e12), said)
})
