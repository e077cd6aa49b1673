// Messages written in the console, on a real store: kept as one types, sent once, taken back, never in a false name.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import type { Actor } from '#/accounts/types.ts'
import type { Context } from '#/operations/context.ts'
import { uploads } from '#/operations/tables/uploads.ts'
import { perform } from '#/operations/table.ts'
import { operationsRig, type Operations } from './operations-rig.ts'

const owner: Actor = {
  role: 'owner',
  name: 'ann',
  mailbox: 'ann',
  scopes: null,
  via: 'session',
  from: '192.0.2.1',
  sessionId: null,
}
const asOwner = (rig: Operations): Context => ({ ...rig.context, actor: owner })
const fields = { from: 'ann@mx.example.net', to: ['bob@far.example'], subject: 'Hello', text: 'See you' }

type Saved = { draft: string; version: number }
type Queued = { message: string | null; leavesAt: number | null; refused: { to: string; because: string }[] }

async function rigWithAnn(): Promise<Operations> {
  const rig = await operationsRig()
  await rig.run('mailbox.add', { name: 'ann' })
  return rig
}
const marked = ({ draft, version }: Saved): object => ({ draft, version })
const save = async (rig: Operations, more: object = {}): Promise<Saved> =>
  (await rig.run('draft.save', { fields: { ...fields, ...more } })) as Saved
const send = async (rig: Operations, { draft, version }: Saved, more: object = {}): Promise<Queued> =>
  (await rig.run('send.draft', { draft, version, ...more })) as Queued
const noUndo = (rig: Operations) => rig.run('settings.set', { name: 'sendEMail.undoMs', value: 0 })

async function* pieces(count: number, each: number, taken: { count: number } = { count: 0 }) {
  for (; taken.count < count; taken.count++) {
    await wait(0)
    yield new Uint8Array(each).fill(65)
  }
}
const attach = (context: Context, asked: object, chunks: AsyncIterable<Uint8Array>): Promise<unknown> => {
  const { parameters, take } = uploads.get('draft-attachment')!
  return take(context, parameters.parse(asked) as never, chunks) // its own schema has passed it
}
async function octetsOf(rig: Operations, key: string): Promise<string> {
  const [row] = await rig.store.queue.ofMessage(key)
  const chunks: Uint8Array[] = []
  const content = await rig.store.queue.content(row!)
  if (content instanceof Uint8Array) return Buffer.from(content).toString('latin1')
  for await (const chunk of content) chunks.push(chunk)
  return Buffer.concat(chunks).toString('latin1')
}

test('SE-04 a draft is kept as it is typed, and a window that knows an old version overwrites nothing', async () => {
  await using rig = await rigWithAnn()
  const first = await save(rig, { to: ['half@'] })
  const second = (await rig.run('draft.save', { ...marked(first), fields: { ...fields, text: 'more' } })) as Saved
  assert.deepEqual([first.version, second.version], [1, 2])
  await assert.rejects(rig.run('draft.save', { ...marked(first), fields }), /changed in another window/)
  const shown = (await rig.run('draft.show', { draft: first.draft })) as { fields: typeof fields }
  assert.equal(shown.fields.text, 'more')
  await assert.rejects(send(rig, first), /changed in another window/)
  await rig.run('draft.remove', { draft: first.draft })
  await assert.rejects(rig.run('draft.show', { draft: first.draft }), /gone/)
})

test('SE-04 asked five times at once and once more later, one message is queued and one copy kept', async () => {
  await using rig = await rigWithAnn()
  await noUndo(rig)
  const draft = await save(rig)
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => send(rig, draft)))
  const again = await send(rig, draft)
  assert.deepEqual(new Set([...answers, again].map(({ message }) => message)).size, 1)
  assert.equal(((await rig.run('queue.list')) as { rows?: unknown[] } & unknown[]).length, 1)
  const { rows } = (await rig.run('sent.list')) as { rows: { message: string; subject: string }[] }
  assert.deepEqual(
    rows.map(({ message, subject }) => [message, subject]),
    [[again.message, 'Hello']],
  )
  assert.deepEqual(((await rig.run('draft.list')) as { rows: unknown[] }).rows, [])
  assert.deepEqual((await rig.store.verify()).problems, [])
})

test('SE-04 a copy is no mail: POP3 lists none, and it goes when it is removed', async () => {
  await using rig = await rigWithAnn()
  await noUndo(rig)
  const within = asOwner(rig)
  const draft = (await perform(within, { name: 'draft.save', parameters: { fields } })) as Saved
  const { message } = (await perform(within, { name: 'send.draft', parameters: marked(draft) })) as Queued
  const mailbox = (await rig.store.mailboxes())[0]!
  assert.deepEqual([(await rig.store.list(mailbox.id)).uids.length, mailbox.messages], [0, 0])
  assert.deepEqual(((await rig.run('sent.list')) as { rows: unknown[] }).rows, [], 'not of the administrators')
  await perform(within, { name: 'sent.remove', parameters: { message } })
  assert.deepEqual((await rig.store.verify()).problems, [])
})

const senders: readonly [from: string, asked: RegExp | null][] = [
  ['ann@mx.example.net', null],
  ['Ann <ANN@mx.example.net>', null],
  ['ann', null],
  ['info@mx.example.net', null],
  ['bob@mx.example.net', /does not lead to your mailbox\. Choose .*ann@mx\.example\.net/],
  ['ann@far.example', /does not lead to your mailbox\. Choose .*info@mx\.example\.net/],
  ['ann@mx.example.net, info@mx.example.net', /one sender/],
  ['', /Choose the address/],
  ['<>', /</],
]
for (const [from, refused] of senders)
  test(`SE-05 an owner sends only as who they are: ${from || 'nobody'} is ${refused ? 'refused' : 'taken'}`, async () => {
    await using rig = await rigWithAnn()
    await rig.run('mailbox.add', { name: 'bob' })
    await rig.run('address.add', { address: 'info@mx.example.net', targets: ['ann'], note: '', expiresAt: null })
    const within = asOwner(rig)
    const draft = (await perform(within, { name: 'draft.save', parameters: { fields: { ...fields, from } } })) as Saved
    const asked = perform(within, { name: 'send.draft', parameters: marked(draft) })
    if (refused) await assert.rejects(asked, refused)
    else assert.match(String(((await asked) as Queued).message), /^[0-9a-z]{26}$/)
  })

test('SE-05 who runs the server sends as any address of it, and as no other', async () => {
  await using rig = await rigWithAnn()
  await assert.rejects(
    send(rig, await save(rig, { from: 'ann@far.example' })),
    /no address of this server\. Choose ann@/,
  )
  const { addresses } = (await rig.run('send.addresses')) as { addresses: string[] }
  assert.equal(addresses[0], 'ann@mx.example.net')
})

test("SE-05 another's drafts and messages are nobody's to see or take back", async () => {
  await using rig = await rigWithAnn()
  const draft = await save(rig)
  for (const name of ['draft.show', 'draft.remove', 'send.draft'])
    await assert.rejects(
      perform(asOwner(rig), { name, parameters: name === 'send.draft' ? marked(draft) : { draft: draft.draft } }),
      /gone/,
    )
  const { message } = await send(rig, draft)
  await assert.rejects(perform(asOwner(rig), { name: 'send.cancel', parameters: { message } }), /No such message/)
})

test('SE-07 for ten seconds it can be taken back, and the draft is as it was', async () => {
  await using rig = await rigWithAnn()
  const draft = await save(rig, { bcc: ['cy@far.example'] })
  await attach(rig.context, { draft: draft.draft, name: 'a.txt', type: 'text/plain' }, pieces(2, 10))
  const { message, leavesAt } = await send(rig, draft)
  const [row] = await rig.store.queue.ofMessage(message!)
  assert.ok(leavesAt! - row!.acceptedAt >= 9990 && leavesAt! - row!.acceptedAt <= 10_000)
  assert.equal(((await rig.run('send.waiting')) as { rows: unknown[] }).rows.length, 1)
  await assert.rejects(rig.run('draft.save', { ...marked(draft), fields }), /queued already/)
  assert.deepEqual(await rig.run('send.cancel', { message }), { draft: draft.draft, recipients: 2 })
  await assert.rejects(rig.run('send.cancel', { message }), /taken back already/)
  const back = (await rig.run('draft.show', { draft: draft.draft })) as {
    version: number
    attached: unknown[]
    fields: object
  }
  assert.partialDeepStrictEqual(back, { version: 2, fields: { ...fields, bcc: ['cy@far.example'] }, message: null })
  assert.equal(back.attached.length, 1)
  assert.deepEqual(((await rig.run('sent.list')) as { rows: unknown[] }).rows, [])
  const again = await send(rig, { ...draft, version: 2 })
  assert.notEqual(again.message, message)
  assert.deepEqual((await rig.store.verify()).problems, [])
})

test('SE-07 what has begun to leave is not taken back', async () => {
  await using rig = await rigWithAnn()
  const { message } = await send(rig, await save(rig))
  const [row] = await rig.store.queue.ofMessage(message!)
  const lease = { node: 'x', until: rig.context.world.clock.now() + 60_000 }
  await rig.store.queue.move({ at: 1, moves: [{ row: row!, to: { ...row!, state: 'leased', attempts: 1, lease } }] })
  await assert.rejects(rig.run('send.cancel', { message }), /has begun/)
  assert.equal(((await rig.run('sent.list')) as { rows: unknown[] }).rows.length, 1)
})

const injections: readonly [string, object, RegExp][] = [
  ['a subject', { subject: 'x\r\nBcc: eve@e.example' }, /line end/],
  ['a subject with LF', { subject: 'x\nX: y' }, /line end/],
  ['a name', { to: ['"B\r\nX: y" <bob@far.example>'] }, /./],
  ['an address', { to: ['bob@far.example\r\nX: y'] }, /./],
  ['a sender', { from: 'Ann\r\nX: y <ann@mx.example.net>' }, /./],
  ['a reference', { references: ['<a@b>\r\nX: y'] }, /message id/],
  ['a line separator', { subject: 'x\u2028y' }, /line end/],
]
for (const [what, more, words] of injections)
  test(`SE-03, HDR-12 a line end in ${what} of a draft makes no field`, async () => {
    await using rig = await rigWithAnn()
    await assert.rejects(send(rig, await save(rig, more)), words)
    assert.deepEqual(await rig.run('queue.list'), [])
  })

test('SE-03, SE-06 what is sent has its fields, its attachments octet by octet, and nothing of Bcc', async () => {
  await using rig = await rigWithAnn()
  const draft = await save(rig, { subject: 'Grüße', bcc: ['cy@far.example'], references: ['<1@far.example>'] })
  await attach(rig.context, { draft: draft.draft, name: 'Übersicht.txt', type: 'text/plain' }, pieces(5, 100_000))
  const { message } = await send(rig, draft)
  const octets = await octetsOf(rig, message!)
  assert.match(octets, /^From: ann@mx\.example\.net\r\nTo: bob@far\.example\r\nSubject: =\?utf-8\?/)
  assert.match(octets, /\r\nMessage-ID: <[^>]+@mx\.example\.net>\r\nIn-Reply-To: <1@far\.example>\r\n/)
  assert.match(octets, /filename\*0\*=utf-8''%C3%9Cbersicht\.txt/)
  assert.doesNotMatch(octets, /cy@|bcc/i)
  const [, body] = octets.split(/base64\r\n\r\n/)
  assert.equal(Buffer.from(body!.split('\r\n--')[0]!, 'base64').equals(Buffer.alloc(500_000, 65)), true)
})

test('SE-06 what would not fit is refused by its size, or as soon as it has become too much', async () => {
  await using rig = await rigWithAnn()
  const { draft } = await save(rig)
  await rig.run('settings.set', { name: 'mailServer.messageBytesMax', value: 1_000_000 })
  const taken = { count: 0 }
  const asked = { draft, name: 'big.bin', type: '' }
  await assert.rejects(
    attach(rig.context, { ...asked, size: '900000' }, pieces(9, 100_000, taken)),
    /1\.0 MB, and a file grows/,
  )
  assert.equal(taken.count, 0)
  await assert.rejects(attach(rig.context, asked, pieces(100, 100_000, taken)), /does not fit/)
  assert.ok(taken.count < 9, String(taken.count))
  const outgoing = { ...rig.context.outgoing!, sizeBytesMaxOf: (name: string) => (name === 'isp' ? 500_000 : null) }
  await rig.run('alternate.add', { name: 'isp', hosts: ['smtp.isp.example'] })
  await rig.run('settings.set', { name: 'mailRelay.alternate', value: 'isp' })
  const known = { ...rig.context, outgoing } as Context
  await assert.rejects(
    attach(known, { ...asked, size: '400000' }, pieces(4, 100_000)),
    /the server isp takes messages of at most 0\.5 MB/,
  )
  await attach(known, { ...asked, size: '300000' }, pieces(3, 100_000))
  assert.deepEqual((await rig.store.verify()).problems, [])
})

test('SE-01 before sending it is told for each recipient what would happen, and what may be forgotten', async () => {
  await using rig = await rigWithAnn()
  await rig.run('alternate.add', { name: 'isp', hosts: ['192.0.2.7'] })
  await rig.run('settings.set', { name: 'sendEMail.server', value: 'isp' })
  const told = (await rig.run('send.preview', {
    fields: {
      ...fields,
      subject: '',
      text: 'siehe Anhang',
      to: ['ann', 'nobody@mx.example.net', 'bob@far.example', 'x y'],
    },
  })) as { recipients: { is: string; problem: string | null; ways: unknown[] }[]; warnings: string[] }
  assert.deepEqual(
    told.recipients.map(({ is }) => is),
    ['local', 'unknown', 'remote', 'invalid'],
  )
  assert.deepEqual(told.recipients[2]!.ways, [{ is: 'alternate', server: 'isp' }])
  assert.match(told.recipients[1]!.problem!, /no mailbox nobody@/)
  assert.deepEqual(told.warnings, ['no-subject', 'no-attachment'])
  const refused = await send(rig, await save(rig, { to: ['nobody@mx.example.net', 'bob@far.example'] }))
  assert.deepEqual([refused.message, refused.refused.length], [null, 1])
  assert.equal(((await rig.run('draft.list')) as { rows: unknown[] }).rows.length, 1, 'the draft stays')
})

test('WEB-14, WEB-17 typing floods no audit: it tells that a draft was sent or removed', async () => {
  await using rig = await rigWithAnn()
  const draft = await save(rig)
  await rig.run('draft.save', { ...marked(draft), fields })
  await send(rig, { ...draft, version: 2 })
  const { rows } = (await rig.run('audit')) as { rows: { operation: string }[] }
  assert.deepEqual(
    rows.map(({ operation }) => operation),
    ['send.draft', 'mailbox.add'],
  )
})
