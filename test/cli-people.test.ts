// Administrators, tokens and the audit from the command line, against a running server and its API.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { cli, dataFolder, start } from './serve.ts'

const password = 'four plain words here'
const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' }

test('SX-01, WEB-07: a server that nobody looks after has its link in a file of this user, until somebody does', async () => {
  using folder = dataFolder()
  const server = await start(folder.path, ['console'])
  const base = `http://${server.listening['console']}/api/v1/session`
  const signIn = (name: string, typed: string): Promise<Response> =>
    fetch(`${base}/sign-in`, { method: 'POST', headers, body: JSON.stringify({ name, password: typed }) })
  try {
    const file = join(folder.path, 'setup-token')
    assert.equal(statSync(file).mode & 0o777, 0o600)
    const { link } = JSON.parse(cli(folder.path, ['admin', 'link', '--json']).stdout) as { link: string }
    assert.equal(link, `http://${server.listening['console']}/setup#${readFileSync(file, 'latin1').trim()}`)
    for (const name of ['admin', 'root', 'administrator']) assert.equal((await signIn(name, name)).status, 401)
    assert.equal(cli(folder.path, ['admin', 'add', 'ann'], password).status, 0)
    assert.equal(existsSync(file), false, 'there is an administrator now')
    const body = JSON.stringify({ token: link.split('#')[1], name: 'eve', password })
    assert.equal((await fetch(`${base}/setup`, { method: 'POST', headers, body })).status, 422)
    const answer = await signIn('ann', password)
    assert.equal(answer.status, 200)
    assert.match(answer.headers.get('set-cookie') ?? '', /^netcruiser=[\w-]{43}; .*HttpOnly; SameSite=Strict/)
  } finally {
    await server.stop()
  }
})

test('SX-04, WEB-17: a token made on the command line works at once, does what its scopes say, and ends when it is taken back', async () => {
  using folder = dataFolder()
  const server = await start(folder.path, ['console'])
  try {
    const made = cli(folder.path, ['token', 'add', 'watch', '--scope', 'read', '--json'])
    const { token } = JSON.parse(made.stdout) as { token: string }
    const ask = async (name: string, body = '{}'): Promise<number> => {
      const asked = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
      const url = `http://${server.listening['console']}/api/v1/${name}`
      return (await fetch(url, { method: 'POST', headers: asked, body })).status
    }
    assert.equal(await ask('mailbox/list'), 200)
    for (const [name, body] of [
      ['mailbox/add', '{"name":"eve"}'],
      ['queue/flush', '{}'],
      ['admin/list', '{}'],
      ['audit', '{}'],
      ['token/list', '{}'],
      ['admin/link', '{}'],
      ['settings/export', '{"secrets":true}'],
    ] as const)
      assert.equal(await ask(name, body), 403, name)
    assert.equal(cli(folder.path, ['token', 'remove', 'watch']).status, 0)
    assert.equal(await ask('mailbox/list'), 401)
    const { rows } = JSON.parse(cli(folder.path, ['audit', '--json']).stdout) as { rows: Record<string, string>[] }
    assert.deepEqual(
      rows.map(({ actor, operation }) => `${actor} ${operation}`),
      ['command line token.remove', 'token watch queue.flush', 'token watch mailbox.add', 'command line token.add'],
    )
    assert.match(cli(folder.path, ['audit', '--actor', 'token watch']).stdout, /has not the scope/)
  } finally {
    await server.stop()
  }
  const kept = readdirSync(folder.path, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => readFileSync(join(file.parentPath, file.name), 'latin1'))
  assert.ok(
    kept.every((text) => !text.includes('ncm_')),
    'no token stands in the data folder',
  )
})

test('SX-02: on a stopped server administrators are added, kept and removed, and the last one stays', () => {
  using folder = dataFolder()
  assert.match(cli(folder.path, ['admin', 'list']).stdout, /There is none yet/)
  assert.match(cli(folder.path, ['admin', 'add', 'ann'], 'short').stderr, /at least 10 characters/)
  for (const name of ['ann', 'bob']) assert.equal(cli(folder.path, ['admin', 'add', name], password).status, 0)
  assert.match(cli(folder.path, ['admin', 'add', 'ANN'], password).stderr, /an administrator ann already/)
  assert.equal(cli(folder.path, ['admin', 'set-password', 'bob'], 'other plain words').status, 0)
  assert.equal(cli(folder.path, ['admin', 'remove', 'ann']).status, 0)
  assert.match(cli(folder.path, ['admin', 'remove', 'bob']).stderr, /the last administrator/)
  assert.match(cli(folder.path, ['admin', 'reset-totp', 'nobody']).stderr, /no administrator nobody/)
  assert.match(
    cli(folder.path, ['admin', 'confirm-totp', 'bob', '--ticket', 'x', '--code', '1']).stderr,
    /Begin once more/,
  )
})
