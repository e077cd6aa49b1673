// Mail collected from real servers: Dovecot, and our own POP3 Server.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RemoteAccount } from '#/config/remote-accounts.ts'
import { CollectRig, ended } from './collect-rig.ts'
import { dovecot, noDovecot, type Dovecot } from './dovecot.ts'
import { cli, dataFolder, start } from './serve.ts'

const message = (n: number, body = `.dots\r\n..and more\r\n.\r\nnumber ${n}\r\n`): string =>
  `Return-Path: <x@y.example>\r\nReceived: by far; Thu, 26 Nov 2020 10:00:00 +0100\r\nMessage-ID: <${n}@y>\r\nSubject: n\xfcmber ${n}\r\n\r\n${body}`
const messages = (count: number): string[] => Array.from({ length: count }, (_, n) => message(n))

const how = ({ ca, pop3, pop3s }: Dovecot): Record<'TLS' | 'STLS' | 'nothing', Partial<RemoteAccount>> => ({
  TLS: { tls: 'implicit', port: pop3s, ca },
  STLS: { tls: 'required', port: pop3, ca },
  nothing: { tls: 'none', port: pop3, plainAuthAllowed: true },
})

for (const protection of ['TLS', 'STLS', 'nothing'] as const)
  test(
    `PC-01, PC-13 Dovecot over ${protection}: every octet comes, and nothing stays there`,
    { skip: noDovecot },
    async () => {
      await using peer = await dovecot()
      await using rig = await CollectRig.open()
      const sent = [...messages(30), message(99, `${'\xff'.repeat(70)}\r\n`.repeat(40_000)), 'no header at all\r\n']
      peer.put(sent)
      const change = { ...how(peer)[protection], host: 'pop.peer.example', plainAuthAllowed: protection === 'nothing' }
      const id = await rig.account({ port: peer.pop3 }, change)
      const report = await rig.collector.run(id)
      assert.deepEqual([report.words, report.fetched, report.removed, report.left], ['', 32, 32, 0], peer.log())
      assert.deepEqual((await rig.mail()).toSorted(), sent.map(ended).toSorted())
      assert.deepEqual(peer.messages(), [])
    },
  )

test(
  'PC-07, PC-28 Dovecot: what is left there comes once, however often it is looked at',
  { skip: noDovecot },
  async () => {
    await using peer = await dovecot()
    await using rig = await CollectRig.open()
    const id = await rig.account({ port: peer.pop3 }, { leave: true })
    peer.put(messages(5))
    assert.equal((await rig.collector.run(id)).fetched, 5)
    peer.put([message(77)])
    const again = await rig.collector.run(id)
    assert.deepEqual([again.fetched, again.left, peer.messages().length], [1, 6, 6])
    assert.equal((await rig.mail()).length, 6)
  },
)

test(
  'PC-32 to PC-34 Dovecot: a large message is seen, and deleted without being fetched',
  { skip: noDovecot },
  async () => {
    await using peer = await dovecot()
    await using rig = await CollectRig.open()
    const id = await rig.account({ port: peer.pop3 }, { leave: true })
    peer.put([message(1), message(2, `${'x'.repeat(998)}\r\n`.repeat(5000))])
    const { items, previews } = await rig.collector.browse(id, { before: null, limit: 10 })
    assert.equal(previews, true)
    const large = items.find(({ sizeBytes }) => sizeBytes > 1_000_000)!
    assert.deepEqual([large.subject, large.here, large.state], ['n\xfcmber 2', false, 'new'])
    const [report] = await rig.collector.act(id, [large.uid], 'delete')
    assert.equal(report!.is, 'deleted')
    assert.equal(peer.messages().length, 1)
    assert.deepEqual(await rig.mail(), [])
  },
)

const own = `
[[mailbox]]
name = "old"
password = "secret"
pop3 = true
[[mailbox]]
name = "ann"
password = "other"
pop3 = true
[[domain]]
name = "example.org"
`

test('LP-06, PC-13 our own POP3 Server on another machine is collected from, and never from its own mailbox', async () => {
  using folder = dataFolder()
  assert.equal(cli(folder.path, ['settings', 'import', '-'], own).status, 0)
  const server = await start(folder.path)
  try {
    const port = Number(server.listening['pop3']!.split(':').at(-1))
    for (const n of [1, 2, 3]) {
      const text = `From: x@y.example\r\nMessage-ID: <${n}@y>\r\n\r\nbody ${n}\r\n`
      assert.equal(
        cli(folder.path, ['send', 'raw', '-', '--from', 'x@y.example', '--to', 'old@example.org'], text).status,
        0,
      )
    }
    const add = (name: string, user: string, password: string): string[] => {
      const args = [
        'collect',
        'add',
        name,
        '--into',
        'ann',
        '--host',
        '127.0.0.1',
        '--port',
        String(port),
        '--tls',
        'none',
        '--plain-login',
        '--private',
        '--user',
        user,
        '--password-stdin',
        '--no-leave',
        '--first',
        'everything',
      ]
      const { stdout, stderr } = cli(folder.path, args, `${password}\n`)
      return [stdout, stderr]
    }
    add('fold', 'old', 'secret')
    assert.equal(cli(folder.path, ['collect', 'run', 'fold']).status, 0) // it may have begun by itself before
    const { stdout } = cli(folder.path, ['collect', 'log', 'fold', '--json'])
    const runs = JSON.parse(stdout) as { fetched: number; removed: number }[]
    const sum = (of: 'fetched' | 'removed'): number => runs.reduce((total, run) => total + run[of], 0)
    assert.deepEqual([sum('fetched'), sum('removed')], [3, 3])
    assert.match(add('myself', 'ann', 'other')[1]!, /own mailbox|very mailbox|itself/)
  } finally {
    await server.stop()
  }
})
