// What every store engine must keep of who may use the console. Called by the engines' own test files only.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import type { Opened } from './contract.ts'
import type { NewToken, SessionRow } from './people.ts'
import type { StoreError } from './store.ts'

type Open = () => Promise<Opened>
const conflict = (error: StoreError): boolean => error.kind === 'conflict'
const ann = { name: 'ann', argon2: 'a', createdAt: 5 }
const bob = { name: 'bob', argon2: 'b', createdAt: 6 }

export function peopleContract(name: string, open: Open): void {
  administratorContract(name, open)
  secondStepContract(name, open)
  sessionContract(name, open)
  tokenContract(name, open)
  auditContract(name, open)
}

function administratorContract(name: string, open: Open): void {
  test(`${name}: WEB-07: only one of two that come first is the first administrator, and the last one stays`, async () => {
    await using opened = await open()
    const { people } = opened.store
    const both = await Promise.allSettled([people.addFirstAdministrator(ann), people.addFirstAdministrator(bob)])
    assert.deepEqual(
      both.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    )
    await assert.rejects(people.addAdministrator(ann), conflict)
    assert.equal(await people.removeAdministrator('ann'), false)
    await people.addAdministrator(bob)
    assert.equal(await people.removeAdministrator('nobody'), false)
    assert.equal(await people.removeAdministrator('ann'), true)
    await people.setAdministratorPassword('bob', 'c')
    await people.noteAdministrator('bob', 9, '192.0.2.1')
    const [row, ...more] = await (await opened.again()).people.administrators()
    assert.deepEqual([row?.name, row?.argon2, row?.lastLoginAt, row?.lastLoginFrom], ['bob', 'c', 9, '192.0.2.1'])
    assert.equal(more.length, 0)
  })
}

function secondStepContract(name: string, open: Open): void {
  test(`${name}: a time step and a recovery code work once, whoever comes at the same moment`, async () => {
    await using opened = await open()
    const { people } = opened.store
    await people.addAdministrator(ann)
    await people.setSecondStep('ann', { totp: 'sealed', recovery: ['one', 'two'] })
    const steps = await Promise.all([7, 7, 6, 8].map((step) => people.useTotpStep('ann', step)))
    assert.deepEqual(steps, [true, false, false, true])
    const codes = await Promise.all(['one', 'one', 'x'].map((code) => people.useRecoveryCode('ann', code)))
    assert.deepEqual(codes, [true, false, false])
    const [row] = await people.administrators()
    assert.deepEqual([row?.totp, row?.recovery], ['sealed', ['two']])
    await people.setSecondStep('ann', { totp: null, recovery: [] })
    assert.deepEqual(
      (await people.administrators()).map(({ totp }) => totp),
      [null],
    )
  })
}

const session = (id: string, who: Partial<SessionRow>): SessionRow => ({
  id,
  administrator: null,
  mailbox: null,
  credential: 'c',
  createdAt: 1,
  seenAt: 1,
  from: '192.0.2.1',
  agent: 'Browser',
  ...who,
})

function sessionContract(name: string, open: Open): void {
  test(`${name}: WEB-05: sessions outlive a restart and go with who they are of`, async () => {
    await using opened = await open()
    const { store } = opened
    const { people } = store
    const box = await store.addMailbox('ann', 1)
    await people.addAdministrator(ann)
    await people.addAdministrator(bob)
    await people.addSession(session('1', { administrator: 'ann' }))
    await people.addSession(session('2', { administrator: 'bob', seenAt: 3 }))
    await people.addSession(session('3', { mailbox: box.id, seenAt: 2 }))
    await people.addSession(session('4', { administrator: 'bob' }))
    await people.noteSession('2', 9, '192.0.2.9')
    await people.rebindSession('2', 'd')
    await people.removeSessions(['4'])
    await people.removeAdministrator('ann')
    const two = session('2', { administrator: 'bob', seenAt: 9, from: '192.0.2.9', credential: 'd' })
    const again = await opened.again()
    assert.deepEqual(await again.people.sessions(), [two, session('3', { mailbox: box.id, seenAt: 2 })])
    await again.changeMailbox(box.id, { deletedAt: 5 })
    await again.purgeMailbox(box.id)
    assert.deepEqual(await again.people.sessions(), [two])
  })
}

function tokenContract(name: string, open: Open): void {
  test(`${name}: SX-04: tokens are bounded, named once, and gone with their mailbox`, async () => {
    await using opened = await open()
    const { store } = opened
    const { people } = store
    const box = await store.addMailbox('ann', 1)
    const token = (selector: string, mailbox: number | null = null): NewToken => ({
      selector,
      hash: 'h',
      label: `label ${selector}`,
      scopes: ['read', 'queue'],
      mailbox,
      createdAt: 1,
      createdBy: 'ann',
      expiresAt: 9,
    })
    await people.addToken(token('a'), 2)
    await assert.rejects(people.addToken({ ...token('b'), label: 'label a' }, 2), conflict)
    await people.addToken(token('b', box.id), 2)
    await assert.rejects(people.addToken(token('c'), 2), conflict)
    await people.noteToken('a', 7, '192.0.2.1')
    await store.changeMailbox(box.id, { deletedAt: 5 })
    await store.purgeMailbox(box.id)
    assert.deepEqual(await people.tokens(), [{ ...token('a'), lastUsedAt: 7, lastUsedFrom: '192.0.2.1' }])
    assert.deepEqual([await people.removeToken('a'), await people.removeToken('a')], [true, false])
  })
}

function auditContract(name: string, open: Open): void {
  test(`${name}: WEB-17: the audit is read newest first in pages, and goes only with age`, async () => {
    await using opened = await open()
    const { people } = opened.store
    const row = { via: 'session', from: '192.0.2.1', operation: 'queue.drop', parameters: '{}', outcome: 'done' }
    for (const [at, actor] of [
      [1, 'ann'],
      [2, 'bob'],
      [3, 'ann'],
    ] as const)
      await people.addAudit({ ...row, at, actor })
    const page = await people.audit({ before: null, actor: null, limit: 2 })
    assert.deepEqual(
      page.map(({ at }) => at),
      [3, 2],
    )
    const rest = await people.audit({ before: page[1]!.n, actor: null, limit: 2 })
    assert.deepEqual(rest, [{ ...row, n: 1, at: 1, actor: 'ann' }])
    const hers = await people.audit({ before: null, actor: 'ann', limit: 9 })
    assert.deepEqual(
      hers.map(({ at }) => at),
      [3, 1],
    )
    await people.pruneAudit(3)
    assert.deepEqual(
      (await people.audit({ before: null, actor: null, limit: 9 })).map(({ n }) => n),
      [3],
    )
    await people.pruneAudit(9)
    await people.addAudit({ ...row, at: 9, actor: 'ann' })
    assert.deepEqual(
      (await people.audit({ before: null, actor: null, limit: 9 })).map(({ n }) => n),
      [4],
    )
  })
}
