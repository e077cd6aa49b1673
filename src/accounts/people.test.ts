// Who may use the console: set-up, signing in, sessions, tokens, over a real store.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret, TOTP } from 'otpauth'
import { setupFile } from '#/world/node/setup-file.ts'
import type { World } from '#/world/world.ts'
import { sessionIdleMs, sessionLifeMs, sessionsOfOneMax } from './limits.ts'
import { openLogins } from './logins.ts'
import { setPassword } from './passwords.ts'
import { openPeople, type EveryPerson } from './people.ts'
import { openSecrets } from './secrets.ts'
import { accountsRig, testWorld, type Rig, type Tables } from './test-rig.ts'
import type { SignInResult } from './types.ts'

type PeopleRig = Rig & {
  readonly people: EveryPerson
  readonly folder: string
  /** As after a restart. */
  readonly again: () => Promise<EveryPerson>
  readonly later: (ms: number) => void
}
const password = 'four plain words here'
const from = '192.0.2.1'

async function peopleRig(logins: Tables['logins'] = {}): Promise<PeopleRig> {
  const mailboxes = { ann: {}, bob: {}, cat: { disabled: 'no-login' } } as const
  const rig = await accountsRig({ mailboxes, domains: [['example.org', 'by-name']], logins })
  const folder = mkdtempSync(join(tmpdir(), 'netcruiser-people-'))
  for (const { id } of await rig.store.mailboxes())
    await setPassword(rig.store, testWorld.random, { id, password: 'secret' })
  await rig.directory.reload()
  let ahead = 0
  const clock = { ...testWorld.clock, now: () => testWorld.clock.now() + ahead }
  const world: Pick<World, 'clock' | 'random'> = { ...testWorld, clock }
  const { store, directory, settingsNow } = rig
  const parts = { store, directory, settingsNow, world }
  const secrets = openSecrets(Buffer.alloc(32, 7), testWorld.random)
  const again = async (): Promise<EveryPerson> =>
    openPeople({ ...parts, secrets, logins: await openLogins(parts), setupFile: setupFile(folder) })
  const close = rig[Symbol.asyncDispose].bind(rig)
  return Object.assign(rig, {
    people: await again(),
    folder,
    again,
    later: (ms: number) => void (ahead += ms),
    async [Symbol.asyncDispose]() {
      await close()
      rmSync(folder, { recursive: true })
    },
  })
}

const setUp = async (people: EveryPerson, name = 'ann'): Promise<void> => {
  const made = await people.setup({ token: people.setupToken(), name, password })
  assert.deepEqual(made, { ok: true })
}
const signIn = (people: EveryPerson, name: string, typed = password, code?: string): Promise<SignInResult> =>
  people.signIn({ name, password: typed, code, from, agent: 'Browser' })
async function signedIn(people: EveryPerson, name: string, typed = password): Promise<string> {
  const result = await signIn(people, name, typed)
  assert.ok(result.ok, JSON.stringify(result))
  return result.session
}
const reason = async (result: Promise<SignInResult>): Promise<string> => {
  const said = await result
  return said.ok ? 'ok' : said.reason
}

test('SX-01, WEB-07: nobody is there at first; the one-time link sets the administrator, once', async () => {
  await using rig = await peopleRig()
  const { people, folder } = rig
  assert.equal(await reason(signIn(people, 'admin', 'admin')), 'wrong')
  const token = people.setupToken()
  assert.match(token, /^[\w-]{22}$/)
  assert.equal(statSync(join(folder, 'setup-token')).mode & 0o777, 0o600)
  assert.equal((await rig.again()).setupToken(), token, 'a restart keeps the link')
  assert.equal((await people.setup({ token: 'A'.repeat(22), name: 'eve', password })).ok, false)
  assert.equal((await people.setup({ token: '', name: 'eve', password })).ok, false)
  await setUp(people)
  assert.equal((await people.setup({ token, name: 'eve', password })).ok, false)
  assert.deepEqual([people.setupNeeded(), people.setupToken()], [false, ''])
  assert.throws(() => readFileSync(join(folder, 'setup-token')), /ENOENT/)
  assert.equal(await reason(signIn(people, 'Ann')), 'ok')
})

test('WEB-07: a link whose file was removed is worth nothing, and two who come at once are not both first', async () => {
  await using rig = await peopleRig()
  const { people, folder } = rig
  const old = people.setupToken()
  rmSync(join(folder, 'setup-token'))
  assert.equal((await people.setup({ token: old, name: 'eve', password })).ok, false)
  const token = people.setupToken()
  const both = await Promise.all(['ann', 'eve'].map((name) => people.setup({ token, name, password })))
  assert.equal(both.filter(({ ok }) => ok).length, 1)
  assert.equal(people.administrators.all().length, 1)
})

test('SX-01: a password that is guessed at once, or a name that is none, sets no administrator', async (t) => {
  await using rig = await peopleRig()
  const { people } = rig
  for (const [name, typed] of [
    ['ann', 'short'],
    ['ann', 'aaaaaaaaaaaa'],
    ['administrator', 'Administrator1'],
    ['ann', `${password}\0`],
    ['', password],
    ['a nn', password],
    ['-ann', password],
    ['a'.repeat(65), password],
  ] as const)
    await t.test(`${name} ${typed}`, async () => {
      assert.equal((await people.setup({ token: people.setupToken(), name, password: typed })).ok, false)
    })
  assert.equal(people.setupNeeded(), true)
})

test('WEB-08, SEC-10: whoever it is, a wrong sign-in is answered alike', async () => {
  await using rig = await peopleRig({ failuresFree: 100, banAfter: 1000 })
  const { people, store } = rig
  await setUp(people, 'root')
  const app = 'abcdefghabcdefghabcdefgh'
  const hashes = { argon2: 'x', scram: 'x' }
  const row = { selector: 'abcdefgh', mailbox: 1, label: 'phone', createdAt: 1, ...hashes }
  await store.addAppPassword(row, 10)
  for (const [name, typed] of [
    ['root', 'wrong'],
    ['root', ''],
    ['ann', 'wrong'],
    ['ann', app],
    ['cat', 'secret'],
    ['nobody', 'secret'],
    ['', ''],
  ] as const)
    assert.deepEqual(await signIn(people, name, typed), { ok: false, reason: 'wrong' }, name)
})

test('SX-02: owners sign in with the password of their mailbox, by its name or an address of it', async () => {
  await using rig = await peopleRig()
  for (const name of ['ann', 'ann@example.org']) {
    const result = await signIn(rig.people, name, 'secret')
    assert.ok(result.ok)
    const { role, name: shown, mailbox, via, scopes } = result.actor
    assert.deepEqual([role, shown, mailbox, via, scopes], ['owner', 'ann', 'ann', 'session', null])
  }
})

test('AUT-07, SX-03: who guesses is slowed down, then waits with the right password too', async () => {
  await using rig = await peopleRig({ failuresFree: 2, delayMs: 1, delayMaxMs: 2, banAfter: 5, banMs: 60_000 })
  const { people } = rig
  await setUp(people, 'root')
  for (let i = 0; i < 5; i++) await signIn(people, `user${i}`, 'wrong')
  const waiting = await signIn(people, 'root')
  assert.ok(!waiting.ok && waiting.reason === 'wait' && (waiting.waitMs ?? 0) > 50_000, JSON.stringify(waiting))
  const elsewhere = await people.signIn({ name: 'root', password, from: '198.51.100.1', agent: '' })
  assert.equal(elsewhere.ok, true)
})

test('AUT-07: of one network only a few sign-ins wait side by side', async () => {
  await using rig = await peopleRig({ failuresFree: 100, banAfter: 1000 })
  const said = await Promise.all(Array.from({ length: 20 }, () => reason(signIn(rig.people, 'nobody', 'x'))))
  assert.equal(said.filter((one) => one === 'wait').length, 15)
  assert.equal(await reason(signIn(rig.people, 'nobody', 'x')), 'wrong')
})

test('WEB-05: a session is a fresh random text each time, kept as a hash, and over when it is signed out', async () => {
  await using rig = await peopleRig()
  const { people, store } = rig
  await setUp(people)
  const [one, two] = [await signedIn(people, 'ann'), await signedIn(people, 'ann')]
  assert.match(one, /^[\w-]{43}$/)
  assert.notEqual(one, two)
  assert.ok(!JSON.stringify(await store.people.sessions()).includes(one))
  assert.equal(people.identify({ session: one, from })?.name, 'ann')
  assert.equal((await rig.again()).identify({ session: one, from })?.name, 'ann', 'a restart signs nobody out')
  await people.signOut(one)
  assert.equal(people.identify({ session: one, from }), null)
  assert.equal(people.identify({ session: two, from })?.role, 'administrator')
  for (const session of ['', 'x', `${two} `, undefined]) assert.equal(people.identify({ session, from }), null)
})

test('WEB-05: a session ends when it is not used for half a day, and after a month in any case', async () => {
  await using rig = await peopleRig()
  const { people, later } = rig
  await setUp(people)
  const used = await signedIn(people, 'ann')
  const idle = await signedIn(people, 'ann')
  for (let at = 0; at < sessionLifeMs; at += sessionIdleMs - 1000) {
    assert.equal(people.identify({ session: used, from })?.name, 'ann')
    later(sessionIdleMs - 1000)
  }
  assert.equal(people.identify({ session: used, from }), null)
  assert.equal(people.identify({ session: idle, from }), null)
  await signedIn(people, 'ann')
  assert.equal((await rig.store.people.sessions()).length, 1, 'what is over makes room')
})

test('WEB-05: one person has at most so many sessions; the one used least lately goes', async () => {
  await using rig = await peopleRig()
  const { people } = rig
  await setUp(people, 'root')
  const who = { administrator: 'root', mailbox: null, credential: 'x' }
  const other = await signedIn(people, 'bob', 'secret')
  const first = await signedIn(people, 'root')
  for (let i = 1; i < sessionsOfOneMax; i++) await people.sessions.begin(who, { from, agent: '' })
  people.identify({ session: first, from })
  for (let i = 1; i < sessionsOfOneMax; i++) await people.sessions.begin(who, { from, agent: '' })
  assert.equal(people.identify({ session: first, from })?.name, 'root')
  assert.equal(people.sessions.all().length, sessionsOfOneMax + 1)
  assert.equal(people.identify({ session: other, from })?.name, 'bob')
})

test('WEB-05: another password ends all sessions of the person but the one that changed it', async () => {
  await using rig = await peopleRig()
  const { people, store, directory } = rig
  await setUp(people, 'root')
  const [mine, other] = [await signedIn(people, 'root'), await signedIn(people, 'root')]
  const actor = people.identify({ session: mine, from })!
  await people.administrators.setPassword({ name: 'root', password: 'another four plain words' })
  await people.keepSession(actor)
  assert.deepEqual(
    [mine, other].map((session) => people.identify({ session, from })?.name),
    ['root', undefined],
  )
  const [hers, old] = [await signedIn(people, 'ann', 'secret'), await signedIn(people, 'ann', 'secret')]
  const owner = people.identify({ session: hers, from })!
  await setPassword(store, testWorld.random, { id: 1, password: 'new' })
  await directory.reload()
  await people.keepSession(owner)
  assert.deepEqual(
    [hers, old].map((session) => people.identify({ session, from })?.name),
    ['ann', undefined],
  )
})

test('SX-04: a removed administrator and a disabled or removed mailbox are signed in no longer', async () => {
  await using rig = await peopleRig()
  const { people, store, directory } = rig
  await setUp(people, 'root')
  await people.administrators.add({ name: 'eve', password }, 'more')
  const [eve, ann, bob] = [
    await signedIn(people, 'eve'),
    await signedIn(people, 'ann', 'secret'),
    await signedIn(people, 'bob', 'secret'),
  ]
  const token = await people.tokens.add({
    label: 't',
    scopes: ['all'],
    mailbox: null,
    createdBy: 'eve',
    expiresAt: null,
  })
  const hers = await people.tokens.add({ label: 'u', scopes: ['all'], mailbox: 2, createdBy: 'root', expiresAt: null })
  assert.equal(people.identify({ bearer: hers, from })?.mailbox, 'bob')
  assert.equal(await people.removeAdministrator('eve'), true)
  assert.equal(await people.removeAdministrator('root'), false, 'the last one stays')
  await store.changeMailbox(1, { disabled: 'no-login' })
  await store.changeMailbox(2, { deletedAt: 5, name: 'bob deleted' })
  await directory.reload()
  for (const session of [eve, ann, bob]) assert.equal(people.identify({ session, from }), null)
  for (const bearer of [token, hers]) assert.equal(people.identify({ bearer, from }), null)
})

test('SX-04, SEC-11: a token is known by its text only, until its end, and kept as a hash', async () => {
  await using rig = await peopleRig()
  const { people, store, later } = rig
  const more = { mailbox: null, createdBy: 'root' }
  const text = await people.tokens.add({
    ...more,
    label: 'a',
    scopes: ['read', 'nonsense'],
    expiresAt: testWorld.clock.now() + 5000,
  })
  const all = await people.tokens.add({ ...more, label: 'b', scopes: ['all'], expiresAt: null })
  assert.match(text, /^ncm_[a-z2-7]{34}$/)
  assert.deepEqual(people.identify({ bearer: text, from }), {
    role: 'administrator',
    name: 'a',
    mailbox: null,
    scopes: ['read'],
    via: 'token',
    from,
    sessionId: null,
  })
  for (const bearer of [
    '',
    'x',
    text.slice(0, -1),
    `${text.slice(0, -1)}${text.endsWith('a') ? 'b' : 'a'}`,
    `${text.slice(0, 12)}${all.slice(12)}`,
  ])
    assert.equal(people.identify({ bearer, from }), null, bearer)
  assert.equal(people.identify({ session: text, from }), null, 'a token is no session')
  assert.ok(!JSON.stringify(await store.people.tokens()).includes(text.slice(12)))
  later(6000)
  assert.equal(people.identify({ bearer: text, from }), null)
  assert.equal((await rig.again()).identify({ bearer: all, from })?.name, 'b')
})

test('SX-02: with a second step the password alone signs nobody in; a code works once, a recovery code too', async () => {
  await using rig = await peopleRig({ failuresFree: 100, banAfter: 1000 })
  const { people, later } = rig
  await setUp(people)
  const begun = people.secondStep.begin('ann')
  const totp = new TOTP({ secret: Secret.fromBase32(begun.secret.replaceAll('-', '')) })
  let ahead = 0
  const code = (): string => totp.generate({ timestamp: testWorld.clock.now() + ahead })
  const wrong = (): string => String((Number(code()) + 500_000) % 1_000_000).padStart(6, '0')
  assert.equal(await people.secondStep.confirm('ann', { ticket: begun.ticket, code: wrong() }), null)
  await assert.rejects(people.secondStep.confirm('eve', { ticket: begun.ticket, code: code() }), /cannot be opened/)
  const recovery = await people.secondStep.confirm('ann', { ticket: begun.ticket, code: code() })
  assert.equal(recovery?.length, 10)
  await people.administrators.reload()
  assert.equal(await reason(signIn(people, 'ann')), 'code-needed')
  assert.equal(await reason(signIn(people, 'ann', 'wrong words', code())), 'wrong')
  assert.equal(await reason(signIn(people, 'ann', password, code())), 'code-wrong', 'it set the step up: used')
  later((ahead = 60_000))
  assert.equal(await reason(signIn(people, 'ann', password, wrong())), 'code-wrong')
  assert.equal(await reason(signIn(people, 'ann', password, code())), 'ok')
  assert.equal(await reason(signIn(people, 'ann', password, code())), 'code-wrong')
  assert.equal(await reason(signIn(people, 'ann', password, recovery![0]!.toUpperCase())), 'ok')
  assert.equal(await reason(signIn(people, 'ann', password, recovery![0])), 'code-wrong')
  assert.ok(!JSON.stringify(await rig.store.people.administrators()).includes(begun.secret.replaceAll('-', '')))
  await people.secondStep.off('ann')
  await people.administrators.reload()
  assert.equal(await reason(signIn(people, 'ann')), 'ok')
})

test('WEB-08: who knows the password and guesses codes must wait for an hour', async () => {
  await using rig = await peopleRig({ failuresFree: 1000, banAfter: 1000 })
  const { people, later } = rig
  await setUp(people)
  const begun = people.secondStep.begin('ann')
  const totp = new TOTP({ secret: Secret.fromBase32(begun.secret.replaceAll('-', '')) })
  const now = (): string => totp.generate({ timestamp: testWorld.clock.now() })
  await people.secondStep.confirm('ann', { ticket: begun.ticket, code: now() })
  await people.administrators.reload()
  for (let i = 0; i < 10; i++) assert.equal(await reason(signIn(people, 'ann', password, 'abcdef')), 'code-wrong')
  const said = await signIn(people, 'ann', password, 'abcdef')
  assert.ok(!said.ok && said.reason === 'wait' && (said.waitMs ?? 0) > 3_000_000, JSON.stringify(said))
  later(3_700_000)
  assert.equal(await reason(signIn(people, 'ann', password, 'abcdef')), 'code-wrong')
})

test('SEC-01, WEB-14: nothing that signs in stands in the data folder', async () => {
  await using rig = await peopleRig()
  const { people, store } = rig
  await setUp(people, 'root')
  const secrets = [
    password,
    await signedIn(people, 'root'),
    await people.tokens.add({ label: 'a', scopes: ['all'], mailbox: null, createdBy: 'root', expiresAt: null }),
  ]
  const rows = [store.people.administrators(), store.people.sessions(), store.people.tokens()]
  const kept = JSON.stringify([
    await Promise.all(rows),
    await store.people.audit({ before: null, actor: null, limit: 99 }),
  ])
  for (const secret of secrets) assert.ok(!kept.includes(secret), secret)
  assert.match(kept, /argon2id.*"operation":"sign-in"/)
})
