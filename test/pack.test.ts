// What npm publishes: packed, installed into an empty folder, started from there on the Node that the package brings.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { dataFolder } from './serve.ts'

const npm = (args: readonly string[], cwd = '.') => spawnSync('npm', args, { cwd, encoding: 'utf8', timeout: 150_000 })

test('the package installs into an empty folder and serves from there', async (t) => {
  using folder = dataFolder()
  const packed = npm(['pack', '--silent', '--pack-destination', folder.path])
  assert.equal(packed.status, 0, packed.stderr)
  const tarball = packed.stdout.trim().split('\n').at(-1)!
  writeFileSync(join(folder.path, 'package.json'), '{"private":true}')
  const flags = ['--omit=dev', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=0']
  const installed = npm(['install', ...flags, `./${tarball}`], folder.path)
  if (installed.status !== 0 && /ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|network/.test(installed.stderr))
    return t.skip('the registry of packages cannot be reached')
  assert.equal(installed.status, 0, installed.stderr)
  const command = join(folder.path, 'node_modules/.bin/netcruiser')
  const run = (args: readonly string[]) => spawnSync(command, args, { encoding: 'utf8', timeout: 30_000 })
  assert.match(run(['--version']).stdout, /^\d+\.\d+\.\d+\n$/)
  const data = join(folder.path, 'data')
  const child = spawn(command, ['serve', '--data', data, '--json', '--listen', 'smtp=127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string] // the first line says that it is ready
    assert.match(line, /"ready":true/)
    const said = run(['mailbox', 'add', 'ann', '--data', data])
    assert.equal(said.status, 0, said.stderr)
    assert.match(run(['doctor', '--data', data]).stdout, /running: yes/)
    assert.match(run(['doctor', '--data', data]).stdout, /Node v26\./)
  } finally {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
})
