// `collect` as it is typed: what is no number is refused, and a script hears of a failure whatever it prints.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { old, rigWith, run } from './collect-commands-rig.ts'
import { maildrop, Pop3Remote } from './pop3-remote.ts'
import { cli, cliAsync, dataFolder, start } from './serve.ts'

test('PC-28 a number that is none changes nothing, and above all not what is deleted there', async () => {
  using data = dataFolder()
  cli(data.path, ['mailbox', 'add', 'ann'])
  const account = ['--host', 'pop.example.com', '--user', 'ann', '--into', 'ann', '--first', 'everything']
  cli(data.path, ['collect', 'add', 'old', ...account, '--no-leave', '--keep-newest', '100'])
  for (const option of [
    ['--keep-newest', '1O0'],
    ['--keep-newest', ''],
    ['--port', 'x'],
    ['--messages-max', '1e9x'],
    ['--minutes-max', '-5'],
  ]) {
    const { status, stderr } = await cliAsync(data.path, ['collect', 'set', 'old', ...option])
    assert.deepEqual([status, stderr.includes('is no number: write 100')], [1, true], `${option.join(' ')}: ${stderr}`)
  }
  for (const words of [
    ['browse', 'old', '--before', 'x'],
    ['log', 'old', '--limit', 'x'],
  ])
    assert.match((await cliAsync(data.path, ['collect', ...words])).stderr, /x is no number/)
  const shown = JSON.parse((await cliAsync(data.path, ['collect', 'show', 'old', '--json'])).stdout) as object
  assert.equal((shown as { keepNewest: number | null }).keepNewest, 100)
})

test('what failed ends with 1, as JSON too', async () => {
  await using remote = await Pop3Remote.open({ messages: maildrop(1), password: 'another' })
  using data = dataFolder()
  cli(data.path, ['mailbox', 'add', 'ann'])
  const where = `--host 127.0.0.1 --port ${remote.port} --tls none --plain-login --private --user ann --into ann`
  const added = ['collect', 'add', 'old', ...where.split(' '), '--first', 'everything', '--password-stdin']
  await cliAsync(data.path, added, 'secret')
  for (const words of [
    ['run', 'old'],
    ['test', 'old'],
  ])
    for (const json of [[], ['--json']]) {
      const { status, stdout } = await cliAsync(data.path, ['collect', ...words, ...json])
      assert.equal(status, 1, words.join(' '))
      if (json.length > 0) assert.equal((JSON.parse(stdout) as { ok: boolean }).ok, false)
    }
  remote.behave({ password: 'secret' })
  const { status, stdout } = await cliAsync(data.path, ['collect', 'fetch', 'old', 'nix', '--json'])
  assert.deepEqual([status, JSON.parse(stdout)[0].is], [1, 'vanished'])
})

test('PC-39, PC-05 a new account is due now, and a shorter interval counts from now on', async () => {
  await using rig = await rigWith('ann')
  const now = rig.context.world.clock.now()
  const added = await run(rig, 'add', { ...old, first: 'everything' })
  assert.ok(Math.abs(Number(added['nextRunAt']) - now) < 60_000)
  const { id } = rig.context.accounts.byName('old')!
  const hour = 3_600_000
  await rig.context.accounts.setStatus(id, { nextRunAt: now + 24 * hour, lastRunAt: now })
  const longer = await run(rig, 'set', { name: 'old', intervalMs: 24 * hour })
  assert.equal(longer['nextRunAt'], now + 24 * hour)
  const shorter = await run(rig, 'set', { name: 'old', intervalMs: hour })
  assert.ok(Number(shorter['nextRunAt']) < now + 2 * hour)
})

test('PC-22, PC-35 Ctrl-C ends what is done by hand, and nothing is deleted there', async () => {
  await using remote = await Pop3Remote.open({ messages: maildrop(1), script: { retr: { delayMs: 60_000 } } })
  using data = dataFolder()
  cli(data.path, ['mailbox', 'add', 'ann'])
  const where = `--host 127.0.0.1 --port ${remote.port} --tls none --plain-login --private --user ann --into ann`
  const added = ['collect', 'add', 'old', ...where.split(' '), '--first', 'new', '--password-stdin']
  await cliAsync(data.path, added, 'secret')
  const served = await start(data.path)
  try {
    while (!remote.counts.has('quit')) await new Promise((go) => setTimeout(go, 20)) // the first run has taken nothing
    const child = spawn('./netcruiser', ['collect', 'fetch-delete', 'old', 'uid-0', '--data', data.path])
    const said = child.stdout.setEncoding('utf8').toArray()
    while (!remote.counts.has('retr')) await new Promise((go) => setTimeout(go, 20))
    child.kill('SIGINT')
    const [code] = (await once(child, 'close')) as [number | null] // its exit code
    assert.match((await said).join(''), /uid-0 +failed +It was stopped/)
    assert.deepEqual([code, remote.removed], [1, []])
  } finally {
    await served.stop()
  }
})
