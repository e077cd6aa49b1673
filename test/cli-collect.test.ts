// Remote accounts as commands show them, on a real store: who may do what, what is refused, what is said.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { remoteSecretOf } from '#/pop3-client/credentials.ts'
import type { RemoteRow, RemoteState } from '#/storage/collected.ts'
import { operationsRig, type Operations } from './operations-rig.ts'

type Shown = { readonly [key: string]: unknown; readonly warnings?: readonly string[] }
const old = { name: 'old', mailbox: 'ann', host: 'pop.example.com', user: 'ann@example.com', password: 'hush-hush' }

async function rigWith(...mailboxes: string[]): Promise<Operations> {
  const rig = await operationsRig()
  for (const name of mailboxes) await rig.run('mailbox.add', { name })
  return rig
}
const run = async (rig: Operations, name: string, parameters: object = {}): Promise<Shown> =>
  (await rig.run(`collect.${name}`, parameters)) as Shown // answers are objects
const list = async (rig: Operations, view: object = {}): Promise<Shown[]> =>
  (await rig.run('collect.list', view)) as Shown[] // of shown accounts

/** As if these had been collected. */
async function remember(
  rig: Operations,
  states: Readonly<Record<string, RemoteState>>,
  more: Partial<RemoteRow> = {},
): Promise<void> {
  const { id } = rig.context.accounts.byName('old')!
  const at = rig.context.world.clock.now()
  const rows = Object.entries(states).map(([uid, state]): RemoteRow => ({
    uid,
    state,
    headerHash: uid,
    sizeBytes: 1000,
    at,
    goneAt: null,
    tries: 0,
    problem: null,
    message: null,
    mailbox: null,
    localUid: null,
    sameness: '',
    ...more,
  }))
  await rig.store.collected.mark(id, rows)
}

test('PC-11 an account waits until somebody says what the first run takes, and the list says what to type', async () => {
  await using rig = await rigWith('ann')
  await run(rig, 'add', old)
  const [waits] = await list(rig)
  assert.equal(waits?.['state'], 'stopped')
  assert.match(String(waits?.['because']), /netcruiser collect set old --first everything, or new, or a date/)
  await run(rig, 'set', { name: 'old', first: 'new' })
  const [goes] = await list(rig)
  assert.deepEqual([goes?.['state'], goes?.['because']], ['idle', null])
})

test('PC-12 what is remembered of the messages of an account is dropped only by --force', async () => {
  await using rig = await rigWith('ann')
  await run(rig, 'add', { ...old, first: 'everything' })
  await remember(rig, { a: 'stored', b: 'removed' })
  await assert.rejects(
    run(rig, 'remove', { name: 'old' }),
    /what became of 2 messages of old\..*--force.*collect pause old/,
  )
  assert.equal((await list(rig)).length, 1)
  assert.deepEqual(await run(rig, 'remove', { name: 'old', force: true }), { removed: 'old', forgotten: 2 })
  assert.deepEqual(await list(rig), [])
})

test('PC-12 a new name keeps what is remembered, and the password', async () => {
  await using rig = await rigWith('ann')
  await run(rig, 'add', { ...old, first: 'everything' })
  await remember(rig, { a: 'stored' })
  await run(rig, 'set', { name: 'old', newName: 'older' })
  const shown = await run(rig, 'show', { name: 'older' })
  assert.deepEqual(shown['remembered'], { stored: 1 })
  assert.equal(passwordOf(rig, 'older'), 'hush-hush')
})

function passwordOf({ context }: Operations, name: string): string {
  const { settings } = context.accounts.byName(name)!
  assert.ok(settings.auth.kind === 'password')
  return context.secrets.open(settings.auth.secret, remoteSecretOf(settings, 'password'))
}

test('PC-21 what stays on the server is listed with the reason and what to do', async () => {
  await using rig = await rigWith('ann')
  await run(rig, 'add', { ...old, first: 'everything' })
  await remember(rig, { gone: 'aside' }, { goneAt: 1 })
  await remember(
    rig,
    { here: 'stored', odd: 'aside', never: 'ignored', copy: 'duplicate' },
    { problem: 'RETR said no' },
  )
  const stayed = (await rig.run('collect.stayed', { name: 'old' })) as Shown[] // a list of rows
  assert.deepEqual(stayed.map(({ uid }) => String(uid)).toSorted(), ['copy', 'never', 'odd'])
  assert.match(String(stayed.find(({ uid }) => uid === 'odd')?.['because']), /RETR said no; .*fetch-raw/)
})

test('PC-27 messages that came more than once are shown together, from all accounts of the mailbox', async () => {
  await using rig = await rigWith('ann')
  await run(rig, 'add', { ...old, first: 'everything' })
  await remember(rig, { a: 'stored', b: 'duplicate' }, { sameness: 'same' })
  await remember(rig, { c: 'stored' }, { sameness: 'other' })
  const groups = (await rig.run('collect.duplicates', { name: 'old' })) as { copies: Shown[] }[] // groups of copies
  assert.deepEqual(
    groups.map(({ copies }) => copies.map(({ account, uid }) => [account, uid])),
    [
      [
        ['old', 'a'],
        ['old', 'b'],
      ],
    ],
  )
})

test('PC-28 each option is kept as it was said, and what is left out stays', async () => {
  await using rig = await rigWith('ann')
  await run(rig, 'add', { ...old, first: 'everything', deleteAfterDays: 30 })
  await run(rig, 'set', { name: 'old', keepNewest: 100, keepBytes: 1_000_000, deleteWithLocal: true })
  await run(rig, 'set', { name: 'old', deleteAfterDays: null })
  const { leave, deleteAfterDays, keepNewest, keepBytes, deleteWithLocal } = await run(rig, 'show', { name: 'old' })
  assert.deepEqual([leave, deleteAfterDays, keepNewest, keepBytes, deleteWithLocal], [true, null, 100, 1_000_000, true])
})

test('PC-29 deleting that is switched on later spares what was collected before, until somebody confirms it', async () => {
  await using rig = await rigWith('ann')
  await run(rig, 'add', { ...old, first: 'everything' })
  await remember(rig, { a: 'stored', b: 'stored', c: 'ignored', d: 'removed' })
  rig.later(1000)
  const changed = await run(rig, 'set', { name: 'old', leave: false })
  assert.equal(changed['keptUntilConfirmed'], 2)
  assert.match(
    String(changed['note']),
    /2 messages of before stay on pop\.example\.com until you say so: netcruiser collect confirm-delete old/,
  )
  assert.equal((await run(rig, 'show', { name: 'old' }))['keepsEarlier'], true)
  assert.deepEqual(await run(rig, 'confirm-delete', { name: 'old' }), { account: 'old', deletedAtNextRun: 2 })
  assert.equal(rig.context.accounts.byName('old')!.settings.deletesFrom, 0)
})

test('PC-29, PC-30 each way of deleting asks the same, and an account with nothing collected is asked nothing', async () => {
  const ways = [
    { deleteAfterDays: 3 },
    { keepNewest: 5 },
    { keepBytes: 5000 },
    { deleteWithLocal: true },
    { leave: false },
  ]
  for (const way of ways) {
    await using rig = await rigWith('ann')
    await run(rig, 'add', { ...old, first: 'everything' })
    assert.equal((await run(rig, 'set', { name: 'old', ...way }))['keptUntilConfirmed'], undefined)
    await run(rig, 'set', {
      name: 'old',
      leave: true,
      deleteAfterDays: null,
      keepNewest: null,
      keepBytes: null,
      deleteWithLocal: false,
    })
    await remember(rig, { a: 'stored' })
    assert.equal((await run(rig, 'set', { name: 'old', ...way }))['keptUntilConfirmed'], 1, JSON.stringify(way))
    assert.equal((await run(rig, 'set', { name: 'old', note: 'x' }))['keptUntilConfirmed'], undefined)
  }
})

test('PC-30 confirming a deletion is refused where nothing would be deleted', async () => {
  await using rig = await rigWith('ann')
  await run(rig, 'add', { ...old, first: 'everything' })
  await assert.rejects(run(rig, 'confirm-delete', { name: 'old' }), /leaves everything on the server.*--no-leave/)
})

test('PC-31 the ways of a server that deletes by itself are told', async () => {
  await using rig = await rigWith('ann')
  await run(rig, 'add', { ...old, first: 'everything' })
  const { id } = rig.context.accounts.byName('old')!
  for (const [expireDays, words] of [
    [0, /pop\.example\.com deletes by itself what was collected/],
    [7, /deletes by itself what it has held for 7 days/],
  ] as const) {
    await rig.context.accounts.setStatus(id, { expireDays })
    assert.match((await run(rig, 'show', { name: 'old' })).warnings!.join(), words)
  }
})

test('PC-34 a message is deleted on the server only by who says --yes, and is told whether a copy is here', async () => {
  await using rig = await rigWith('ann')
  await run(rig, 'add', { ...old, first: 'everything' })
  await remember(rig, { never: 'ignored' })
  const asked = { name: 'old', uids: ['never', 'unseen'], action: 'delete' }
  await assert.rejects(
    run(rig, 'act', asked),
    /2 messages would be deleted on pop\.example\.com for good, 2 without a copy here: say --yes/,
  )
  const copies = await rig.run('collect.copies', { name: 'old', uids: ['never'] })
  assert.deepEqual(copies, [{ uid: 'never', here: false }])
})

test('PC-37 a secret is sealed, is in no answer, and goes into a file only when asked for', async () => {
  await using rig = await rigWith('ann')
  const answers = [
    await run(rig, 'add', { ...old, first: 'everything' }),
    await run(rig, 'show', { name: 'old' }),
    await list(rig),
    await rig.run('collect.status'),
    await rig.store.collected.accounts(),
    await rig.run('settings.export', { hashes: true }),
    await rig.run('trace', {}),
  ]
  const { settings } = rig.context.accounts.byName('old')!
  assert.ok(settings.auth.kind === 'password')
  for (const answer of answers) assert.doesNotMatch(JSON.stringify(answer), /hush-hush/)
  for (const answer of answers.slice(0, 4)) assert.ok(!JSON.stringify(answer).includes(settings.auth.secret))
  assert.match(JSON.stringify(await rig.run('settings.export', { secrets: true })), /hush-hush/)
})

test('PC-37 a password goes to no other server: whoever changes host or user gives it again', async () => {
  await using rig = await rigWith('ann')
  await run(rig, 'add', { ...old, first: 'everything' })
  for (const change of [{ host: 'evil.example' }, { user: 'bob@example.com' }]) {
    await assert.rejects(
      run(rig, 'set', { name: 'old', ...change }),
      /was given for ann@example\.com at pop\.example\.com: give it again/,
    )
    await run(rig, 'set', { name: 'old', ...change, password: 'another' })
    assert.equal(passwordOf(rig, 'old'), 'another')
    await run(rig, 'set', { ...old, mailbox: undefined })
  }
})

test('PC-39 a stopped account is a problem for doctor, and works again after it was changed or resumed', async () => {
  await using rig = await rigWith('ann')
  await run(rig, 'add', { ...old, first: 'everything' })
  const { id } = rig.context.accounts.byName('old')!
  const stop = {
    is: 'stopped',
    reason: 'refused',
    words: 'The password is wrong',
    nextRunAt: Number.MAX_SAFE_INTEGER,
  } as const
  for (const [name, change] of [
    ['resume', {}],
    ['set', { password: 'right' }],
  ] as const) {
    await rig.context.accounts.setStatus(id, stop)
    const { advice } = (await rig.run('doctor')) as { advice: string[] } // its findings
    assert.ok(
      advice.includes('The account old collects nothing: The password is wrong (see FAQ: account-stopped)'),
      advice.join(),
    )
    await run(rig, name, { name: 'old', ...change })
    assert.equal((await list(rig))[0]?.['state'], 'idle')
  }
  await run(rig, 'pause', { name: 'old' })
  assert.deepEqual([(await list(rig))[0]?.['state'], (await list(rig))[0]?.['nextRunAt']], ['paused', null])
})

test('PC-01, P3C-09 each choice that weakens an account is told when it is saved, in the list of what to do, and when it is shown', async () => {
  await using rig = await rigWith('ann')
  await run(rig, 'add', { ...old, first: 'everything' })
  assert.equal((await run(rig, 'set', { name: 'old' })).warnings, undefined)
  for (const [change, back, words] of [
    [{ tls: 'none' }, { tls: 'implicit' }, /in clear, and everybody/],
    [{ tls: 'opportunistic' }, { tls: 'implicit' }, /in clear when TLS is not offered/],
    [{ anyCertificate: true }, { anyCertificate: false }, /any certificate is taken/],
    [{ plainAuthAllowed: true }, { plainAuthAllowed: false }, /password may go to pop\.example\.com in clear/],
    [{ deleteLargerBytes: 4096 }, { deleteLargerBytes: null }, /larger than 4096 octets are deleted/],
  ] as const) {
    assert.match((await run(rig, 'set', { name: 'old', ...change })).warnings!.join(), words)
    assert.match((await run(rig, 'show', { name: 'old' })).warnings!.join(), words)
    if (!('deleteLargerBytes' in change)) assert.match(JSON.stringify(await rig.run('doctor')), words)
    assert.equal((await run(rig, 'set', { name: 'old', ...back })).warnings, undefined)
  }
})

test('PC-01 TLS from the start is the default, and the port follows the kind of TLS', async () => {
  await using rig = await rigWith('ann')
  const kinds: unknown[][] = []
  const note = ({ tls, port }: Shown): void => void kinds.push([tls, port])
  note(await run(rig, 'add', { ...old, first: 'everything' }))
  note(await run(rig, 'set', { name: 'old', tls: 'required' }))
  note(await run(rig, 'set', { name: 'old', port: 2110 }))
  note(await run(rig, 'set', { name: 'old', tls: 'implicit' }))
  assert.deepEqual(kinds, [
    ['implicit', 995],
    ['required', 110],
    ['required', 2110],
    ['implicit', 2110],
  ])
})

test('PC-09 leaving messages is refused where the server tells them not apart', async () => {
  await using rig = await rigWith('ann')
  await run(rig, 'add', { ...old, first: 'everything', leave: false })
  await rig.context.accounts.setStatus(rig.context.accounts.byName('old')!.id, { identities: 'none' })
  await assert.rejects(run(rig, 'set', { name: 'old', leave: true }), /come again each time: use --no-leave/)
})

test('LP-06 a mailbox of this server is not collected into itself, by whatever name or address it is called', async () => {
  await using rig = await rigWith('ann', 'bob')
  await rig.run('settings.set', { name: 'server.localNames', value: ['mail.example.net'] })
  await rig.run('domain.add', { name: 'example.com' })
  const own = { ...old, tls: 'required', first: 'everything' }
  for (const host of [
    'localhost',
    'mx.example.net',
    'MAIL.example.net',
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    '::ffff:127.0.0.1',
    '0.0.0.0',
  ])
    await assert.rejects(run(rig, 'add', { ...own, host }), /into itself would go on for ever/, host)
  await assert.rejects(run(rig, 'add', { ...own, host: 'localhost', port: 2110, user: 'ann' }), /into itself/)
  const other = { ...own, host: 'localhost' }
  await assert.rejects(
    run(rig, 'add', { ...other, mailbox: 'bob', distribution: { header: 'Delivered-To' } }),
    /into itself/,
  )
  await run(rig, 'add', { ...other, name: 'elsewhere', port: 4110 })
  await run(rig, 'add', { ...other, name: 'between', mailbox: 'bob' })
  await assert.rejects(run(rig, 'set', { name: 'between', mailbox: 'ann' }), /into itself/)
})

const refusals: readonly (readonly [string, object, RegExp])[] = [
  ['a port of another service', { port: 5432 }, /Port 5432 is not allowed, only 110 and 995/],
  ['addresses of this network', { privateAllowed: true }, /Addresses of this network are not allowed/],
  ['any certificate', { anyCertificate: true }, /must prove its name/],
  ['the mailbox of another', { mailbox: 'bob' }, /your own mailbox only/],
  ['mail for others', { distribution: { header: 'Delivered-To' } }, /your own mailbox only/],
]
for (const [what, change, words] of refusals)
  test(`PC-38, P3C-10 the owner of a mailbox may not have ${what}, neither saved nor tried`, async () => {
    await using rig = await rigWith('ann', 'bob')
    const asked = { ...old, mailbox: undefined, owner: 'ann' }
    for (const name of ['add', 'test']) await assert.rejects(run(rig, name, { ...asked, ...change }), words)
    await run(rig, 'add', asked)
    await assert.rejects(run(rig, 'set', { name: 'old', owner: 'ann', ...change }), words)
  })

test('PC-38, P3C-10 an owner sees the accounts of that mailbox only, and changes only their own', async () => {
  await using rig = await rigWith('ann', 'bob')
  await run(rig, 'add', { ...old, name: 'mine', mailbox: undefined, owner: 'ann' })
  await run(rig, 'add', { ...old, name: 'given', user: 'other@example.com' })
  await run(rig, 'add', { ...old, name: 'theirs', mailbox: 'bob' })
  const mine = await list(rig, { owner: 'ann' })
  assert.deepEqual(
    mine.map(({ name, byOwner }) => [name, byOwner]),
    [
      ['given', false],
      ['mine', true],
    ],
  )
  const none = /There is no account theirs/
  for (const name of [
    'show',
    'set',
    'remove',
    'pause',
    'resume',
    'run',
    'cancel',
    'log',
    'browse',
    'stayed',
    'duplicates',
    'mark-all',
    'adopt',
    'confirm-delete',
    'sign-in-begin',
  ])
    await assert.rejects(run(rig, name, { name: 'theirs', owner: 'ann' }), none, name)
  for (const name of ['set', 'remove', 'pause', 'resume', 'browse', 'stayed', 'mark-all', 'adopt', 'confirm-delete'])
    await assert.rejects(run(rig, name, { name: 'given', owner: 'ann' }), /belongs to whoever runs this server/, name)
  const twins = (await run(rig, 'show', { name: 'mine', owner: 'ann' })).warnings ?? []
  assert.doesNotMatch(twins.join(), /theirs/)
})

test('P3C-10 an account that gets what its owner may not have belongs to whoever gave it', async () => {
  await using rig = await rigWith('ann')
  await run(rig, 'add', { ...old, mailbox: undefined, owner: 'ann' })
  assert.equal((await run(rig, 'set', { name: 'old', privateAllowed: true }))['byOwner'], false)
  await assert.rejects(run(rig, 'set', { name: 'old', owner: 'ann', host: '127.0.0.1' }), /belongs to whoever runs/)
})

test('two accounts of one box are told of', async () => {
  await using rig = await rigWith('ann')
  await run(rig, 'add', { ...old, first: 'everything' })
  const second = await run(rig, 'add', { ...old, name: 'again' })
  assert.match(second.warnings!.join(), /again and old collect the same box/)
})

test('what is wrong is said in words that tell what to do', async () => {
  await using rig = await rigWith('ann')
  await run(rig, 'add', old)
  const wrong: readonly (readonly [string, object, RegExp])[] = [
    ['add', old, /There is an account old already: collect set changes it/],
    ['add', { ...old, name: 'x', mailbox: 'nobody' }, /There is no mailbox nobody/],
    ['add', { ...old, name: 'x', mailbox: undefined }, /--into ann/],
    ['add', { ...old, name: 'x', host: undefined }, /--host/],
    ['add', { ...old, name: 'x', user: undefined }, /--user/],
    ['add', { ...old, name: 'x', password: '' }, /empty password/],
    ['add', { ...old, name: 'x', clientId: 'id' }, /not both/],
    ['add', { ...old, name: 'x', host: 'no host' }, /write a host name/],
    ['add', { ...old, name: 'X Y' }, /a name has small letters/],
    ['set', { name: 'other' }, /There is no account other; netcruiser collect list/],
    ['set', { name: 'old', intervalMs: 1 }, /intervalMs/],
  ]
  for (const [name, parameters, words] of wrong)
    await assert.rejects(run(rig, name, parameters), words, JSON.stringify(parameters))
})

test('accounts move with a world: choices, the day of the first run, and secrets when asked for', async () => {
  await using here = await rigWith('ann')
  await using there = await operationsRig()
  await run(here, 'add', {
    ...old,
    first: Date.UTC(2026, 0, 2),
    leave: false,
    distribution: { header: 'Delivered-To', position: 2 },
  })
  await run(here, 'add', {
    ...old,
    name: 'token',
    password: undefined,
    clientId: 'id',
    tokenEndpoint: 'https://token.example/',
    refreshToken: 'refresh-hush',
  })
  const { text } = (await here.run('settings.export', { secrets: true })) as { text: string } // its shape
  assert.match(text, /first = 2026-01-02T00:00:00.000Z/)
  const tallies = (await there.run('settings.import', { text })) as { collect: object } // of each table
  assert.deepEqual(tallies.collect, { added: 2, changed: 0, unchanged: 0 })
  assert.equal(passwordOf(there, 'old'), 'hush-hush')
  assert.equal(((await there.run('settings.export', { secrets: true })) as { text: string }).text, text)
  const again = (await there.run('settings.import', { text })) as { collect: object } // as before
  assert.deepEqual(again.collect, { added: 0, changed: 0, unchanged: 2 })
  await assert.rejects(
    there.run('settings.import', { text: '[[collect]]\nname = "x"\nuser = "u"\nhost = "h"\nmailbox = "nobody"\n' }),
    /collect\[1\]: There is no mailbox nobody/,
  )
})
