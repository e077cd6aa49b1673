// What the program may do on its machine: the unit for systemd, root that becomes the owner of the mail, erased mail. SEC
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  lstatSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { systemdUnit } from '#/cli/systemd-unit.ts'
import { giveFolder, lowPortsAllowed, ownerOf, userNamed } from '#/world/node/user.ts'
import { cli, dataFolder, start, world } from './serve.ts'
import { connect } from './wire-client.ts'

const asked = { program: '/opt/netcruiser/netcruiser', folder: '/var/lib/netcruiser', user: 'netcruiser' }
const isRoot = process.getuid?.() === 0
const canChange = isRoot && spawnSync('setpriv', ['--version']).status === 0
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0

test('SEC-06 the unit takes away what a mail server does not need, and says where mail is kept', () => {
  const lines = new Set(systemdUnit(asked).split('\n'))
  const wanted = `ExecStart=/opt/netcruiser/netcruiser serve --data /var/lib/netcruiser
User=netcruiser
Group=netcruiser
StateDirectory=netcruiser
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
AmbientCapabilities=CAP_NET_BIND_SERVICE
Restart=always
MemoryMax=2G
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
LimitNOFILE=65536
SystemCallFilter=@system-service`
  for (const line of wanted.split('\n')) assert.ok(lines.has(line), line)
  const other = systemdUnit({ ...asked, folder: '/srv/mail', user: 'mail' })
  assert.match(other, /^User=mail\nGroup=mail\nReadWritePaths=\/srv\/mail$/m)
})

test('SEC-06 a unit that could not work is refused in words', () => {
  assert.throws(() => systemdUnit({ ...asked, program: '/home/ann/nc/netcruiser' }), /put the program into \/opt/)
  for (const folder of ['/home/ann/mail', '/root', '/tmp/mail', '/run/user/1000/mail'])
    assert.throws(() => systemdUnit({ ...asked, folder }), /may not look: keep mail elsewhere/)
  for (const folder of ['/var/lib/a b', '/var/lib/a\nUser=root', '/var/lib/%h', 'data'])
    assert.throws(() => systemdUnit({ ...asked, folder }), /letters, digits/)
  const said = spawnSync('./netcruiser', ['service', '--user', 'no-such-user'], { encoding: 'utf8' })
  assert.deepEqual([said.status, said.stdout], [1, ''])
  assert.match(said.stderr, /There is no user no-such-user on this machine: useradd --system .* no-such-user makes one/)
  const other = spawnSync('./netcruiser', ['service', '--user', 'nobody', '--data', '/srv/no-such'], {
    encoding: 'utf8',
  })
  assert.deepEqual([other.status, other.stdout], [1, ''])
  assert.match(
    other.stderr,
    /srv\/no-such is no folder of nobody: install -d -o nobody -g \S+ -m 700 \/srv\/no-such makes it/,
  )
})

test('SEC-06 systemd understands the unit, and finds its exposure small', { skip: !hasSystemd }, () => {
  using folder = dataFolder()
  const unit = join(folder.path, 'netcruiser.service')
  writeFileSync(unit, systemdUnit({ ...asked, program: '/bin/true' }))
  const verified = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' })
  assert.deepEqual([verified.status, verified.stderr], [0, ''])
  const judged = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=20', unit], {
    encoding: 'utf8',
  })
  assert.equal(judged.status, 0, judged.stdout)
})

const capabilities: readonly (readonly [string, string | null, string | null, boolean])[] = [
  ['none', '1024\n', 'Name:\tnode\nCapEff:\t0000000000000000\n', false],
  ['that one', '1024\n', 'Name:\tnode\nCapEff:\t0000000000000400\n', true],
  ['all others', '1024\n', 'Name:\tnode\nCapEff:\t000001fffffffbff\n', false],
  ['one that could be had, but is not', '1024\n', 'CapPrm:\t0000000000000400\nCapEff:\t0000000000000000\n', false],
  ['a system that lets everybody', '0\n', 'CapEff:\t0000000000000000\n', true],
  ['a system that lets everybody from 80 on', '80\n', 'CapEff:\t0000000000000000\n', false],
  ['a system that says nothing', null, null, false],
]
for (const [name, first, status, allowed] of capabilities)
  test(`SEC-05 ports below 1024, with ${name}: ${allowed ? 'taken' : 'not tried'}`, () => {
    assert.equal(lowPortsAllowed(first, status), allowed)
  })

/** Where every user may look. */
function openFolder(): Disposable & { readonly path: string } {
  const folder = dataFolder()
  chmodSync(folder.path, 0o755)
  return folder
}

type Said = { readonly child: ChildProcess; readonly ready: boolean; readonly stderr: string }

async function serveAs(args: readonly string[]): Promise<Said> {
  const child = spawn('./netcruiser', ['serve', '--json', '--listen', 'smtp=127.0.0.1:0', ...args], { timeout: 60_000 })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ready = await new Promise<boolean>((resolve) => {
    child.once('close', () => resolve(false))
    createInterface({ input: child.stdout }).on('line', (line) => line.startsWith('{"ready"') && resolve(true))
  })
  return { child, ready, stderr }
}

async function stopped({ child }: Said): Promise<void> {
  if (child.exitCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'close')
}

const factsOf = (pid: number | undefined): Map<string, string> =>
  new Map(
    Array.from(readFileSync(`/proc/${pid}/status`, 'latin1').matchAll(/^(\w+):\t(.*)$/gm), ([, k, v]) => [k!, v!]),
  )

test(
  'SEC-05 root gives the data folder to a user and is that user from then on, with the ports of mail and nothing else',
  { skip: !canChange, timeout: 90_000 },
  async () => {
    using folder = openFolder()
    const data = join(folder.path, 'data')
    const first = await serveAs(['--data', data, '--user', 'nobody'])
    if (!first.ready) return assert.match(first.stderr, /User \d+ may not read the program, .* put it into \/opt/) // a clone in /root
    const { uid, gid } = userNamed('nobody')
    const facts = factsOf(first.child.pid)
    assert.equal(facts.get('Uid'), Array(4).fill(uid).join('\t'))
    assert.equal(facts.get('Gid'), Array(4).fill(gid).join('\t'))
    for (const set of ['CapEff', 'CapPrm', 'CapBnd', 'CapAmb']) assert.equal(facts.get(set), '0000000000000400', set)
    assert.equal(facts.get('NoNewPrivs'), '1')
    assert.doesNotMatch(cli(data, ['doctor']).stdout, /runs as root/)
    await stopped(first)
    assert.equal(cli(data, ['mailbox', 'add', 'ann']).status, 0) // by root, while no server runs
    for (const file of readdirSync(data, { recursive: true, encoding: 'utf8' }))
      assert.equal(statSync(join(data, file)).uid, uid, file)
    const again = await serveAs(['--data', data]) // whose it is tells who runs it
    assert.equal(factsOf(again.child.pid).get('Uid'), Array(4).fill(uid).join('\t'))
    await stopped(again)
  },
)

test(
  'SEC-05 a folder of somebody else is not taken away, and a user must exist and be harmless',
  { skip: !canChange },
  async () => {
    using folder = openFolder()
    chownSync(folder.path, 12_345, 12_345)
    const other = await serveAs(['--data', folder.path, '--user', 'nobody'])
    assert.match(other.stderr, /belongs to another user than nobody: chown -R/)
    assert.equal(statSync(folder.path).uid, 12_345)
    assert.throws(() => userNamed('no-such-user'), /There is no user no-such-user/)
    assert.throws(() => userNamed('root'), /is root/)
    assert.throws(() => userNamed('--help'), /There is no user/)
  },
)

test('SEC-05 root is told why it cannot work on a folder whose owner may not go there', { skip: !canChange }, () => {
  using folder = dataFolder() // root's alone, as /var/lib/private is
  const data = join(folder.path, 'data')
  giveFolder(data, userNamed('nobody'))
  const said = cli(data, ['mailbox', 'list'])
  assert.equal(said.status, 1)
  assert.match(said.stderr, /data lies where its owner may not go, .* DynamicUser=yes/)
})

test('SEC-05 giving a folder away changes links, never what they lead to', { skip: !canChange }, () => {
  using folder = dataFolder()
  using secret = dataFolder()
  writeFileSync(join(secret.path, 'shadow'), 'x')
  symlinkSync(join(secret.path, 'shadow'), join(folder.path, 'file'))
  symlinkSync(secret.path, join(folder.path, 'folder'))
  giveFolder(folder.path, { uid: 12_345, gid: 12_345 })
  assert.deepEqual(ownerOf(folder.path), { uid: 12_345, gid: 12_345 })
  assert.equal(lstatSync(join(folder.path, 'folder')).uid, 12_345)
  assert.equal(statSync(join(secret.path, 'shadow')).uid, 0)
})

test('SEC-05 who stays root is told', { skip: !isRoot, timeout: 60_000 }, async () => {
  using folder = dataFolder()
  const server = await start(folder.path)
  assert.match(cli(folder.path, ['doctor']).stdout, /runs as root: it needs that for its ports only/)
  await server.stop()
})

const canary = (name: string): string => `canary-${name}-5f1d0c`
/** Files of the folder in which a text stands. */
const holding = (folder: string, text: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const file = join(folder, name)
    return statSync(file).isFile() && readFileSync(file).includes(text)
  })

test(
  'SEC-08 deleted mail is nowhere in the data folder after compact, and the rest is whole',
  { timeout: 90_000 },
  async () => {
    using folder = dataFolder()
    const data = folder.path
    writeFileSync(join(data, 'world.toml'), world)
    cli(data, ['settings', 'import', join(data, 'world.toml')])
    rmSync(join(data, 'world.toml'))
    const server = await start(data)
    const small = ['gone', 'kept'].map(
      (name) => `Subject: a\r\n\r\n${canary(name)}\r\n${`${'x'.repeat(70)}\r\n`.repeat(100)}`,
    )
    const large = `Subject: b\r\n\r\n${canary('large')}\r\n${`${'y'.repeat(70)}\r\n`.repeat(5000)}`
    const client = await connect(Number(server.listening['smtp']!.split(':').at(-1)))
    await client.reply()
    await client.ask('EHLO a.test')
    for (const mail of [...small, large])
      for (const said of ['MAIL FROM:<b@a.test>', 'RCPT TO:<ann@example.org>', 'DATA', `${mail}.`])
        assert.match(String(await client.ask(said)), /^(?:250|354)/)
    client.destroy()
    assert.equal(cli(data, ['message', 'delete', 'ann', '1', '3']).status, 0)
    assert.equal(cli(data, ['message', 'purge', 'ann', '1', '3']).status, 0)
    assert.match(cli(data, ['compact']).stderr, /Another NetCruiser Mail runs/)
    await server.stop()
    assert.deepEqual(holding(data, canary('large')), [])
    assert.deepEqual(holding(data, canary('gone')), ['mail.db'], 'what the command is for')
    const said = cli(data, ['compact'])
    assert.match(said.stdout, /^The database has .* now, before it had /, said.stderr)
    assert.deepEqual(holding(data, canary('gone')), [])
    assert.deepEqual(holding(data, canary('kept')), ['mail.db'])
    assert.equal(statSync(join(data, 'mail.db')).mode & 0o077, 0)
    assert.match(cli(data, ['verify']).stdout, /all is well/)
  },
)
