// What every store engine must do, as a test that runs against each. Called by the engines' own test files only.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { messageKey, type MessageKey } from '#/message/key.ts'
import type { StoreError, Acceptance, Store, TraceEvent } from './store.ts'

export type Opened = { readonly store: Store; again(): Promise<Store>; [Symbol.asyncDispose](): Promise<void> }
type Open = () => Promise<Opened>

let counter = 0
export const newKey = (at = 1000): MessageKey => {
  counter++
  return messageKey(at, Uint8Array.of(0, 0, 0, 0, 0, 0, counter >> 16, counter >> 8, counter, 0))
}

export async function acceptance(
  store: Store,
  mailboxes: readonly number[],
  text = 'Subject: x\r\n\r\nbody\r\n',
): Promise<Acceptance> {
  const spool = store.spool()
  await spool.write(Buffer.from(text))
  const content = await spool.finish()
  const key = newKey()
  const event: TraceEvent = {
    ref: key,
    at: 1000,
    step: 'received',
    client: '192.0.2.1',
    from: '<a@b.example>',
    to: ['ann@x.example'],
    subject: 'x',
    messageId: '<1@b>',
    detail: {},
  }
  const envelope = {
    from: null,
    parameters: { sizeBytes: null, body: null, smtputf8: false, ret: null, envid: null, auth: null },
    to: [],
  }
  const local = mailboxes.map((mailbox) => ({ mailbox, recipients: ['ann'], prefix: 'Delivered-To: ann\r\n' }))
  return { key, at: 1000, envelope, content, local, remote: [], event }
}

async function textOf(store: Store, mailbox: number, uid: number): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of store.openMessage(mailbox, uid)) chunks.push(chunk)
  return Buffer.concat(chunks).toString('latin1')
}

const event: TraceEvent = {
  ref: 'r',
  at: 1,
  step: 'deleted',
  client: null,
  from: null,
  to: [],
  subject: null,
  messageId: null,
  detail: {},
}

export function storeContract(name: string, open: Open): void {
  messageContract(name, open)
  recordContract(name, open)
  appPasswordContract(name, open)
}

function appPasswordContract(name: string, open: Open): void {
  test(`${name}: PS-19: app passwords are found by selector, bounded, named once, and gone with their mailbox`, async () => {
    await using opened = await open()
    const { store } = opened
    const [ann, bob] = [await store.addMailbox('ann', 1), await store.addMailbox('bob', 1)]
    const add = (mailbox: number, label: string): Promise<void> =>
      store.addAppPassword(
        { selector: `${mailbox} ${label}`, mailbox, label, argon2: 'a', scram: 's', createdAt: 5 },
        2,
      )
    const conflict = (error: StoreError): boolean => error.kind === 'conflict'
    await add(ann.id, 'phone')
    await assert.rejects(add(ann.id, 'phone'), conflict)
    await add(ann.id, 'tablet')
    await assert.rejects(add(ann.id, 'third'), conflict)
    await add(bob.id, 'phone')
    await store.noteAppPasswordUse(`${ann.id} phone`, 7, '192.0.2.1')
    const used = await store.appPassword(`${ann.id} phone`)
    assert.deepEqual([used?.mailbox, used?.lastUsedAt, used?.lastUsedFrom], [ann.id, 7, '192.0.2.1'])
    assert.deepEqual(
      [await store.removeAppPassword(ann.id, 'tablet'), await store.removeAppPassword(ann.id, 'x')],
      [true, false],
    )
    await store.changeMailbox(ann.id, { deletedAt: 5 })
    await store.purgeMailbox(ann.id)
    assert.equal(await store.appPassword(`${ann.id} phone`), undefined)
    assert.deepEqual(
      (await store.appPasswords(bob.id)).map(({ label }) => label),
      ['phone'],
    )
  })
}

function messageContract(name: string, open: Open): void {
  test(`${name}: IN-01: what was accepted is read back byte for byte, also after opening anew`, async () => {
    await using opened = await open()
    const ann = await opened.store.addMailbox('ann', 1000)
    await opened.store.accept(await acceptance(opened.store, [ann.id]))
    assert.equal(await textOf(opened.store, ann.id, 1), 'Delivered-To: ann\r\nSubject: x\r\n\r\nbody\r\n')
    const again = await opened.again()
    assert.equal(await textOf(again, ann.id, 1), 'Delivered-To: ann\r\nSubject: x\r\n\r\nbody\r\n')
    assert.deepEqual((await again.verify()).problems, [])
  })

  test(`${name}: MB-05: a message to two mailboxes is one content; deleting one entry keeps the other`, async () => {
    await using opened = await open()
    const { store } = opened
    const [ann, bob] = [await store.addMailbox('ann', 1), await store.addMailbox('bob', 1)]
    await store.accept(await acceptance(store, [ann.id, bob.id]))
    await store.removeEntries(ann.id, [1], event)
    assert.equal((await store.mailboxState(ann.id)).messages, 0)
    assert.match(await textOf(store, bob.id, 1), /body/)
    assert.deepEqual((await store.verify()).problems, [])
    await store.removeEntries(bob.id, [1], event)
    await assert.rejects(textOf(store, bob.id, 1), (error: StoreError) => error.kind === 'missing')
  })

  test(`${name}: PS-07: a UID is never given twice, also after delete and opening anew`, async () => {
    await using opened = await open()
    const ann = await opened.store.addMailbox('ann', 1)
    await opened.store.accept(await acceptance(opened.store, [ann.id]))
    await opened.store.removeEntries(ann.id, [1], event)
    const again = await opened.again()
    await again.accept(await acceptance(again, [ann.id]))
    assert.deepEqual([...(await again.list(ann.id)).uids], [2])
  })

  test(`${name}: an acceptance for a mailbox that is gone is undone whole, others of its group are kept`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1)
    const [good, bad] = [await acceptance(store, [ann.id]), await acceptance(store, [ann.id, 999])]
    const results = await Promise.allSettled([store.accept(good), store.accept(bad)])
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    )
    assert.equal((await store.mailboxState(ann.id)).messages, 1)
    assert.deepEqual((await store.verify()).problems, [])
  })

  test(`${name}: DS-12: a message and the notice made because of it are kept together or not at all`, async () => {
    await using opened = await open()
    const { store } = opened
    const [ann, bob] = [await store.addMailbox('ann', 1), await store.addMailbox('bob', 1)]
    await store.accept(await acceptance(store, [ann.id]), await acceptance(store, [bob.id]))
    await assert.rejects(store.accept(await acceptance(store, [ann.id]), await acceptance(store, [999])))
    for (const { id } of [ann, bob]) assert.equal((await store.mailboxState(id)).messages, 1)
    assert.deepEqual((await store.verify()).problems, [])
  })

  test(`${name}: PS-09: a run for the wire has its dots doubled and ends with CRLF.CRLF`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1)
    await store.accept(await acceptance(store, [ann.id], 'A: b\r\n\r\n.\r\n..x\r\n'))
    const run = await store.readStuffed(ann.id, Uint32Array.of(1, 2), 1_000_000)
    assert.deepEqual([...run.status], [0, 1])
    const message = 'Delivered-To: ann\r\nA: b\r\n\r\n..\r\n...x\r\n.\r\n'
    assert.equal(Buffer.from(run.octets).toString('latin1'), `+OK 35 octets\r\n${message}`)
    assert.deepEqual([run.starts[0], run.ends[0]], [15, 15 + message.length])
  })

  test(`${name}: a content above 256 KiB is a file, read back whole, gone with its last entry`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1)
    const big = `A: b\r\n\r\n${'x'.repeat(998)}\r\n`.repeat(1000)
    await store.accept(await acceptance(store, [ann.id], big))
    assert.deepEqual([...(await store.readStuffed(ann.id, Uint32Array.of(1), 1000)).status], [3])
    assert.equal(await textOf(store, ann.id, 1), `Delivered-To: ann\r\n${big}`)
    await store.removeEntries(ann.id, [1], event)
    assert.deepEqual((await (await opened.again()).verify()).problems, [])
  })

  test(`${name}: PS-03: a maildrop lock is one holder's until it ends or is given back`, async () => {
    await using opened = await open()
    const { store } = opened
    assert.equal(await store.lockMaildrop(1, 'a', { now: 0, until: 100 }), true)
    assert.equal(await store.lockMaildrop(1, 'b', { now: 50, until: 150 }), false)
    assert.equal(await store.lockMaildrop(1, 'b', { now: 100, until: 200 }), true) // a died
    await store.unlockMaildrop(1, 'a') // too late: not its own any more
    assert.equal(await store.lockMaildrop(1, 'c', { now: 150, until: 250 }), false)
  })

  test(`${name}: the trace finds a message by any address, subject, Message-ID or client, and no wild card`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1)
    await store.accept(await acceptance(store, [ann.id]))
    for (const text of ['ann@x.example', 'A@B', 'x', '1@b', '192.0.2.1'])
      assert.equal((await store.trace({ text, limit: 9 })).length, 1, text)
    for (const text of ['%', '_', 'nobody', '192.0.2'])
      assert.equal((await store.trace({ text, limit: 9 })).length, 0, text)
  })

  for (const [what, text] of [
    ['without its last CRLF', 'A: b\r\n\r\nend'],
    ['of nothing', ''],
    ['of one LF', '\n'],
    ['of one CRLF', '\r\n'],
  ] as const)
    for (const prefix of ['Delivered-To: ann\r\n', ''])
      test(`${name}: PS-08: the size of a message ${what} counts what is sent, ${prefix ? 'with' : 'without'} fields in front`, async () => {
        await using opened = await open()
        const { store } = opened
        const ann = await store.addMailbox('ann', 1)
        const accepted = await acceptance(store, [], text)
        await store.accept({ ...accepted, local: [{ mailbox: ann.id, recipients: ['ann'], prefix }] })
        const run = await store.readStuffed(ann.id, Uint32Array.of(1), 1e6)
        const sent = Buffer.from(run.octets).toString('latin1')
        const size = (await store.list(ann.id)).sizes[0]
        assert.equal(size, sent.length - run.starts[0]! - '.\r\n'.length)
        assert.ok(sent.startsWith(`+OK ${size} octets\r\n`), sent)
      })
}

function recordContract(name: string, open: Open): void {
  test(`${name}: MB-02: two changes of one mailbox at once are both kept`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1)
    await Promise.all([store.changeMailbox(ann.id, { quotaBytes: 5 }), store.changeMailbox(ann.id, { argon2: 'x' })])
    const row = (await store.mailboxes())[0]
    assert.deepEqual([row?.quotaBytes, row?.argon2], [5, 'x'])
  })

  test(`${name}: AD-14: a mailbox keeps where it sends its mail, until it is taken back`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1)
    assert.equal(ann.forward, null)
    const forward = { to: ['a@b.example'], keep: false }
    await store.changeMailbox(ann.id, { forward })
    await store.changeMailbox(ann.id, { quotaBytes: 5 })
    const again = await opened.again()
    assert.deepEqual((await again.mailboxes())[0]?.forward, forward)
    await again.changeMailbox(ann.id, { forward: null })
    assert.equal((await again.mailboxes())[0]?.forward, null)
  })

  test(`${name}: MB-02: a mailbox that was not removed first is not purged and keeps its mail`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1)
    await store.accept(await acceptance(store, [ann.id]))
    await assert.rejects(store.purgeMailbox(ann.id), (error: StoreError) => error.kind === 'conflict')
    assert.equal((await store.list(ann.id)).uids.length, 1)
    await store.changeMailbox(ann.id, { deletedAt: 5 })
    await store.purgeMailbox(ann.id)
    assert.deepEqual([await store.mailboxes(), (await store.verify()).problems], [[], []])
  })

  test(`${name}: MB-04: acceptances at the same time exceed a quota by one message at most`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1)
    await store.accept(await acceptance(store, [ann.id]))
    const { bytes: each } = await store.mailboxState(ann.id)
    await store.changeMailbox(ann.id, { quotaBytes: 3 * each + 1 })
    const waiting = await Promise.all([1, 2, 3, 4, 5, 6].map(() => acceptance(store, [ann.id])))
    const results = await Promise.allSettled(waiting.map((one) => store.accept(one)))
    const refused = results.filter((result) => result.status === 'rejected')
    assert.ok(refused.every(({ reason }) => (reason as StoreError).kind === 'conflict'))
    assert.deepEqual([refused.length, (await store.mailboxState(ann.id)).messages], [3, 4])
    assert.deepEqual((await store.verify()).problems, [])
  })

  test(`${name}: settings keep their history`, async () => {
    await using opened = await open()
    await opened.store.putSettings(new Map<string, unknown>([['a.b', 1]]), 'ann', 5)
    await opened.store.putSettings(new Map<string, unknown>([['a.b', undefined]]), 'ann', 6)
    assert.deepEqual([...(await opened.store.settings())], [])
    assert.deepEqual(
      (await opened.store.settingsHistory()).map(({ before, after }) => [before, after]),
      [
        [1, undefined],
        [undefined, 1],
      ],
    )
  })

  test(`${name}: the tables of the relay keep their rows and their order, also after opening anew`, async () => {
    await using opened = await open()
    const { store } = opened
    await store.putAlternate('b', '{"n":1}')
    await store.putAlternate('a', '{"n":2}')
    await store.putAlternate('b', '{"n":3}')
    await store.putRoutes(['"x"', '"y"', '"z"'])
    await store.putRoutes(['"z"', '"x"'])
    assert.deepEqual([await store.removeAlternate('a'), await store.removeAlternate('a')], [true, false])
    const again = await opened.again()
    assert.deepEqual(await again.alternates(), [{ name: 'b', value: '{"n":3}' }])
    assert.deepEqual(await again.routes(), ['"z"', '"x"'])
  })
}
