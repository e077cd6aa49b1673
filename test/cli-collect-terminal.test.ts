// `collect` on a terminal: what is asked before it is done, how far a run is, and Ctrl-C.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { maildrop, Pop3Remote } from './pop3-remote.ts'
import { cli, cliAsync, dataFolder, start } from './serve.ts'

const skip = spawnSync('script', ['--version']).status === 0 ? false : 'script is not installed'

type Answers = readonly (readonly [asked: RegExp, typed: string])[]

/** Types each answer when its question stands at the end of the screen. */
async function onTerminal(command: string, answers: Answers): Promise<{ code: number; screen: string }> {
  const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'], timeout: 30_000 })
  const waiting = [...answers]
  let screen = ''
  child.stdout.on('data', (chunk: Buffer) => {
    screen += String(chunk)
    const [next] = waiting
    if (!next?.[0].test(screen)) return
    waiting.shift()
    child.stdin.write(next[1])
  })
  const [code] = (await once(child, 'exit')) as [number] // a code, as it ends by itself
  return { code, screen }
}

const where = (remote: Pop3Remote): string[] =>
  `--into ann --user ann --host 127.0.0.1 --port ${remote.port} --tls none --plain-login --private`.split(' ')

async function withAccount(data: string, remote: Pop3Remote, more: readonly string[] = []): Promise<void> {
  cli(data, ['mailbox', 'add', 'ann'])
  const added = await cliAsync(
    data,
    ['collect', 'add', 'old', ...where(remote), '--password-stdin', '--first', 'everything', ...more],
    'secret',
  )
  assert.equal(added.status, 0, added.stderr)
}

test(
  'PC-11 a new account is tried, what is there is counted, and then the first run is asked about',
  { skip },
  async () => {
    await using remote = await Pop3Remote.open({ messages: maildrop(3) })
    for (const [typed, state, words] of [
      ['2026-01-31', 'idle', 'null'],
      ['', 'stopped', 'Nothing is collected before you say what'],
    ] as const) {
      using data = dataFolder()
      cli(data.path, ['mailbox', 'add', 'ann'])
      const { code, screen } = await onTerminal(
        `./netcruiser collect add old ${where(remote).join(' ')} --password --data ${data.path}`,
        [
          [/Password: $/, 'secret\r'],
          [/Once more: $/, 'secret\r'],
          [/\[everything\/DAY\/new\] .*$/, `${typed}\r`],
        ],
      )
      assert.equal(code, 0, screen)
      assert.match(screen, /There: 3 messages, \d+ octets\./)
      const [account] = JSON.parse((await cliAsync(data.path, ['collect', 'list', '--json'])).stdout) as {
        state: string
        because: string | null
      }[]
      assert.equal(account?.state, state)
      assert.ok(String(account.because).startsWith(words))
    }
  },
)

test('PC-11 an account that does not work is saved only by who says so', { skip }, async () => {
  await using remote = await Pop3Remote.open({ password: 'another' })
  using data = dataFolder()
  cli(data.path, ['mailbox', 'add', 'ann'])
  const { code, screen } = await onTerminal(
    `./netcruiser collect add old ${where(remote).join(' ')} --password --data ${data.path}`,
    [
      [/Password: $/, 'secret\r'],
      [/Once more: $/, 'secret\r'],
      [/Save the account all the same\? \[y\/N\] .*$/, 'n\r'],
    ],
  )
  assert.equal(code, 1)
  assert.match(screen, /Nothing was changed/)
  assert.doesNotMatch(screen, /PASS secret/)
  assert.equal((await cliAsync(data.path, ['collect', 'list', '--json'])).stdout.trim(), '[]')
})

test('PC-34 a deletion on the server is asked about once, with what has a copy here', { skip }, async () => {
  await using remote = await Pop3Remote.open({ messages: maildrop(2) })
  using data = dataFolder()
  await withAccount(data.path, remote, ['--messages-max', '1'])
  await cliAsync(data.path, ['collect', 'run', 'old'])
  const command = `./netcruiser collect delete old uid-0 uid-1 --data ${data.path}`
  const no = await onTerminal(command, [[/for good\? \[y\/N\] .*$/, 'n\r']])
  assert.match(no.screen, /uid-0: a copy is here\s+uid-1: there is NO copy here/)
  assert.deepEqual([no.code, remote.removed], [1, []])
  const yes = await onTerminal(command, [[/for good\? \[y\/N\] .*$/, 'y\r']])
  assert.deepEqual([yes.code, remote.removed], [0, ['uid-0', 'uid-1']], yes.screen)
})

for (const running of [false, true])
  test(
    `PC-22 a run shows how far it is, and Ctrl-C ends it with what came ${running ? 'on a running server' : 'without a server'}`,
    { skip },
    async () => {
      await using remote = await Pop3Remote.open({ messages: maildrop(1500), script: { retr: { delayMs: 8 } } })
      using data = dataFolder()
      await withAccount(data.path, remote)
      await cliAsync(data.path, ['collect', 'pause', 'old'])
      const server = running ? await start(data.path) : null
      try {
        const { screen } = await onTerminal(`./netcruiser collect run old --data ${data.path}`, [
          [
            /Collecting \[[#.]{30}\] +\d+ % \d+ s, [1-9]\d* of 1500 messages, [\d.]+ of 0\.5 MB, \d+ a second/,
            '\u0003',
          ],
        ])
        assert.match(screen, /Stopping; Ctrl-C again leaves at once/)
        const kept = Number(/(\d+) collected/.exec(screen)?.[1])
        assert.ok(kept > 0 && kept < 1500, screen)
        const { stdout } = await cliAsync(data.path, ['mailbox', 'list', '--json'])
        const { rows } = JSON.parse(stdout) as { rows: { messages: number }[] } // its shape
        assert.equal(rows[0]?.messages, kept)
      } finally {
        await server?.stop()
      }
    },
  )
