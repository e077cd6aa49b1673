// A disk that fails or is full at the moment when the relay writes down what became of a message: system calls of the running
// server are made to fail by strace. Nothing is lost, nothing is told twice, and a full disk is waited out.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { call } from '#/cli/call.ts'
import { startTestServer, zoneOf } from '#/dns/test-server.ts'
import type { TraceEvent } from '#/storage/store.ts'
import { until } from './notice-rig.ts'
import { Receiver, type Script } from './receiver.ts'
import { cli, dataFolder, start, type Served } from './serve.ts'
import { inject, release } from './strace.ts'
import { connect } from './wire-client.ts'

const works = spawnSync('strace', ['-e', 'trace=none', 'true']).status === 0
const skip = works ? false : 'strace is not installed or may not trace here'
const zone = zoneOf('far.example MX 10 mx.far.example', 'mx.far.example A 127.0.0.1')

const worldFor = (dns: string, mxPort: number): string => `
[settings.server]
hostname = "mx.example.org"
[settings.dns]
servers = ["${dns}"]
[settings.mailServer]
forwarding = true
[settings.mailRelay]
mxPort = ${mxPort}
allowPrivateTargets = true
[[domain]]
name = "example.org"
[[mailbox]]
name = "ann"
[[access]]
pattern = "127.0.0.0/8"
`
const traceOf = async (folder: string, step: string): Promise<TraceEvent[]> => {
  const events = (await call(folder, { name: 'trace', parameters: { limit: 1000 } })) as TraceEvent[] // what it answers
  return events.filter((event) => event.step === step)
}

async function submit(server: Served): Promise<string> {
  const client = await connect(Number(server.listening['smtp']?.split(':').at(-1)))
  await client.reply()
  for (const command of ['EHLO x.example', 'MAIL FROM:<ann@example.org>', 'RCPT TO:<bob@far.example>', 'DATA'])
    assert.match((await client.ask(command)) ?? '', /^[23]/)
  const said = (await client.ask('Subject: lunch\r\n\r\nbody\r\n.')) ?? 'closed'
  client.destroy()
  return said
}

type Scene = { readonly folder: string; readonly far: Receiver }

async function scene(script: Script, play: (scene: Scene) => Promise<void>): Promise<void> {
  using folder = dataFolder()
  await using dns = await startTestServer(zone)
  await using far = await Receiver.open({ script })
  assert.equal(cli(folder.path, ['settings', 'import', '-'], worldFor(dns.address, far.port)).status, 0)
  await play({ folder: folder.path, far })
  assert.match(cli(folder.path, ['verify']).stdout, /all is well/)
}

/** One message is under way when the fault begins: what becomes of it is written down under the fault. */
async function underFault(
  { folder, far }: Scene,
  fault: string,
  play: (end: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const server = await start(folder, ['smtp'])
  try {
    assert.match(await submit(server), /^250 /)
    await until(() => far.heard.some((line) => line.startsWith('RCPT'))) // an attempt is recorded by now
    const strace = await inject(server.pid, fault)
    await new Promise((go) => setTimeout(go, slowMs + 1000))
    await play(() => release(strace))
  } finally {
    await server.stop('SIGKILL')
  }
}

const slowMs = 2000

test(
  'QUE-04: a flush that fails when a delivery is written down: told once after the restart, and a repeat is marked',
  { skip, timeout: 60_000 },
  () =>
    scene(
      { dot: (_, nth) => (nth === 0 ? { say: '250 2.0.0 taken', delayMs: slowMs } : undefined) },
      async ({ folder, far }) => {
        await underFault({ folder, far }, 'fsync,fdatasync:error=EIO:when=1+', (end) => end())
        const server = await start(folder, ['smtp'])
        try {
          await until(async () => (await traceOf(folder, 'delivered')).length === 1)
          // Nobody can know whether the octets reached the disk: what counts is that a repeat is marked.
          assert.equal((await traceOf(folder, 'interrupted')).length, far.ledger.length - 1)
          assert.deepEqual(await traceOf(folder, 'notified'), [])
        } finally {
          await server.stop()
        }
      },
    ),
)

const outcomes: readonly [title: string, script: Script, step: string, notices: number][] = [
  ['a failure with its notice', { rcpt: { say: '550 5.1.1 no', delayMs: slowMs } }, 'failed', 1],
  ['a delivery', { dot: { say: '250 2.0.0 taken', delayMs: slowMs } }, 'delivered', 0],
]
for (const [title, script, step, notices] of outcomes)
  test(
    `QUE-06, DS-12: ${title} that meets a full disk is written down once when there is room again`,
    { skip, timeout: 60_000 },
    () =>
      scene(script, async ({ folder, far }) => {
        await underFault({ folder, far }, 'pwrite64:error=ENOSPC:when=1+', async (end) => {
          await end()
          await until(async () => (await traceOf(folder, step)).length === 1)
          assert.equal((await traceOf(folder, 'notified')).length, notices)
          assert.equal(far.heard.filter((line) => line.startsWith('RCPT')).length, 1) // nobody was asked twice
        })
      }),
  )
