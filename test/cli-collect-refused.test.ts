// Remote accounts that are refused, and what the owner of a mailbox may have.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { list, old, rigWith, run, type Shown } from './collect-commands-rig.ts'

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
    ['add', { ...old, name: 'x', password: undefined, clientId: 'id' }, /clientId and tokenEndpoint/],
    ['add', { ...old, name: 'x', host: 'no host' }, /write a host name/],
    ['add', { ...old, name: 'X Y' }, /a name has small letters/],
    ['set', { name: 'other' }, /There is no account other; netcruiser collect list/],
    ['set', { name: 'old', intervalMs: 1 }, /intervalMs/],
  ]
  for (const [name, parameters, words] of wrong)
    await assert.rejects(run(rig, name, parameters), words, JSON.stringify(parameters))
})

test('P3C-10 a file makes no account of an owner that an owner may not have', async () => {
  await using rig = await rigWith('ann')
  const row =
    '[[collect]]\nname = "old"\nhost = "pop.example.com"\nuser = "u"\npassword = "p"\nmailbox = "ann"\nbyOwner = true\n'
  await rig.run('settings.import', { text: row })
  assert.equal((await list(rig))[0]?.['byOwner'], true)
  await rig.run('settings.import', { text: `${row}privateAllowed = true\n` })
  assert.equal((await list(rig))[0]?.['byOwner'], false)
})

test('a mailbox into which mail is collected is removed only by --force', async () => {
  await using rig = await rigWith('ann')
  await run(rig, 'add', old)
  await assert.rejects(rig.run('mailbox.remove', { name: 'ann' }), /collected into it by old.*--into/)
  await rig.run('mailbox.remove', { name: 'ann', force: true })
  assert.equal((await list(rig))[0]?.['mailbox'], '(gone)')
})
