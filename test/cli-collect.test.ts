// Remote accounts as commands show them, on a real store: what is kept, what is asked, what is said.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { remoteSecretOf } from '#/pop3-client/credentials.ts'
import type { RemoteRow } from '#/storage/collected.ts'
import { list, old, remember, rigWith, run, type Shown } from './collect-commands-rig.ts'
import { operationsRig, type Operations } from './operations-rig.ts'

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

test('PC-27, PC-10 a message that has got a new UID did not come twice', async () => {
  await using rig = await rigWith('ann')
  await run(rig, 'add', { ...old, first: 'everything' })
  const message = 'key' as RemoteRow['message']
  await remember(rig, { before: 'stored' }, { sameness: 'same', message, goneAt: 1 })
  await remember(rig, { now: 'stored' }, { sameness: 'same', message })
  assert.deepEqual(await rig.run('collect.duplicates', { name: 'old' }), [])
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
    String(changed['hint']),
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

test('PC-01, P3C-09 each choice that weakens an account is told when it is saved, when it is shown, in the list and by doctor', async () => {
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
    if ('deleteLargerBytes' in change) continue // a choice, no weakness
    assert.match(JSON.stringify(await rig.run('doctor')), words)
    assert.match((await list(rig))[0]!.warnings!.join(), words)
    assert.equal((await run(rig, 'set', { name: 'old', ...back })).warnings, undefined)
  }
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

test('PC-31 a provider that the address names needs no host, and says what to know of it', async () => {
  await using rig = await rigWith('ann')
  const asked = (name: string, user: string, more: object = {}): Promise<Shown> =>
    run(rig, 'add', { name, user, mailbox: 'ann', password: 'secret', ...more })
  const gmail = await asked('g', 'ann@gmail.com')
  assert.deepEqual([gmail['host'], gmail['port'], gmail['user']], ['pop.gmail.com', 995, 'ann@gmail.com'])
  assert.match(JSON.stringify(gmail['advice']), /what Gmail does with a message that was fetched/)
  const seldom = await asked('w', 'ann@web.de')
  assert.deepEqual([seldom['user'], (await run(rig, 'show', { name: 'w' }))['intervalMs']], ['ann', 900_000])
  await asked('o', 'ann@hotmail.com', { password: undefined, clientId: 'id' })
  const { auth } = rig.context.accounts.byName('o')!.settings
  assert.ok(auth.kind === 'oauth' && auth.scopes.includes('offline_access'))
  await assert.rejects(asked('i', 'ann@icloud.com'), /iCloud has no POP3/)
  await assert.rejects(asked('x', 'ann@own.example'), /--host/)
})

test('PC-29 an import that switches deleting on spares what was collected before', async () => {
  await using rig = await rigWith('ann')
  await run(rig, 'add', { ...old, first: 'everything' })
  await remember(rig, { a: 'stored' })
  rig.later(1000)
  await rig.run('settings.import', { text: '[[collect]]\nname = "old"\nleave = false\n' })
  const shown = await run(rig, 'show', { name: 'old' })
  assert.deepEqual([shown['leave'], shown['keepsEarlier']], [false, true])
})

test('PC-11 whoever says too late what the first run takes is told so', async () => {
  await using rig = await rigWith('ann')
  await run(rig, 'add', { ...old, first: 'new' })
  await rig.context.accounts.setStatus(rig.context.accounts.byName('old')!.id, { begun: true })
  assert.match(String((await run(rig, 'set', { name: 'old', first: 'everything' }))['hint']), /The first run is over/)
})

test('MB-02: with a purged mailbox go the accounts that collect into it, so that no other mailbox gets their mail', async () => {
  await using rig = await rigWith('ann', 'bob')
  await run(rig, 'add', old)
  await run(rig, 'add', { ...old, name: 'other', mailbox: 'bob', user: 'bob@example.com' })
  await rig.run('mailbox.remove', { name: 'ann', force: true })
  assert.equal((await list(rig)).length, 2)
  const purged = await rig.run('mailbox.purge', { name: 'ann', now: true })
  assert.deepEqual((purged as Shown)['accountsRemoved'], ['old']) // an object
  assert.deepEqual(
    (await list(rig)).map(({ name }) => name),
    ['other'],
  )
})

test('PC-29 every reason to delete that is new waits for a confirmation, a second one too', async () => {
  await using rig = await rigWith('ann')
  await run(rig, 'add', { ...old, first: 'everything', deleteWithLocal: true })
  await remember(rig, { a: 'stored', b: 'stored' })
  const kept = async (change: object): Promise<unknown> =>
    (await run(rig, 'set', { name: 'old', ...change }))['keptUntilConfirmed'] ?? null
  assert.equal(await kept({ deleteAfterDays: 1 }), 2)
  assert.equal(await kept({ deleteAfterDays: 9, deleteWithLocal: false }), null)
  assert.equal(await kept({ keepNewest: 1 }), 2)
  assert.equal(await kept({ leave: false }), 2)
  assert.equal(await kept({ keepNewest: null, deleteAfterDays: null }), 2)
  assert.equal(await kept({ keepNewest: 5 }), null) // what stayed is less than before
})

test('PC-07 two accounts of one name that are added at the same moment: the second one is refused', async () => {
  await using rig = await rigWith('ann')
  const added = await Promise.allSettled([1, 2].map(() => run(rig, 'add', { ...old, first: 'everything' })))
  assert.deepEqual(added.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
  assert.equal((await list(rig)).length, 1)
})
