// The log: what a reader sees of it, and what nobody does.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { linesMax, LogRing } from './log-ring.ts'
import { nodeLog } from './log.ts'

const line = { at: 1, level: 'info', event: 'x', text: '' } as const

test('the ring keeps the last lines, newest first, and pages back through them', () => {
  const ring = new LogRing()
  for (let i = 0; i < linesMax + 10; i++) ring.add({ ...line, text: `n=${i}` })
  const page = ring.recent({ limit: 2 })
  assert.deepEqual(
    page.map(({ text }) => text),
    [`n=${linesMax + 9}`, `n=${linesMax + 8}`],
  )
  assert.equal(ring.recent({ before: page.at(-1)!.n, limit: 1 })[0]?.text, `n=${linesMax + 7}`)
  assert.equal(ring.recent({ limit: 2 * linesMax }).length, linesMax)
  assert.deepEqual(ring.recent({ before: 10, limit: 5 }), [])
})

test('lines are found by level and by text', () => {
  const ring = new LogRing()
  ring.add({ ...line, event: 'pop3.login-failed', level: 'warn', text: 'client=192.0.2.7' })
  ring.add({ ...line, event: 'stopping' })
  assert.deepEqual(
    ring.recent({ level: 'warn', limit: 9 }).map(({ event }) => event),
    ['pop3.login-failed'],
  )
  for (const text of ['LOGIN', '192.0.2.7']) assert.equal(ring.recent({ text, limit: 9 }).length, 1)
})

test('SX-08, SEC-03: control characters are escaped in what is kept, long values cut, and secrets hidden', () => {
  const log = nodeLog({ level: 'info', to: 'stderr' })
  log.warn('odd', { name: 'a\r\nb\u001b[31m\u202e', long: 'x'.repeat(5000), password: 'hunter2', ok: true })
  const [kept] = log.recent({ limit: 1 })
  assert.match(kept!.text, /^name="a\\r\\nb\\u001b\[31m\\\\u202e" long=x{1024}/)
  assert.ok(kept!.text.length < 1200)
  assert.match(kept!.text, /password=hidden ok=true$/)
  assert.match(kept!.text, /^[ -~…]+$/)
})

test('a changed level takes effect at once, for the output and for what is kept', () => {
  const script = `import { nodeLog } from './src/world/node/log.ts'
    const log = nodeLog({ level: 'info', to: 'stdout' })
    log.info('one'); log.setLevel('error'); log.warn('two'); log.error('three')
    console.log(JSON.stringify([log.level(), log.recent({ limit: 9 }).map((line) => line.event)]))`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  const lines = stdout.trim().split('\n')
  assert.deepEqual(JSON.parse(lines.at(-1)!), ['error', ['three', 'one']])
  assert.equal(lines.length, 3)
})
