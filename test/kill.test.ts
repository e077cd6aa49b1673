// SIGKILL under load, again and again: every message that got its 250 is there exactly once afterwards.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cli, dataFolder, start, world } from './serve.ts'

const kills = Number(process.env['KILLS'] ?? 10)

/** Sends until the server dies; prints the number of each message that got its 250. Another process: its ledger survives. */
const sender = `
import smtplib, sys, threading
host, port = sys.argv[1].split(':'); base = sys.argv[2]
lock = threading.Lock()
def work(t):
    i = 0
    try:
        s = smtplib.SMTP(host, int(port), timeout=10)
        while True:
            name = '%s-%d-%d' % (base, t, i); i += 1
            s.sendmail('bob@b.example', ['ann@example.org'], 'Subject: %s\\r\\n\\r\\nx\\r\\n' % name)
            with lock: print(name, flush=True)
    except Exception: pass
ts = [threading.Thread(target=work, args=(t,)) for t in range(10)]
[t.start() for t in ts]; [t.join() for t in ts]
`
const reader = `
import poplib, sys
host, port = sys.argv[1].split(':')
p = poplib.POP3(host, int(port)); p.user('ann'); p.pass_('secret')
for i in range(p.stat()[0]):
    for l in p.top(i + 1, 0)[1]:
        if l.startswith(b'Subject: '): print(l[9:].decode())
p.quit()
`

async function output(script: string, args: readonly string[]): Promise<string[]> {
  const child = spawn('python3', ['-c', script, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more))
  await once(child, 'close')
  return text.split('\n').filter((line) => line !== '')
}

test(
  `IN-01, QUE-01: ${kills} kills under ten clients: nothing lost, nothing doubled`,
  { timeout: kills * 15_000 },
  async () => {
    using folder = dataFolder()
    assert.equal(cli(folder.path, ['settings', 'import', '-'], world).status, 0)
    const acknowledged: string[] = []
    for (let round = 0; round < kills; round++) {
      const server = await start(folder.path)
      const sending = output(sender, [server.listening['smtp']!, String(round)])
      await new Promise((go) => setTimeout(go, 250 + ((round * 97) % 350)))
      await server.stop('SIGKILL')
      acknowledged.push(...(await sending))
    }
    assert.match(cli(folder.path, ['verify']).stdout, /all is well/)
    const server = await start(folder.path)
    const stored = await output(reader, [server.listening['pop3']!])
    await server.stop()
    const there = new Set(stored)
    assert.ok(acknowledged.length > kills, `only ${acknowledged.length} were acknowledged`)
    assert.deepEqual(
      acknowledged.filter((name) => !there.has(name)),
      [],
      'lost',
    )
    assert.equal(stored.length, there.size, 'doubled')
    console.log(`${kills} kills, ${acknowledged.length} acknowledged, ${stored.length} stored, 0 lost, 0 doubled`)
  },
)
