// settings import and export: a whole world in one file, checked whole before anything is written.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { operationsRig, type Operations } from './operations-rig.ts'

const load = (rig: Operations, text: string): Promise<unknown> => rig.run('settings.import', { text })
const save = async (rig: Operations, hashes = false): Promise<string> =>
  ((await rig.run('settings.export', { hashes, secrets: hashes })) as { text: string }).text // its shape

const world = `
[settings.mailServer]
recipientsMax = 200
[[domain]]
name = "example.org"
target = "ann"
[[mailbox]]
name = "ann"
password = "secret"
pop3 = true
quotaBytes = 1000
[[address]]
address = "fair@example.org"
targets = ["ann"]
note = "until the fair"
expiresAt = 2030-01-02T03:04:05Z
[[access]]
pattern = "192.168.*"
note = "printers"
expiresAt = 2031-01-02T03:04:05Z
[[access]]
pattern = "*"
confirmed = true
[[alternate]]
name = "smart"
hosts = ["smart.example:587", "[192.0.2.5]:587"]
user = "ann"
password = "hush"
[[alternate]]
name = "token"
hosts = ["token.example"]
user = "ann@example.org"
tokenEndpoint = "https://token.example/token"
clientId = "id"
refreshToken = "refresh-hush"
[[route]]
recipient = "Far.example"
routes = ["mx", "alternate:smart"]
[[route]]
sender = "ann@example.org"
client = "access rule 3"
routes = ["alternate:token"]
`

test('an import tells what it added, changed and left; a second one changes nothing', async () => {
  await using rig = await operationsRig()
  const all = (fate: string, number: number): object => ({ added: 0, changed: 0, unchanged: 0, [fate]: number })
  const tallies = (fate: string): object => ({
    settings: all(fate, 1),
    mailboxes: all(fate, 1),
    domains: all(fate, 1),
    addresses: all(fate, 1),
    access: all(fate, 2),
    alternates: all(fate, 2),
    routes: all(fate, 2),
    collect: all(fate, 0),
  })
  assert.deepEqual(await load(rig, world), tallies('added'))
  assert.deepEqual(await load(rig, world), tallies('unchanged'))
  assert.deepEqual(await load(rig, await save(rig, true)), tallies('unchanged'))
})

test('an exported world is the same world when it is imported elsewhere, expiry times and passwords included', async () => {
  await using here = await operationsRig()
  await using there = await operationsRig()
  await load(here, world)
  const text = await save(here, true)
  assert.match(text, /expiresAt = 2030-01-02T03:04:05.000Z/)
  assert.match(text, /argon2 = "\$argon2id\$/)
  assert.match(text, /pattern = "\*"\n(.+\n)*?confirmed = true/)
  await load(there, text)
  assert.equal(await save(there, true), text)
  assert.match(text, /password = "hush"/)
  assert.doesNotMatch(await save(here), /argon2|scram|hush/)
})

test('AD-15: what becomes of the rest of a domain is kept in a file', async () => {
  await using here = await operationsRig()
  await using there = await operationsRig()
  await load(
    here,
    ['discard', 'Me@Elsewhere.example', 'team@a.example', 'reject']
      .map((target, i) => `[[domain]]\nname = "${'abcd'[i]}.example"\ntarget = "${target}"\n`)
      .concat('[[address]]\naddress = "team@a.example"\ntargets = ["x@elsewhere.example"]\n')
      .join(''),
  )
  const text = await save(here)
  assert.match(text, /target = "discard"[^]*target = "Me@elsewhere.example"[^]*target = "team@a.example"/)
  await load(there, text)
  assert.equal(await save(there), text)
})

test('PS-19: app passwords move with the hashes, and a second import changes nothing', async () => {
  await using here = await operationsRig()
  await using there = await operationsRig()
  await load(here, world)
  for (const label of ['phone', 'tablet']) await here.run('app-password.add', { name: 'ann', label })
  const text = await save(here, true)
  assert.match(text, /\[\[mailbox\.appPassword\]\]\nlabel = "phone"/)
  assert.doesNotMatch(await save(here), /appPassword/)
  const fate = async (): Promise<unknown> => ((await load(there, text)) as { mailboxes: object }).mailboxes
  assert.deepEqual(await fate(), { added: 1, changed: 0, unchanged: 0 })
  assert.deepEqual(await fate(), { added: 0, changed: 0, unchanged: 1 })
  assert.equal(await save(there, true), text)
  await there.run('app-password.remove', { name: 'ann', label: 'phone' })
  assert.deepEqual(await fate(), { added: 0, changed: 1, unchanged: 0 })
})

test('what a file leaves out of a mailbox, an address or an access entry stays as it is', async () => {
  await using rig = await operationsRig()
  await load(rig, world)
  const before = await save(rig, true)
  await load(
    rig,
    '[[mailbox]]\nname = "ANN"\n[[domain]]\nname = "Example.org."\n[[address]]\naddress = "FAIR@example.org"\ntargets = ["ann"]\n[[access]]\npattern = "192.168.*"\n',
  )
  assert.equal(await save(rig, true), before)
})

test('AC-17: an access entry whose pattern is known is changed in its place and keeps its number', async () => {
  await using rig = await operationsRig()
  await load(rig, world)
  const ids = async (): Promise<unknown> => ((await rig.run('access.list')) as { id: number }[]).map(({ id }) => id)
  const before = await ids()
  const said = (await load(rig, '[[access]]\npattern = "192.168.*"\naction = "deny"\n')) as { access: object }
  assert.deepEqual(said.access, { added: 0, changed: 1, unchanged: 0 })
  assert.deepEqual(await ids(), before)
  const rows = (await rig.run('access.list')) as { pattern: string; action: string; note: string }[]
  assert.deepEqual(
    rows.map(({ pattern, action, note }) => [pattern, action, note]),
    [
      ['192.168.*', 'deny', 'printers'],
      ['*', 'allow', ''],
    ],
  )
})

const wrong: { what: string; text: string; named: RegExp }[] = [
  { what: 'no TOML', text: 'a = 1\nb = = 2\n', named: /line 2, column 5/ },
  { what: 'an unknown key', text: '[[mailbox]]\nname = "x"\npop = true\n', named: /mailbox\[1\].*"pop"/ },
  {
    what: 'a value of another kind',
    text: '[[mailbox]]\nname = "x"\nquotaBytes = "2G"\n',
    named: /mailbox\[1\]\.quotaBytes/,
  },
  { what: 'an unknown setting', text: '[settings.mailServer]\nnope = 1\n', named: /mailServer.*nope/ },
  { what: 'a mailbox name', text: '[[mailbox]]\nname = "a@b"\n', named: /mailbox\[1\]/ },
  { what: 'an empty password', text: '[[mailbox]]\nname = "x"\npassword = ""\n', named: /mailbox\[1\]: x: An empty/ },
  {
    what: 'a mailbox twice',
    text: '[[mailbox]]\nname = "x"\n[[mailbox]]\nname = "X"\n',
    named: /mailbox\[2\]: x stands here twice/,
  },
  {
    what: 'a catch that is not there',
    text: '[[domain]]\nname = "example.org"\ntarget = "nobody"\n',
    named: /domain\[1\].*nobody/,
  },
  {
    what: 'a target that is not there',
    text: '[[address]]\naddress = "a@example.org"\ntargets = ["nobody"]\n',
    named: /address\[1\].*nobody/,
  },
  {
    what: 'AD-10: a circle',
    text: '[[address]]\naddress = "a@example.org"\ntargets = ["b@example.org"]\n[[address]]\naddress = "b@example.org"\ntargets = ["a@example.org"]\n',
    named: /circle: a@example.org -> b@example.org -> a@example.org/,
  },
  {
    what: 'an alternate server that is none',
    text: '[[alternate]]\nname = "x"\nhosts = ["a b"]\n',
    named: /alternate\[1\]: hosts\.0/,
  },
  {
    what: 'a route to a server that is not there',
    text: '[[route]]\nrecipient = "far.example"\nroutes = ["alternate:gone"]\n',
    named: /route\[1\].*gone/,
  },
  {
    what: 'AC-02: everyone, not confirmed',
    text: '[[access]]\npattern = "0.0.0.0/0"\n',
    named: /access\[1\].*confirmed = true/,
  },
]

for (const { what, text, named } of wrong)
  test(`a file with a mistake changes nothing and the mistake is named: ${what}`, async () => {
    await using rig = await operationsRig()
    const good = /^[a-z] =/.test(text) ? '' : '[[mailbox]]\nname = "good"\n'
    const before = await save(rig, true)
    await assert.rejects(load(rig, text.startsWith('[[mailbox]]') ? text : text + good), named)
    assert.equal(await save(rig, true), before)
    assert.deepEqual(await rig.run('settings.history'), [])
  })

test('1,000 mailboxes are imported with the directory read once, in seconds', async () => {
  await using rig = await operationsRig()
  const text = Array.from({ length: 1000 }, (_, i) => `[[mailbox]]\nname = "m${i}"\npop3 = true\n`).join('')
  const startedAt = performance.now()
  const said = (await load(rig, text)) as { mailboxes: { added: number } }
  assert.equal(said.mailboxes.added, 1000)
  assert.equal(rig.reloads(), 1)
  assert.ok(performance.now() - startedAt < 15_000)
  const names = ((await rig.run('mailbox.list')) as { rows: { name: string }[] }).rows.map(({ name }) => name)
  assert.deepEqual(names.slice(0, 3), ['m0', 'm1', 'm10'])
})

test('a setting that counts from the next start says so when it is changed', async () => {
  await using rig = await operationsRig()
  const set = async (name: string, value: unknown): Promise<string> =>
    ((await rig.run('settings.set', { name, value })) as { about: string }).about // a line of settings show
  assert.match(await set('server.hostname', 'mx.example.org'), /Counts from the next start\./)
  assert.match(await set('console.plainHttp', true), /Counts from the next start\./)
  assert.doesNotMatch(await set('mailServer.recipientsMax', 200), /next start/)
})
