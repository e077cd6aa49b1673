// One folder, and several who want it at the same moment: commands on a stopped server, and a server that starts. QUE-11
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { inTurn } from '#/operations/folder-turn.ts'
import { lockFolder } from '#/storage/sqlite/lock.ts'
import { FolderInUse } from '#/storage/store.ts'
import { cliAsync, dataFolder, start } from './serve.ts'

/** Somebody has the folder for so long. */
async function holds(folder: string, ms: number): Promise<void> {
  using _lock = lockFolder(folder)
  await sleep(ms)
}

test('a server that starts while a command has the folder waits for its turn', async () => {
  using folder = dataFolder()
  const held = holds(folder.path, 1500)
  const served = await start(folder.path, ['smtp'])
  await served.stop()
  await held
})

test('a command waits for the one before it, and for a server that is just starting', async () => {
  using folder = dataFolder()
  const held = holds(folder.path, 1500)
  const { status, stderr } = await cliAsync(folder.path, ['queue', 'list'])
  assert.deepEqual([status, stderr], [0, ''])
  await held
  const starting = start(folder.path, ['smtp'])
  const many = await Promise.all([1, 2, 3, 4].map(() => cliAsync(folder.path, ['queue', 'list', '--json'])))
  const served = await starting
  assert.deepEqual(
    many.map(({ status: code, stdout }) => [code, stdout.trim()]),
    many.map(() => [0, '[]']),
  )
  await served.stop()
})

test('a server is not waited for', async () => {
  using folder = dataFolder()
  const served = await start(folder.path, ['smtp'])
  const begun = Date.now()
  const second = await cliAsync(folder.path, ['serve'])
  assert.equal(second.status, 1)
  assert.match(second.stderr, /Another NetCruiser Mail runs/)
  assert.ok(Date.now() - begun < 5000)
  await served.stop()
})

test('IN-23: a server that starts while the one before ends what it has begun waits for it, and says so', async () => {
  using folder = dataFolder()
  const old = await start(folder.path, ['smtp'])
  const [address, port] = old.listening['smtp']!.split(':')
  const socket = net.connect(Number(port), address)
  await cliAsync(folder.path, ['mailbox', 'add', 'ann'])
  const said = await talk(socket, ['EHLO x', 'MAIL FROM:<a@far.example>', 'RCPT TO:<postmaster>', 'DATA'])
  assert.match(said, /\n354 /)
  socket.write('Subject: begun\r\n\r\n')
  const ended = old.stop()
  const begun = Date.now()
  const next = spawn('./netcruiser', ['serve', '--data', folder.path, '--listen', 'smtp=127.0.0.1:0'])
  let words = ''
  for (const stream of [next.stdout, next.stderr]) stream.on('data', (chunk) => (words += String(chunk)))
  while (!words.includes('ends what it has begun') && Date.now() - begun < 20_000) await sleep(50)
  assert.match(words, /The server before ends what it has begun/)
  assert.equal(next.exitCode, null)
  assert.equal(words.split('ends what it has begun').length, 2, 'it is said once')
  const last = talk(socket, ['.'])
  assert.match(await last, /\n250 2\.0\.0 Stored as/)
  await ended
  while (!/127\.0\.0\.1:\d+/.test(words) && next.exitCode === null && Date.now() - begun < 20_000) await sleep(50)
  assert.match(words, /127\.0\.0\.1:\d+/)
  const stopped = once(next, 'exit')
  next.kill()
  assert.deepEqual(await stopped, [0, null])
})

test('IN-23: one that does not come to its end is waited for some fifteen seconds, and then the start is refused in words', async () => {
  let waitedMs = 0
  const wait = async (ms: number): Promise<void> => void (waitedMs += ms)
  const open = (): Promise<never> => Promise.reject(new FolderInUse('data'))
  const yes = async (): Promise<boolean> => true
  await assert.rejects(
    inTurn(open, { wait, isServed: yes, isEnding: yes }),
    /still ends what it has begun: start again/,
  )
  assert.equal(waitedMs, 5000) // and each try waits for 200 ms at the lock
  await assert.rejects(inTurn(open, { wait, isServed: yes, isEnding: async () => false }), /Another NetCruiser Mail/)
  assert.equal(waitedMs, 5000)
})

/** What the server says to these lines, until it says no more for a moment. */
async function talk(socket: net.Socket, lines: readonly string[]): Promise<string> {
  let said = '\n'
  const hear = (chunk: Buffer): void => void (said += chunk.toString('latin1'))
  socket.on('data', hear)
  for (const line of lines) {
    socket.write(`${line}\r\n`)
    await Promise.race([once(socket, 'data'), sleep(5000, null, { ref: false })])
  }
  await sleep(100)
  socket.off('data', hear)
  return said
}
