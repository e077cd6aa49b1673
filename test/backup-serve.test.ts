// Backups of a whole server: under load, killed in the middle, and restored on another folder that starts, is read, and sends
// nothing before somebody lets it. MB-08
import assert from 'node:assert/strict'
import { readdirSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startTestServer, zoneOf } from '#/dns/test-server.ts'
import { Receiver } from './receiver.ts'
import { cli, cliAsync, dataFolder, start, world } from './serve.ts'
import { heldIn } from './torture/copies.ts'
import { messageOf } from './torture/message.ts'
import { connect } from './wire-client.ts'

const port = (address: string | undefined): number => Number(address?.split(':').at(-1))
const senders = 6
const largeLines = 6000

/** Sends until `isOver`; names what was acknowledged. */
async function sender(
  smtp: number,
  { name, to, noted, isOver }: { name: string; to: string; noted: string[]; isOver: () => boolean },
) {
  const client = await connect(smtp)
  await client.reply()
  await client.ask('EHLO client.example')
  for (let n = 0; !isOver(); n++) {
    const text = messageOf(`${name}-${n}`) + (to === 'bob' ? `${'x'.repeat(70)}\r\n`.repeat(largeLines) : '')
    for (const line of ['MAIL FROM:<bob@client.example>', `RCPT TO:<${to}@example.org>`, 'DATA']) await client.ask(line)
    if ((await client.ask(`${text}.`))?.startsWith('250')) noted.push(`${name}-${n}`)
  }
  client.destroy()
}

/** Deletes whatever bob has, again and again. */
async function deleter(pop3: number, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const client = await connect(pop3)
    await client.send('USER bob\r\nPASS secret\r\nDELE 1\r\nDELE 2\r\nQUIT\r\n')
    for (let n = 0; n < 6; n++) await client.line()
    client.destroy()
    await sleep(20)
  }
}

const twoBoxes = `${world}[[mailbox]]\nname = "bob"\npassword = "secret"\npop3 = true\n`

test(
  'MB-08 a backup under load has all that was acknowledged before it, nothing half, and starts elsewhere',
  { timeout: 120_000 },
  async () => {
    using folder = dataFolder()
    using other = dataFolder()
    assert.equal(cli(folder.path, ['settings', 'import', '-'], twoBoxes).status, 0)
    const server = await start(folder.path)
    const noted: string[] = []
    let over = false
    const isOver = (): boolean => over
    const [smtp, pop3] = [port(server.listening['smtp']), port(server.listening['pop3'])]
    const load = Array.from({ length: senders }, (_, n) =>
      sender(smtp, { name: `1-${n}`, to: n === 0 ? 'bob' : 'ann', noted, isOver }),
    )
    const deleting = deleter(pop3, isOver)
    await sleep(1500)
    const before = noted.filter((name) => !name.startsWith('1-0-'))
    const made = await cliAsync(folder.path, ['backup', 'create', '--json'])
    const during = noted.length - before.length
    over = true
    await Promise.all([...load, deleting])
    await server.stop()
    assert.equal(made.status, 0, made.stderr)
    const { id } = JSON.parse(made.stdout) as { id: string }
    assert.ok(before.length > 50 && during > 10, `${before.length} before, ${during} meanwhile`)
    const to = join(other.path, 'data')
    const restored = cli(to, ['restore', join(folder.path, 'backup', id)])
    assert.equal(restored.status, 0, restored.stderr)
    const verified = cli(to, ['verify'])
    assert.match(verified.stdout, /all is well/, verified.stdout)
    const again = await start(to)
    const { names, torn } = await heldIn(port(again.listening['pop3']), 'ann')
    await again.stop()
    assert.deepEqual(torn, [])
    assert.deepEqual(before.filter((name) => !names.includes(name)), []) // prettier-ignore
    assert.equal(new Set(names).size, names.length)
    assert.deepEqual(names.filter((name) => !noted.includes(name)), []) // prettier-ignore
  },
)

test(
  'MB-08 a server that is killed while it makes a backup leaves none that looks whole, and makes the next',
  { timeout: 120_000 },
  async () => {
    using folder = dataFolder()
    assert.equal(cli(folder.path, ['settings', 'import', '-'], twoBoxes).status, 0)
    const filling = await start(folder.path)
    let over = false
    const load = [0, 1].map((n) =>
      sender(port(filling.listening['smtp']), { name: `2-${n}`, to: 'bob', noted: [], isOver: () => over }),
    )
    await sleep(1500)
    over = true
    await Promise.all(load)
    await filling.stop()
    const backups = join(folder.path, 'backup')
    for (const ms of [40, 120, 300]) {
      const server = await start(folder.path)
      const asked = cliAsync(folder.path, ['backup', 'create'])
      for (let n = 0; n < 400 && !existsSync(backups); n++) await sleep(5)
      await sleep(ms)
      await server.stop('SIGKILL')
      await asked
      for (const id of readdirSync(backups).filter((name) => !name.startsWith('.')))
        assert.equal(cli(folder.path, ['backup', 'verify', id]).status, 0, id)
    }
    assert.equal(cli(folder.path, ['backup', 'create']).status, 0)
    assert.deepEqual(readdirSync(backups).filter((name) => name.startsWith('.')), []) // prettier-ignore
  },
)

test(
  'MB-08 what waited is held in a restored server until it is released; new mail goes and comes at once',
  { timeout: 120_000 },
  async () => {
    using folder = dataFolder()
    using other = dataFolder()
    await using dns = await startTestServer(zoneOf('far.example MX 10 mx.far.example', 'mx.far.example A 127.0.0.1'))
    let later = true
    const rcpt = () => (later ? { say: '451 4.7.1 come later' } : undefined)
    await using receiver = await Receiver.open({ script: { rcpt } })
    const relay = `[settings.dns]\nservers = ["${dns.address}"]\n[settings.mailRelay]\nmxPort = ${receiver.port}
allowPrivateTargets = true\nretryDelaysMs = [1000]\n`
    const set = cli(folder.path, ['settings', 'import', '-'], `${relay}${world}`)
    assert.equal(set.status, 0, set.stderr)
    const send = (data: string, subject: string) =>
      cliAsync(data, ['send', '--from', 'ann@example.org', '--to', 'bob@far.example', '--subject', subject], 'x')
    const server = await start(folder.path)
    await send(folder.path, 'old')
    await until(() => receiver.heard.some((line) => line.startsWith('RCPT')))
    const made = await cliAsync(folder.path, ['backup', 'create', '--json'])
    await server.stop()
    const { id } = JSON.parse(made.stdout) as { id: string }
    const to = join(other.path, 'data')
    const restored = cli(to, ['restore', join(folder.path, 'backup', id)])
    assert.match(restored.stdout, /1 deliveries that waited then are held/)
    later = false
    const again = await start(to)
    await send(to, 'new')
    await until(() => receiver.ledger.length > 0)
    await sleep(2500) // two of its retries
    const subjects = (): string[] => receiver.ledger.map(({ octets }) => /Subject: (\w+)/.exec(octets)![1]!)
    assert.deepEqual(subjects(), ['new'])
    const listed = await cliAsync(to, ['queue', 'list'])
    assert.match(listed.stdout, /held .*restored from the backup of \d{4}-\d\d-\d\d/)
    assert.match((await cliAsync(to, ['doctor'])).stdout, /1 deliveries that waited then are held/)
    assert.match((await cliAsync(to, ['restore', 'release'])).stdout, /1 deliveries are let go/)
    await until(() => receiver.ledger.length > 1)
    await again.stop()
    assert.deepEqual(subjects(), ['new', 'old'])
  },
)

/** @throws when it does not come true within ten seconds */
async function until(isSo: () => boolean): Promise<void> {
  for (let n = 0; n < 200; n++) {
    if (isSo()) return
    await sleep(50)
  }
  assert.fail('it did not come')
}
