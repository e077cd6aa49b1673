// What the command line shows to people: times, passwords that are not shown, refusals that say what to do.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { nearTime } from '#/cli/print.ts'
import { cli, dataFolder } from './serve.ts'

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
