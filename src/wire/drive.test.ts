// The driver on real connections of the loopback: order, groups, time-outs, slow readers, bodies, early talkers.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { test, type TestContext } from 'node:test'
import { clock } from '#/world/node/clock.ts'
import { nodeNet } from '#/world/node/net.ts'
import { DotReader } from './dots.ts'
import { drive, type DriveIo } from './drive.ts'
import type { Line, Session, WireEffect } from './session.ts'

type Own = { readonly do: 'own'; readonly run: (io: DriveIo) => unknown }
type Effect = WireEffect | Own
type Talk = () => Session<Effect>
type Peer = { readonly socket: net.Socket; readonly over: Promise<unknown>; text(): string; ended: Promise<unknown> }

/** A client connected to a server that runs `talk`; `over` holds what the driver ended with. */
async function connected(t: TestContext, talk: Talk): Promise<Peer> {
  const world = nodeNet(clock)
  let finish: (value: unknown) => void = () => undefined
  const over = new Promise((resolve) => (finish = resolve))
  const listener = await world.listen({ address: '127.0.0.1', port: 0 }, (connection) => {
    const perform = (effect: Own, io: DriveIo): unknown => effect.run(io)
    drive<Effect>(connection, talk(), { clock, perform }).then(finish, finish)
  })
  const socket = net.connect(listener.port, '127.0.0.1')
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1'))).on('error', () => undefined)
  t.after(async () => {
    socket.destroy()
    await listener.close()
    world[Symbol.dispose]()
  })
  await once(socket, 'connect')
  return { socket, over, text: () => text, ended: once(socket, 'close') }
}

const readLine = { do: 'readLine', timeoutMs: 5000, lineBytesMax: 512 } as const
const write = (text: string): Effect => ({ do: 'write', text })

test('RFC 2920: the replies of a pipelined group come in order, in one segment', async (t) => {
  let segments = 0
  const peer = await connected(t, function* () {
    for (let i = 0; i < 100; i++) yield write(`${((yield readLine) as Line & { is: 'line' }).text}!\r\n`)
  })
  peer.socket.on('data', () => segments++)
  peer.socket.write(Array.from({ length: 100 }, (_, i) => `${i}\r\n`).join(''))
  await peer.ended
  assert.equal(peer.text(), Array.from({ length: 100 }, (_, i) => `${i}!\r\n`).join(''))
  assert.equal(segments, 1)
})

test('a line that comes in single octets is one line; a peer that goes is told as closed', async (t) => {
  const seen: Line[] = []
  const peer = await connected(t, function* () {
    for (let line = (yield readLine) as Line; ; line = (yield readLine) as Line) {
      seen.push(line)
      if (line.is === 'closed') return
    }
  })
  for (const octet of 'NOOP\r\nQUI') {
    peer.socket.write(octet)
    await new Promise(setImmediate)
  }
  peer.socket.end()
  await peer.over
  assert.deepEqual(seen, [{ is: 'line', text: 'NOOP' }, { is: 'closed' }])
})

test('a silent peer times out and still gets the last words', async (t) => {
  const peer = await connected(t, function* () {
    const line = (yield { ...readLine, timeoutMs: 100 }) as Line
    yield write(`${line.is}\r\n`)
    yield { do: 'close' }
  })
  await peer.ended
  assert.equal(peer.text(), 'timeout\r\n')
})

test('RES-05: a peer that asks and never reads is cut off in its time', async (t) => {
  const peer = await connected(t, function* () {
    for (;;) {
      const line = (yield { ...readLine, timeoutMs: 300 }) as Line
      if (line.is !== 'line') return
      yield write('x'.repeat(30_000))
    }
  })
  peer.socket.pause()
  peer.socket.write('NOOP\r\n'.repeat(10_000)) // answers of 300 MB
  assert.equal(await Promise.race([peer.over, late(8000)]), undefined)
})

test('RES-05: a peer that never reads a stream is cut off in its time', async (t) => {
  const peer = await connected(t, function* () {
    yield { ...readLine, timeoutMs: 300 }
    yield { do: 'stream', chunks: endless() }
  })
  peer.socket.pause()
  peer.socket.write('RETR 1\r\n')
  const told = await Promise.race([peer.over, late(8000)])
  assert.notEqual(told, 'too late')
})

for (const leave of ['destroy', 'end'] as const)
  test(`RES-05: the source of a stream is not read on when its peer has gone (${leave})`, async (t) => {
    const ended = new Promise<void>((resolve) => {
      void connected(t, function* () {
        yield readLine
        yield { do: 'stream', chunks: endless(resolve) }
      }).then(({ socket }) => {
        socket.once('data', () => socket[leave]())
        socket.write('RETR 1\r\n')
      })
    })
    assert.equal(await Promise.race([ended, late(3000)]), undefined)
  })

async function* endless(onEnd: () => void = () => undefined): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      await new Promise(setImmediate)
      yield Buffer.alloc(65_536)
    }
  } finally {
    onEnd()
  }
}
const late = (ms: number): Promise<string> => clock.sleep(ms).then(() => 'too late')

test('streams of both kinds arrive whole and in their place', async (t) => {
  const chunks = [Buffer.from('b'), Buffer.alloc(300_000, 99)]
  async function* slowly(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield await Promise.resolve(chunk)
  }
  const peer = await connected(t, function* () {
    yield write('a')
    yield { do: 'stream', chunks }
    yield { do: 'stream', chunks: slowly() }
    yield write('z')
  })
  await peer.ended
  const once = `b${'c'.repeat(300_000)}`
  assert.equal(peer.text(), `a${once}${once}z`)
})

test('an early talker is seen, a patient one is not; a pause lets the replies out first', async (t) => {
  const seen: unknown[] = []
  const peer = await connected(t, function* () {
    seen.push(yield { do: 'talksEarly', waitMs: 0 })
    seen.push(yield { do: 'talksEarly', waitMs: 20 })
    yield write('now\r\n')
    yield { do: 'pause', ms: 20 }
    seen.push(yield { do: 'talksEarly', waitMs: 1000 })
    seen.push(yield { do: 'talksEarly', waitMs: 0 })
  })
  peer.socket.once('data', () => peer.socket.write('EHLO x\r\n'))
  await peer.over
  assert.deepEqual(seen, [false, false, true, true])
})

test('a body goes to its reader, and what follows it is the next line', async (t) => {
  const parts: string[] = []
  const seen: unknown[] = []
  const limits = { idleMs: 5000, rateMin: 0 }
  const receive: Own = {
    do: 'own',
    run: (io) =>
      io.receiveBody(
        new DotReader(),
        async (part) => {
          await Promise.resolve()
          parts.push(Buffer.from(part).toString('latin1'))
        },
        limits,
      ),
  }
  const peer = await connected(t, function* () {
    yield readLine
    seen.push(yield receive, yield readLine, yield receive)
  })
  peer.socket.write('DATA\r\none\r\n..two\r\n.\r\nQUIT\r\nhalf')
  await new Promise((go) => setTimeout(go, 50))
  peer.socket.end()
  await peer.over
  assert.equal(parts.join(''), 'one\r\n.two\r\nhalf')
  assert.deepEqual(seen, ['done', { is: 'line', text: 'QUIT' }, 'closed'])
})

test('a body that stops coming times out', async (t) => {
  let told: unknown
  const peer = await connected(t, function* () {
    told = yield {
      do: 'own',
      run: (io) => io.receiveBody(new DotReader(), () => undefined, { idleMs: 100, rateMin: 0 }),
    }
  })
  peer.socket.write('half')
  await peer.over
  assert.equal(told, 'timeout')
})

test('what an effect throws is thrown into the session; what the session throws ends the connection', async (t) => {
  const peer = await connected(t, function* () {
    try {
      yield { do: 'own', run: () => Promise.reject(new Error('disk')) }
    } catch (error) {
      throw new Error('ours', { cause: error })
    }
  })
  const error = (await peer.over) as Error
  assert.equal(error.message, 'ours')
  assert.equal((error.cause as Error).message, 'disk')
  await peer.ended
})
