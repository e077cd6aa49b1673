// Who may do what: each operation of the table against nobody, owners, tokens of each scope and administrators. SX-04, WEB-12
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scopes, type Actor, type Scope } from '#/accounts/types.ts'
import { consoleApp } from '#/console/app.ts'
import { openEars } from '#/console/events.ts'
import { authorized, nounOf, nounsOfAll, scopeOfNoun } from '#/operations/authority.ts'
import { NotAllowed } from '#/operations/errors.ts'
import type { AnyOperation } from '#/operations/operation.ts'
import { operations, perform } from '#/operations/table.ts'
import { downloads } from '#/operations/tables/downloads.ts'
import { uploads } from '#/operations/tables/uploads.ts'
import { operationsRig } from './operations-rig.ts'

type Ruled = Pick<AnyOperation, 'owner' | 'local'> & { readonly kind?: AnyOperation['kind'] }
const everything: readonly (readonly [name: string, operation: Ruled])[] = [
  ...operations,
  ...[...downloads].map(([name, { owner }]) => [name, { ...(owner && { owner }) }] as const),
  ...[...uploads].map(([name, { owner }]) => [name, { ...(owner && { owner }) }] as const),
]

const administrator: Actor = {
  role: 'administrator',
  name: 'root',
  mailbox: null,
  scopes: null,
  via: 'session',
  from: '192.0.2.1',
  sessionId: 's',
}
const ownerOf = (mailbox: string): Actor => ({ ...administrator, role: 'owner', name: mailbox, mailbox })
const tokenOf = (...given: Scope[]): Actor => ({ ...administrator, via: 'token', scopes: given, sessionId: null })

/** Every field by which an operation is told whose matter it is. */
const about = (mailbox: string): object => ({ name: mailbox, owner: mailbox, mailbox, from: mailbox, to: mailbox })
/** Operations that do not name a mailbox: they look at who asks, or tell what everybody may know. */
const askedByWho = /^(?:session\.|collect\.providers$|trace\.story$)/

function may(
  actor: Actor,
  [name, operation]: (typeof everything)[number],
  parameters: unknown = about('ann'),
): boolean {
  try {
    authorized(actor, operation, { name, parameters })
    return true
  } catch (error) {
    assert.ok(error instanceof NotAllowed, `${name}: ${String(error)}`)
    return false
  }
}

test('WEB-12: each operation has a decision: a scope of its noun, or none but all', () => {
  const undecided = everything
    .map(([name]) => nounOf(name))
    .filter((noun) => !scopeOfNoun.has(noun) && !nounsOfAll.has(noun))
  assert.deepEqual([...new Set(undecided)], [])
  assert.deepEqual(
    [...scopeOfNoun.keys()].filter((noun) => nounsOfAll.has(noun)),
    [],
  )
})

test('WEB-12: an administrator may do everything but what names files of the server', () => {
  for (const entry of everything) assert.equal(may(administrator, entry), !entry[1].local, entry[0])
})

test('WEB-12: an owner may do what the operation says, on their own mailbox', () => {
  for (const entry of everything) {
    const [name, { owner, local }] = entry
    assert.equal(may(ownerOf('ann'), entry), owner !== undefined && !local, name)
  }
})

test('WEB-12: on the mailbox of another one an owner may do nothing, or it becomes their own', () => {
  for (const [name, operation] of everything) {
    if (!operation.owner || askedByWho.test(name)) continue
    try {
      const asked = authorized(ownerOf('ann'), operation, { name, parameters: about('bob') }) as Record<string, unknown>
      assert.ok(asked['owner'] === 'ann' || asked['mailbox'] === 'ann', `${name} is asked ${JSON.stringify(asked)}`)
    } catch (error) {
      assert.ok(error instanceof NotAllowed, `${name}: ${String(error)}`)
    }
  }
})

test('SX-04: a token does what its scopes say: of another noun nothing, to read only what shows no mail', () => {
  for (const entry of everything) {
    const [name, { kind, local }] = entry
    const needed = scopeOfNoun.get(nounOf(name))
    for (const scope of scopes) {
      const allowed = scope === 'all' || scope === needed
      if (scope !== 'read') assert.equal(may(tokenOf(scope), entry), allowed && !local, `${scope} ${name}`)
      else if (may(tokenOf('read'), entry)) assert.deepEqual([kind, needed !== undefined], ['read', true], name)
    }
    assert.equal(may(tokenOf(), entry), false, name)
  }
})

test('SX-04: a token of a mailbox may no more than its owner', () => {
  const token: Actor = { ...ownerOf('ann'), via: 'token', scopes: ['all'] }
  for (const entry of everything) assert.equal(may(token, entry), may(ownerOf('ann'), entry), entry[0])
})

test('WEB-12: over HTTP nobody without a session or a token is answered, whatever is asked', async () => {
  await using rig = await operationsRig()
  const { context } = rig
  const ears = openEars(() => context.store.versions, context.world.clock)
  const app = consoleApp({ context, people: context.people, files: new Map(), ears })
  const peer = { address: '127.0.0.1', port: 1, secure: false }
  const ask = async (path: string, method: string, headers: Record<string, string> = {}): Promise<number> => {
    const body = method === 'POST' ? { body: '{}' } : {}
    const all = { host: 'localhost', 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...headers }
    return (
      await app.fetch(new Request(`http://localhost/api/v1/${path}`, { method, headers: all, ...body }), { peer })
    ).status
  }
  const shown: Record<string, string>[] = [
    {},
    { cookie: 'netcruiser=' },
    { cookie: `netcruiser=${'A'.repeat(43)}` },
    { authorization: `Bearer ncm_${'a'.repeat(34)}` },
  ]
  for (const headers of shown) {
    for (const [name] of operations)
      assert.equal(await ask(name.replace('.', '/'), 'POST', headers), 401, `${name} ${JSON.stringify(headers)}`)
    for (const [name] of downloads) assert.equal(await ask(`download/${name}`, 'GET', headers), 401, name)
    for (const [name] of uploads) assert.equal(await ask(`upload/${name}`, 'POST', headers), 401, name)
    assert.equal(await ask('events', 'GET', headers), 401)
  }
  ears.close()
})

test('WEB-17: every change is written down with who asked and how it ended, refused ones too, and no secret', async () => {
  await using rig = await operationsRig()
  const { context } = rig
  await rig.run('mailbox.add', { name: 'ann', password: 'canary-one' })
  await rig.run('mailbox.add', { name: 'bob' })
  const as = (actor: Actor, name: string, parameters: unknown): Promise<unknown> =>
    perform({ ...context, actor }, { name, parameters })
  await assert.rejects(as(ownerOf('ann'), 'mailbox.set', { name: 'bob', password: 'canary-two' }), NotAllowed)
  await assert.rejects(as(ownerOf('ann'), 'mailbox.remove', { name: 'ann' }), NotAllowed)
  await as(administrator, 'settings.set', { name: 'trace.keepDays', value: 5 })
  await as(tokenOf('queue'), 'queue.pause', {})
  await as(administrator, 'mailbox.list', {})
  const { rows } = (await rig.run('audit', {})) as { rows: Record<string, unknown>[] }
  assert.deepEqual(
    rows.map(({ actor, via, operation, outcome }) => [actor, via, operation, outcome]),
    [
      ['token root', 'token', 'queue.pause', 'done'],
      ['root', 'session', 'settings.set', 'done'],
      ['mailbox ann', 'session', 'mailbox.remove', 'Only an administrator may do this'],
      ['mailbox ann', 'session', 'mailbox.set', 'This mailbox is not yours'],
      ['command line', 'socket', 'mailbox.add', 'done'],
      ['command line', 'socket', 'mailbox.add', 'done'],
    ],
  )
  assert.ok(!JSON.stringify(rows).includes('canary'))
  const history = (await rig.run('settings.history')) as { by: string }[]
  assert.deepEqual(
    history.map(({ by }) => by),
    ['token root', 'root'],
  )
})

test('WEB-17: the audit is read in pages', async () => {
  await using rig = await operationsRig()
  for (let i = 0; i < 5; i++) await rig.run('mailbox.add', { name: `box${i}` })
  type Page = { rows: { parameters: string }[]; next: string | null }
  const first = (await rig.run('audit', { limit: 3 })) as Page
  const second = (await rig.run('audit', { limit: 3, after: first.next })) as Page
  const names = [...first.rows, ...second.rows].map(
    ({ parameters }) => (JSON.parse(parameters) as { name: string }).name,
  )
  assert.deepEqual(names, ['box4', 'box3', 'box2', 'box1', 'box0'])
  assert.equal(second.next, null)
})

test('WEB-12: an owner changes the own password by who knows the present one, and POP3 only where that is allowed', async () => {
  await using rig = await operationsRig()
  const { context } = rig
  await rig.run('mailbox.add', { name: 'ann', password: 'old' })
  const ann = ownerOf('ann')
  const as = (parameters: object): Promise<unknown> =>
    perform({ ...context, actor: ann }, { name: 'mailbox.set', parameters: { name: 'ann', ...parameters } })
  await assert.rejects(as({ password: 'new' }), /present password/)
  await assert.rejects(as({ password: 'new', currentPassword: 'wrong' }), /present password/)
  await as({ password: 'new', currentPassword: 'old' })
  await assert.rejects(as({ pop3: true }), /by an administrator/)
  for (const change of [{ quotaBytes: null }, { newName: 'eve' }, { disabled: 'no-login' }])
    await assert.rejects(as(change), NotAllowed)
  await rig.run('settings.set', { name: 'mailboxes.ownersSwitchPop3', value: true })
  await as({ pop3: true })
  assert.equal(context.directory.mailbox('ann')?.pop3, true)
})

test('WEB-14: passwords, open or hashed, leave over the command line only', async () => {
  await using rig = await operationsRig()
  for (const parameters of [{ hashes: true }, { secrets: true }])
    await assert.rejects(
      perform({ ...rig.context, actor: administrator }, { name: 'settings.export', parameters }),
      NotAllowed,
    )
  await rig.run('settings.export', { hashes: true })
})

test('SX-02: the last administrator stays; the password in a browser is changed by who knows it', async () => {
  await using rig = await operationsRig()
  const { context } = rig
  const password = 'four plain words here'
  await rig.run('admin.add', { name: 'Root', password })
  await assert.rejects(rig.run('admin.add', { name: 'root', password }), /already/)
  await assert.rejects(rig.run('admin.remove', { name: 'root' }), /last administrator/)
  const as = (parameters: object): Promise<unknown> =>
    perform(
      { ...context, actor: administrator },
      { name: 'admin.set-password', parameters: { name: 'root', password: 'other plain words', ...parameters } },
    )
  await assert.rejects(as({}), /present password/)
  await as({ current: password })
  const link = (await rig.run('admin.link')) as { link: string | null }
  assert.equal(link.link, null)
  const answers = JSON.stringify([
    await rig.run('admin.list'),
    await rig.run('session.list'),
    await rig.run('token.list'),
  ])
  assert.ok(!/argon2/.test(answers))
})
