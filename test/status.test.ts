// How everything is, on real services: figures, problems, who is connected, logins, the log.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { callServer } from '#/operations/control-call.ts'
import type { Activity } from '#/operations/activity.ts'
import type { ProblemList } from '#/operations/problem-shapes.ts'
import type { Status } from '#/operations/status-shapes.ts'
import { operationsRig } from './operations-rig.ts'
import { cli, cliAsync, dataFolder, start, world } from './serve.ts'
import { deliver, talk } from './small-talk.ts'

/** As the command line asks a running server. */
const asked = async <T>(data: string, name: string, parameters: object = {}): Promise<T> => {
  const answer = await callServer(data, { name, parameters })
  return answer?.value as T // what the operation answers
}
const printed = async <T>(data: string, ...args: string[]): Promise<T> => {
  const ran = await cliAsync(data, [...args, '--json'])
  assert.equal(ran.status, 0, ran.stderr)
  return JSON.parse(ran.stdout) as T
}

test('status counts what comes in and is read, and a restart forgets nothing', { timeout: 120_000 }, async () => {
  using folder = dataFolder()
  cli(folder.path, ['settings', 'import', '-'], world)
  const first = await start(folder.path)
  try {
    await deliver(first.listening['smtp']!, 'ann@example.org')
    await deliver(first.listening['smtp']!, 'nobody@example.org')
    await talk(first.listening['pop3']!, ['', 'USER ann\r\n', 'PASS secret\r\n', 'RETR 1\r\n', 'QUIT\r\n'])
    await talk(first.listening['pop3']!, ['', 'USER ann\r\n', 'PASS wrong\r\n'])
    const { today, parts } = await asked<Status>(folder.path, 'status.show')
    assert.partialDeepStrictEqual(today, { offered: 2, accepted: 1, refused: 1, read: 1, waiting: 0 })
    assert.deepEqual(
      parts.map(({ part, state }) => [part, state]),
      [
        ['mail-server', 'ok'],
        ['mail-relay', 'ok'],
        ['pop3-server', 'ok'],
        ['pop3-client', 'off'],
        ['console', 'off'],
      ],
    )
    assert.equal(parts[0]?.hours?.counts.at(-1), 1)
    assert.equal(parts[2]?.hours?.counts.at(-1), 1) // one login
  } finally {
    await first.stop()
  }
  const stopped = await printed<{ status: Status; activity: Activity[] }>(folder.path, 'status')
  assert.partialDeepStrictEqual(stopped.status, { startedAt: null, today: { accepted: 1, refused: 1, read: 1 } })
  assert.deepEqual(stopped.activity.map(({ code }) => code).toSorted(), ['read', 'refused', 'stored'])
  const { rows } = await printed<{ rows: { name: string; outcome: string; times: number }[] }>(
    folder.path,
    'pop3',
    'logins',
  )
  assert.deepEqual(
    rows.map(({ name, outcome, times }) => [name, outcome, times]),
    [
      ['ann', 'wrong', 1],
      ['ann', 'ok', 1],
    ],
  )
})

test(
  'PS-05 who is connected is listed and can be ended; nothing is deleted by that',
  { timeout: 120_000 },
  async () => {
    using folder = dataFolder()
    cli(folder.path, ['settings', 'import', '-'], world)
    const served = await start(folder.path)
    try {
      await deliver(served.listening['smtp']!, 'ann@example.org')
      await talk(
        served.listening['pop3']!,
        ['', 'USER ann\r\n', 'PASS secret\r\n', 'RETR 1\r\n', 'DELE 1\r\n'],
        async (said) => {
          const [session] = await asked<{ id: string; user: string; retrieved: number }[]>(folder.path, 'pop3.sessions')
          assert.partialDeepStrictEqual(session, { user: 'ann', client: '127.0.0.1', tls: false, retrieved: 1 })
          assert.deepEqual(await asked(folder.path, 'pop3.end-session', { id: session!.id }), { ended: session!.id })
          assert.match(said(), /\+OK/)
          await assert.rejects(asked(folder.path, 'pop3.end-session', { id: session!.id }), /There is no connection/)
        },
      )
      const goodbye = await talk(served.listening['smtp']!, ['EHLO far.example\r\n'], async () => {
        const [session] = await asked<{ id: string }[]>(folder.path, 'smtp.sessions')
        await asked(folder.path, 'smtp.end-session', { id: session!.id })
      })
      assert.match(goodbye, /421 4\.3\.2 This connection was ended/)
      assert.match(cli(folder.path, ['mailbox', 'list']).stdout, /ann +yes +yes +1 /)
    } finally {
      await served.stop()
    }
  },
)

test(
  'a problem is told until it is dismissed, comes back when it changes, and is remembered when it is solved',
  { timeout: 120_000 },
  async () => {
    await using rig = await operationsRig()
    const list = (): Promise<ProblemList> => rig.run('problems.list') as Promise<ProblemList> // what it answers
    const ids = (problems: ProblemList['open']): string[] => problems.map(({ id }) => id)
    await rig.run('mailbox.add', { name: 'ann', quotaBytes: 0 })
    const { open } = await list()
    assert.deepEqual(ids(open).slice(0, 2).toSorted(), ['certificate', 'quota ann'])
    assert.ok(ids(open).includes('no-domain'))
    const after = (await rig.run('problems.dismiss', { id: 'quota ann' })) as ProblemList
    assert.deepEqual([ids(after.open).includes('quota ann'), ids(after.dismissed)], [false, ['quota ann']])
    await rig.run('domain.add', { name: 'example.org' })
    rig.later(60_000)
    assert.deepEqual(ids((await list()).solved), ['no-domain'])
    await rig.run('mailbox.set', { name: 'ann', quotaBytes: 1 })
    assert.ok(!ids((await list()).open).includes('quota ann')) // it is empty: there is room
    await rig.run('mailbox.set', { name: 'ann', quotaBytes: 0 })
    const again = await list()
    assert.ok(ids(again.open).includes('quota ann'))
    assert.deepEqual(again.dismissed, [])
    await rig.run('problems.dismiss', { id: 'quota ann' })
    assert.deepEqual(ids(((await rig.run('problems.recall', { id: 'quota ann' })) as ProblemList).dismissed), [])
  },
)

test('AC-18 a problem that is never fine cannot be dismissed', { timeout: 120_000 }, async () => {
  await using rig = await operationsRig()
  await rig.run('settings.set', { name: 'mailServer.forwarding', value: true })
  await rig.run('access.add', { pattern: '*', everyone: true })
  const { open } = (await rig.run('problems.list')) as ProblemList
  assert.equal(open.find(({ id }) => id === 'open-relay')?.severity, 'problem')
  await assert.rejects(rig.run('problems.dismiss', { id: 'open-relay' }), /must be solved/)
  await assert.rejects(rig.run('problems.dismiss', { id: 'nothing' }), /There is no problem nothing/)
})

test('SX-09 a busy port is a problem with its address, and the others listen', { timeout: 120_000 }, async () => {
  using folder = dataFolder()
  const blocker = net.createServer().listen(0, '127.0.0.1')
  await once(blocker, 'listening')
  const { port } = blocker.address() as net.AddressInfo
  const served = await start(folder.path, ['smtp'], [`pop3=127.0.0.1:${port}`])
  try {
    const status = await asked<Status>(folder.path, 'status.show')
    const problems = await asked<ProblemList>(folder.path, 'problems.list')
    assert.deepEqual(status.parts.map(({ state, says }) => [state, says.code]).slice(0, 3), [
      ['ok', 'taking-only'],
      ['ok', 'idle'],
      ['problem', 'nothing-listens'],
    ])
    const busy = problems.open.find(({ code }) => code === 'listener')
    assert.equal(busy?.values['address'], `127.0.0.1:${port}`)
    assert.equal(busy?.learn, 'faq#port-busy')
    assert.match(
      (await cliAsync(folder.path, ['status'])).stdout,
      new RegExp(`pop3 does not listen on 127.0.0.1:${port}`),
    )
  } finally {
    await served.stop()
    blocker.close()
  }
})

test('SX-08 the log is read back, filtered, and told to say less, at once', { timeout: 120_000 }, async () => {
  using folder = dataFolder()
  cli(folder.path, ['settings', 'import', '-'], world)
  const served = await start(folder.path)
  try {
    await talk(served.listening['pop3']!, ['', 'USER evil\u0007\r\n', 'PASS hunter2\r\n'])
    const { rows } = await asked<{ rows: { event: string; text: string; level: string }[] }>(
      folder.path,
      'log.recent',
      { text: 'login-failed' },
    )
    assert.equal(rows[0]?.level, 'warn')
    assert.ok(!rows[0].text.includes('\u0007') && !rows[0].text.includes('hunter2'))
    assert.deepEqual(await asked(folder.path, 'log.level', { level: 'error' }), { level: 'error' })
    await talk(served.listening['pop3']!, ['', 'USER ann\r\n', 'PASS wrong\r\n'])
    const after = await asked<{ rows: unknown[]; level: string }>(folder.path, 'log.recent', { text: 'login-failed' })
    assert.deepEqual([after.rows.length, after.level], [1, 'error'])
  } finally {
    await served.stop()
  }
  assert.match(cli(folder.path, ['log', 'show']).stderr, /No server runs/)
})
