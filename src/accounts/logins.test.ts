// Who may log in, how long it takes, and what guessing costs: the real judge over a real store.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clock, randomPool } from '#/world/node/clock.ts'
import { newAppPassword } from './app-passwords.ts'
import { HashGate } from './hash-gate.ts'
import { openLogins, type OpenLogins } from './logins.ts'
import { hashPassword, setPassword } from './passwords.ts'
import { accountsRig, testWorld, type Rig, type Tables } from './test-rig.ts'
import type { Logins } from './types.ts'

const tables: Tables = {
  mailboxes: {
    ann: { pop3: true },
    bob: { pop3: false },
    cat: { pop3: true, disabled: 'no-login' },
    dan: { pop3: true }, // has no password
  },
  domains: [['example.org', 'by-name']],
  addresses: { 'info@example.org': 'ann' },
}
type Logged = Rig & { readonly logins: OpenLogins }

async function loginsRig(limits: Tables['logins'] = {}): Promise<Logged> {
  const rig = await accountsRig({ ...tables, logins: limits })
  for (const { id, name } of await rig.store.mailboxes())
    if (name !== 'dan') await setPassword(rig.store, testWorld.random, { id, password: 'secret' })
  await rig.directory.reload()
  const { store, directory, settingsNow } = rig
  return Object.assign(rig, { logins: await openLogins({ directory, store, settingsNow, world: testWorld }) })
}

type Asked = Parameters<Logins['check']>[0]
const asked = (name: string, password: string, more: Partial<Asked> = {}): Asked => ({
  name,
  password,
  client: '192.0.2.1',
  service: 'pop3',
  ...more,
})
const said = async (logins: Logins, request: Asked): Promise<string> => {
  const result = await logins.check(request)
  return result.ok ? result.mailbox.name : result.why
}

const table: readonly (readonly [
  title: string,
  name: string,
  password: string,
  service: Asked['service'],
  said: string,
])[] = [
  ['PS-15: a name', 'ann', 'secret', 'pop3', 'ann'],
  ['PS-15, AUT-15: in any case', 'ANN', 'secret', 'pop3', 'ann'],
  ['PS-15: an address', 'info@example.org', 'secret', 'pop3', 'ann'],
  ['PS-15: with detail', 'ann+lists@example.org', 'secret', 'smtp', 'ann'],
  ['AUT-15: a look-alike is nobody', '\uff41nn', 'secret', 'pop3', 'unknown'],
  ['a wrong password', 'ann', 'Secret', 'pop3', 'wrong'],
  ['PS-01: POP3 is off until it is switched on', 'bob', 'secret', 'pop3', 'pop3-off'],
  ['PS-01: SMTP is another switch', 'bob', 'secret', 'smtp', 'bob'],
  ['AD-12: mail but no login', 'cat', 'secret', 'pop3', 'disabled'],
  ['PS-01, AUT-13: no password yet', 'dan', '', 'pop3', 'wrong'],
  ['AUT-13: the empty password', 'ann', '', 'pop3', 'wrong'],
  ['AUT-13: nobody without a name', '', '', 'smtp', 'unknown'],
  ['AUT-13: no account comes with the program', 'admin', 'admin', 'smtp', 'unknown'],
]

test('PS-01, PS-15, AUT-13, AUT-15: who may log in', async (t) => {
  await using rig = await loginsRig({ failuresFree: 100, banAfter: 1000 })
  for (const [title, name, password, service, expected] of table)
    await t.test(title, async () => {
      assert.equal(await said(rig.logins, asked(name, password, { service })), expected)
    })
})

test('AUT-07: a client that guesses is slowed down, then refused with the right password too; others are not', async () => {
  await using rig = await loginsRig({ failuresFree: 2, delayMs: 1, delayMaxMs: 4, banAfter: 5 })
  for (let i = 0; i < 5; i++) await said(rig.logins, asked(`user${i}`, 'x', { client: `2001:db8::${i}` }))
  assert.equal(await said(rig.logins, asked('ann', 'secret', { client: '2001:db8::99' })), 'throttled')
  assert.equal(rig.logins.delayFor('2001:db8::7'), 'refuse')
  assert.equal(await said(rig.logins, asked('ann', 'secret')), 'ann')
  assert.deepEqual(
    rig.logins.bans().map(({ client }) => client),
    ['2001:db8:0:0'],
  )
  assert.equal(rig.logins.unban('2001:db8::1'), true)
  assert.equal(await said(rig.logins, asked('ann', 'secret', { client: '2001:db8::99' })), 'ann')
})

test('AUT-07, AUT-08: many clients that guess one mailbox slow its login down and never lock it', async () => {
  await using rig = await loginsRig({ failuresFree: 2, delayMs: 200, delayMaxMs: 200, banAfter: 5 })
  for (let i = 0; i < 2; i++) await said(rig.logins, asked('ann', 'x', { client: `198.51.100.${i}` }))
  for (let i = 0; i < 2; i++) await said(rig.logins, asked('nobody', 'x', { client: `198.51.100.${i}` }))
  const took = async (request: Asked, expected: string): Promise<number> => {
    const began = performance.now()
    assert.equal(await said(rig.logins, request), expected)
    return performance.now() - began
  }
  assert.ok((await took(asked('nobody', 'x'), 'unknown')) >= 195) // the same for nobody: it tells nothing
  assert.ok((await took(asked('info@example.org', 'secret'), 'ann')) >= 195) // whatever it is called
  assert.ok((await took(asked('ann', 'secret'), 'ann')) < 150) // whose password was right a moment ago does not wait
  assert.ok((await took(asked('ann', 'typo'), 'wrong')) < 150) // nor who logged in from there before: one hash is 30 ms
  const began = performance.now()
  await rig.logins.scramKeys({ name: 'ann', client: '203.0.113.1', service: 'smtp' })
  assert.ok(performance.now() - began >= 195)
})

test('AUT-07, AUT-08: under a spray of addresses every login waits, but for who signed in from the same place before', async () => {
  await using rig = await loginsRig({ sprayAddresses: 3, sprayDelayMs: 300, failuresFree: 50 })
  const took = async (request: Asked, expected: string): Promise<number> => {
    const began = performance.now()
    assert.equal(await said(rig.logins, request), expected)
    return performance.now() - began
  }
  const home = { client: '203.0.113.5' }
  assert.ok((await took(asked('ann', 'secret', home), 'ann')) < 250)
  for (let i = 0; i < 3; i++)
    await said(rig.logins, asked(`user${i}`, 'x', { client: `198.51.100.${i}`, service: 'smtp' }))
  assert.ok((await took(asked('ann', 'secret', home), 'ann')) < 250)
  assert.ok((await took(asked('ann', 'secret'), 'ann')) >= 295) // elsewhere, right as it is: it must not tell
  assert.ok((await took(asked('bob', 'secret', { ...home, service: 'smtp' }), 'bob')) >= 295) // another mailbox
  assert.ok((await took(asked('nobody', 'x', { client: '192.0.2.9' }), 'unknown')) >= 295)
})

test('AUT-10: never more hashes at once than set, the rest waits its turn or is asked to come again', async () => {
  const gate = new HashGate(clock, () => ({ atOnce: 2, queueMax: 3, waitMs: 5000 }))
  let [inside, most] = [0, 0]
  const work = async (): Promise<number> => {
    most = Math.max(most, ++inside)
    await clock.sleep(5)
    return inside--
  }
  const late: Promise<number | null>[] = []
  const first = Array.from({ length: 6 }, () =>
    gate.run(work).then((done) => {
      late.push(gate.run(work)) // asks at the very moment a place is given back
      return done
    }),
  )
  const results = await Promise.all(first)
  await Promise.all(late)
  assert.equal(results.filter((done) => done === null).length, 1)
  assert.equal(most, 2)
})

test('AUT-10: waiting has an end, and a place is not lost by it', async () => {
  const gate = new HashGate(clock, () => ({ atOnce: 1, queueMax: 9, waitMs: 20 }))
  const slow = gate.run(() => clock.sleep(80))
  assert.equal(await gate.run(() => Promise.resolve(1)), null)
  await slow
  assert.equal(await gate.run(() => Promise.resolve(1)), 1)
  await assert.rejects(
    gate.run(() => Promise.reject(new Error('no'))),
    /no/,
  )
  assert.equal(await gate.run(() => Promise.resolve(2)), 2)
})

test('AUT-10: with the queue full a login is busy', async () => {
  await using rig = await loginsRig({ hashesAtOnce: 1, hashQueueMax: 1 })
  const results = await Promise.all([1, 2, 3, 4].map(() => said(rig.logins, asked('ann', 'secret'))))
  assert.deepEqual(results, ['ann', 'ann', 'busy', 'busy'])
})

test('AUT-14: a changed password is asked for at once, though the old one was remembered', async () => {
  await using rig = await loginsRig()
  assert.equal(await said(rig.logins, asked('ann', 'secret')), 'ann')
  await setPassword(rig.store, randomPool(), { id: rig.directory.mailbox('ann')!.id, password: 'new' })
  await rig.directory.reload()
  assert.equal(await said(rig.logins, asked('ann', 'secret')), 'wrong')
  assert.equal(await said(rig.logins, asked('ann', 'new')), 'ann')
})

test('remembered passwords make more than 2,000 logins a second', async () => {
  await using rig = await loginsRig()
  await said(rig.logins, asked('ann', 'secret'))
  const began = performance.now()
  for (let i = 0; i < 1000; i++) await rig.logins.check(asked('ann', 'secret'))
  assert.ok(performance.now() - began < 500)
})

/** Gives a mailbox an app password; what a person would type. */
async function giveApp(rig: Logged, name: string, label: string): Promise<string> {
  const made = newAppPassword(testWorld.random)
  const mailbox = (await rig.store.mailboxes()).find((row) => row.name === name)!.id
  const hashes = await hashPassword(made.text, testWorld.random)
  await rig.store.addAppPassword({ selector: made.selector, mailbox, label, createdAt: 1, ...hashes }, 10)
  return made.text
}

test('PS-15, PS-19: an app password works beside the main one, however it is typed, until it is taken back', async () => {
  await using rig = await loginsRig({ failuresFree: 100, banAfter: 1000 })
  const [phone, tablet, dans] = [
    await giveApp(rig, 'ann', 'phone'),
    await giveApp(rig, 'ann', 'tablet'),
    await giveApp(rig, 'dan', 'phone'),
  ]
  assert.match(phone, /^([a-z2-7]{4}-){5}[a-z2-7]{4}$/)
  const other = `${phone.slice(0, -1)}${phone.endsWith('a') ? 'b' : 'a'}`
  const cases: readonly (readonly [name: string, password: string, said: string])[] = [
    ['ann', phone, 'ann'],
    ['ann', phone.replaceAll('-', '').toUpperCase(), 'ann'],
    ['ann', tablet, 'ann'],
    ['ann', 'secret', 'ann'],
    ['ann', other, 'wrong'],
    ['ann', dans, 'wrong'], // another mailbox's
    ['bob', phone, 'pop3-off'],
    ['dan', dans, 'dan'], // there is no main password
    ['nobody', phone, 'unknown'],
  ]
  for (const [name, password, expected] of cases)
    assert.equal(await said(rig.logins, asked(name, password)), expected, `${name} ${password}`)
  await clock.sleep(50)
  const rows = await rig.store.appPasswords(rig.directory.mailbox('ann')!.id)
  assert.deepEqual(
    rows.map(({ label, lastUsedFrom }) => [label, lastUsedFrom]),
    [
      ['phone', '192.0.2.1'],
      ['tablet', '192.0.2.1'],
    ],
  )
  await rig.store.removeAppPassword(rig.directory.mailbox('ann')!.id, 'phone')
  assert.equal(await said(rig.logins, asked('ann', phone)), 'wrong') // though it was remembered
  assert.equal(await said(rig.logins, asked('ann', tablet)), 'ann')
})

test('PS-15: a main password that looks like an app password stays one', async () => {
  await using rig = await loginsRig()
  const password = 'correct-horse-battery-stapl'
  await setPassword(rig.store, testWorld.random, { id: rig.directory.mailbox('ann')!.id, password })
  await rig.directory.reload()
  assert.equal(await said(rig.logins, asked('ann', password)), 'ann')
  assert.equal(await said(rig.logins, asked('ann', password.toUpperCase())), 'wrong')
})

test('AUT-10: ten app passwords cost one hash, as one does', async () => {
  await using rig = await loginsRig({ failuresFree: 1000, banAfter: 10_000, rememberMs: 0 })
  const median = async (password: string): Promise<number> => {
    const times: number[] = []
    for (let i = 0; i < 9; i++) {
      const began = performance.now()
      await rig.logins.check(asked('ann', password))
      times.push(performance.now() - began)
    }
    return times.sort((a, b) => a - b)[4]!
  }
  const alone = await median('wrong')
  const passwords = await Promise.all(Array.from({ length: 10 }, (_, i) => giveApp(rig, 'ann', `app ${i}`)))
  assert.ok((await median(passwords[9]!)) < 3 * alone)
  assert.ok((await median('wrong')) < 3 * alone)
})

test('AUT-11: SCRAM for nobody has keys too, the same each time', async () => {
  await using rig = await loginsRig()
  const keysOf = (name: string, service: Asked['service'] = 'pop3') =>
    rig.logins.scramKeys({ name, client: '192.0.2.1', service })
  const [once, again, other] = await Promise.all(['nobody', 'nobody', 'noone'].map((name) => keysOf(name)))
  assert.deepEqual(once, again)
  assert.notDeepEqual(once!.keys.salt, other!.keys.salt)
  const ann = await keysOf('ann')
  assert.equal(ann.mailbox?.name, 'ann')
  assert.deepEqual([once!.keys.iterations, once!.keys.salt.length], [ann.keys.iterations, ann.keys.salt.length])
  for (const [name, service] of [
    ['bob', 'pop3'],
    ['cat', 'smtp'],
    ['dan', 'smtp'],
  ] as const)
    assert.equal((await keysOf(name, service)).mailbox, null)
  rig.logins.noteScram({ name: 'ann', client: '192.0.2.9', service: 'pop3', ok: true, app: null })
  await clock.sleep(50)
  assert.equal((await rig.store.mailboxes())[0]?.lastLoginFrom, '192.0.2.9')
})

test('ENU-03: nobody, POP3 off, no login, no password and a wrong password take the same time', async () => {
  await using rig = await loginsRig({ failuresFree: 1_000_000, banAfter: 1_000_000 })
  const names = ['ann', 'nobody', 'bob', 'cat', 'dan']
  const times = new Map<string, number[]>(names.map((name) => [name, []]))
  for (let round = 0; round < 20; round++)
    for (const name of names) {
      const began = performance.now()
      await rig.logins.check(asked(name, 'wrong'))
      times.get(name)!.push(performance.now() - began)
    }
  const shortest = [...times.values()].map((all) => Math.min(...all)) // other work beside makes some longer, and none shorter
  assert.ok(Math.max(...shortest) < 1.5 * Math.min(...shortest), shortest.join(' '))
})
