// Mail exchangers: the kinds of answer, null MX, hostile records, and the scripted server's own tricks.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer as Record } from 'dns-packet'
import { defaultSettings } from '#/config/settings.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { openResolver } from './open.ts'
import type { MailResolver, MxAnswer } from './resolver.ts'
import { startTestServer, zoneOf, type TestServer, type Zone } from './test-server.ts'

async function withResolver(
  zone: Zone,
  work: (resolver: MailResolver, server: TestServer) => Promise<void>,
): Promise<void> {
  await using server = await startTestServer(zone)
  const dns = { ...defaultSettings.dns, servers: [server.address], timeoutMs: 200, tries: 1 }
  const settings = { ...defaultSettings, dns }
  await work(
    openResolver({ settingsNow: () => settings, world: { clock, random: randomPool() }, systemConfig: '' }),
    server,
  )
}

const shown = (answer: MxAnswer): string =>
  answer.is === 'found'
    ? `${answer.hosts.map(({ name, preference }) => `${preference} ${name}`).join(', ')}${answer.nullMx ? 'null' : ''}`
    : answer.is

const cases: readonly [title: string, lines: readonly string[], expected: string][] = [
  ['exchangers come in order of preference', ['a MX 20 y.example', 'a MX 10 x.example'], '10 x.example, 20 y.example'],
  [
    'DNS-05 preferences 0 and 65535 are fine',
    ['a MX 65535 y.example', 'a MX 0 x.example'],
    '0 x.example, 65535 y.example',
  ],
  ['RO-04 a name without MX has no data', ['a A 192.0.2.1'], 'no-data'],
  ['RO-03 NXDOMAIN is no such name', ['a MX NXDOMAIN'], 'no-such-name'],
  ['RO-02 SERVFAIL is trouble', ['a MX SERVFAIL'], 'trouble'],
  ['RO-02 REFUSED is trouble', ['a MX REFUSED'], 'trouble'],
  ['RO-02 silence is trouble', ['a MX silent'], 'trouble'],
  ['RO-01 a cut answer is fetched by TCP', ['a MX 10 x.example', 'a MX truncated'], '10 x.example'],
  ['DNS-06 a cut answer without TCP is trouble', ['a MX 10 x.example', 'a MX truncated', 'a MX noTcp'], 'trouble'],
  ['RO-05, DNS-04 a null MX alone says that no mail is taken', ['a MX 0 .'], 'null'],
  ['RO-05 a null MX of any preference is one', ['a MX 10 .'], 'null'],
  ['RO-05, DNS-05 a null MX among others is left out', ['a MX 0 .', 'a MX 10 x.example'], '10 x.example'],
  ['RO-07, DNS-03 an IP address is no exchanger', ['a MX 10 192.0.2.1', 'a MX 20 x.example'], '20 x.example'],
  [
    'DNS-03 names that are none are left out',
    ['a MX 10 *', 'a MX 10 b<c>.example', 'a MX 20 X.example'],
    '20 x.example',
  ],
  ['DNS-06 an MX of which nothing can be used is found and empty', ['a MX 10 192.0.2.1'], ''],
  ['an alias is followed', ['a CNAME b', 'a MX 10 z.example'], '10 z.example'],
]

test('DNS-06 the answers about mail exchangers', async (t) => {
  for (const [title, lines, expected] of cases)
    await t.test(title, async () => {
      const zone = zoneOf(...lines.map((line) => line.replace(/^a /, 'a.example ').replace(/ b$/, ' b.example')))
      if (lines[0]!.includes('CNAME')) follow(zone)
      await withResolver(zone, async (resolver) => assert.equal(shown(await resolver.mx('A.example')), expected))
    })
})

/** The answer to a question about an alias holds the records of its target. */
function follow(zone: Zone): void {
  const script = zone.get('MX a.example')
  const answers = (script?.answers ?? []).map((record): Record =>
    record.type === 'MX' ? { ...record, name: 'b.example' } : record,
  )
  zone.set('MX a.example', { ...script, answers })
}

test('DNS-05, DNS-08 of thousands of exchangers the hundred best are kept', async () => {
  const lines = Array.from({ length: 900 }, (_, i) => `a.example MX ${900 - i} m${900 - i}.example`)
  await withResolver(zoneOf(...lines, 'a.example MX truncated'), async (resolver) => {
    const answer = await resolver.mx('a.example')
    assert.ok(answer.is === 'found')
    assert.deepEqual(
      [answer.hosts.length, answer.hosts[0]?.name, answer.hosts[99]?.name],
      [100, 'm1.example', 'm100.example'],
    )
  })
})

test('DNS-13 exchangers are remembered, and kept apart from addresses of the same name', async () => {
  await withResolver(zoneOf('a.example MX 10 x.example', 'a.example A 192.0.2.1'), async (resolver, server) => {
    for (const _ of [1, 2]) {
      assert.equal(shown(await resolver.mx('a.example')), '10 x.example')
      const answer = await resolver.addresses('a.example', 4)
      assert.deepEqual(answer.is === 'found' && answer.records, ['192.0.2.1'])
    }
    assert.deepEqual(server.asked, ['MX a.example', 'A a.example'])
  })
})

test('a text that is no name is not asked for', async () => {
  await withResolver(zoneOf(), async (resolver, server) => {
    assert.equal((await resolver.mx('a b')).is, 'no-such-name')
    assert.deepEqual(server.asked, [])
  })
})
