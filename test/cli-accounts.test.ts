// Mailboxes, domains, addresses and the access list, as operators change them.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { operationsRig } from './operations-rig.ts'

const dayMs = 86_400_000

const circles: { what: string; mappings: [string, string[]][]; named: RegExp }[] = [
  { what: 'an address to itself', mappings: [['a@example.org', ['a@example.org']]], named: /a@.* -> a@/ },
  {
    what: 'two addresses to each other',
    mappings: [
      ['a@example.org', ['b@example.org']],
      ['b@example.org', ['ann', 'a@example.org']],
    ],
    named: /b@example.org -> a@example.org -> b@example.org/,
  },
  {
    what: 'three, the last in other letters and by another name of the domain',
    mappings: [
      ['a@example.org', ['b@example.org']],
      ['b@example.org', ['c@example.org']],
      ['c@example.org', ['A@Example.COM']],
    ],
    named: /c@example.org -> a@example.org -> b@example.org -> c@example.org/,
  },
  {
    what: 'a pattern that covers its own target',
    mappings: [['*@example.org', ['info@example.org']]],
    named: /\*@example.org -> \*@example.org/,
  },
]

for (const { what, mappings, named } of circles)
  test(`AD-10: mappings in a circle are refused on saving and named: ${what}`, async () => {
    await using rig = await operationsRig()
    await rig.run('mailbox.add', { name: 'ann' })
    await rig.run('domain.add', { name: 'example.org' })
    await rig.run('domain.add', { name: 'example.com', mode: 'alias', target: 'example.org' })
    for (const [address, targets] of mappings.slice(0, -1)) await rig.run('address.add', { address, targets })
    const [address, targets] = mappings.at(-1)!
    await assert.rejects(rig.run('address.add', { address, targets }), named)
    assert.equal(((await rig.run('address.list')) as unknown[]).length, mappings.length - 1)
  })

test('AD-10: a chain that ends is no circle, nor is a pattern whose target is a mailbox', async () => {
  await using rig = await operationsRig()
  await rig.run('mailbox.add', { name: 'ann' })
  await rig.run('domain.add', { name: 'example.org' })
  await rig.run('address.add', { address: 'a@example.org', targets: ['b@example.org', 'c@example.org'] })
  await rig.run('address.add', { address: 'b@example.org', targets: ['c@example.org'] })
  await rig.run('address.add', { address: 'c@example.org', targets: ['ann', 'far@example.net'] })
  await rig.run('address.add', { address: '*@example.org', targets: ['ann@example.org'] })
})

test('AD-10: another name of a domain that closes a circle is refused', async () => {
  await using rig = await operationsRig()
  await rig.run('address.add', { address: 'a@example.org', targets: ['a@example.com'] })
  await assert.rejects(
    rig.run('domain.add', { name: 'example.com', mode: 'alias', target: 'example.org' }),
    /circle: a@example.org -> a@example.org/,
  )
})

test('AD-15: the rest of a domain may go to a mailbox, a list, an outside address, nobody, or be refused; spam is warned of', async () => {
  await using rig = await operationsRig()
  for (const name of ['ann', 'bob']) await rig.run('mailbox.add', { name })
  await rig.run('address.add', { address: 'team@example.org', targets: ['ann', 'bob'] })
  const add = async (target: string | null): Promise<{ target: string | null; warning: string | null }> =>
    (await rig.run('domain.add', { name: 'example.org', target })) as { target: string | null; warning: string | null }
  for (const [target, kept, warning] of [
    ['Ann', 'ann', /spam/],
    ['Team@Example.org', 'Team@example.org', /spam/],
    ['Me@Elsewhere.example', 'Me@elsewhere.example', /spam.*sent on/],
    ['discard', 'discard', /nobody is told/],
    ['reject', null, null],
    [null, null, null],
  ] as const) {
    const said = await add(target)
    assert.equal(said.target, kept)
    if (warning === null) assert.equal(said.warning, null)
    else assert.match(said.warning ?? '', warning)
  }
  await assert.rejects(add('nobody'), /no mailbox nobody/)
  await assert.rejects(add('a@b@c'), /is no address/)
})

test('AD-15, AD-10: a catch that leads back to the rest of its own domain is refused, also by way of others', async () => {
  await using rig = await operationsRig()
  const add = (name: string, target: string): Promise<unknown> => rig.run('domain.add', { name, target })
  await assert.rejects(add('example.org', 'typo@example.org'), /the rest of example.org -> the rest of example.org/)
  await add('example.org', 'all@example.net')
  await assert.rejects(add('example.net', 'all@example.org'), /circle.*the rest of example.net/)
  await rig.run('mailbox.add', { name: 'ann' })
  await add('example.net', 'ann')
  await assert.rejects(
    rig.run('address.add', { address: 'a@example.net', targets: ['b@example.org', 'a@example.net'] }),
    /circle: a@example.net -> a@example.net/,
  )
})

test('AD-11, AD-15: whoever removes a list is told of the domains whose rest went there', async () => {
  await using rig = await operationsRig()
  await rig.run('mailbox.add', { name: 'ann' })
  for (const name of ['team', 'other'])
    await rig.run('address.add', { address: `${name}@example.org`, targets: ['ann'] })
  await rig.run('domain.add', { name: 'example.org', target: 'Team@Example.org' })
  const remove = (address: string): Promise<unknown> => rig.run('address.remove', { address })
  assert.deepEqual(await remove('other@example.org'), { removed: 'other@example.org' })
  assert.deepEqual(await remove('team@example.org'), {
    removed: 'team@example.org',
    warning: 'The rest of example.org went there',
  })
})

test('AD-15, MB-01: a mailbox that a catch reaches by way of a list says so', async () => {
  await using rig = await operationsRig()
  await rig.run('mailbox.add', { name: 'ann' })
  await rig.run('address.add', { address: 'team@example.org', targets: ['ann', 'far@example.edu'] })
  await rig.run('domain.add', { name: 'example.org', target: 'team@example.org' })
  const { addresses } = (await rig.run('mailbox.show', { name: 'ann' })) as {
    addresses: { address: string; because: string }[]
  }
  assert.ok(
    addresses.some(
      ({ address, because }) => address === '*@example.org' && because === 'everything else of the domain',
    ),
  )
})

test('AC-02: the refusal of an entry for everyone says how to confirm it', async () => {
  await using rig = await operationsRig()
  await assert.rejects(rig.run('access.add', { pattern: '*' }), /everyone on the Internet.*--yes-everyone/)
  await assert.rejects(rig.run('access.add', { pattern: '192.168.1' }), (error: Error) => !/yes/.test(error.message))
  await rig.run('access.add', { pattern: '*', everyone: true })
})

test('AC-18: after each change the rules themselves are asked whether a stranger could forward', async () => {
  await using rig = await operationsRig()
  const selfTest = async (name: string, parameters: object): Promise<unknown> =>
    ((await rig.run(name, parameters)) as { selfTest?: unknown }).selfTest
  assert.equal(await selfTest('settings.set', { name: 'mailServer.forwarding', value: true }), undefined)
  assert.equal(await selfTest('access.add', { pattern: '192.168.*' }), 'strangers are refused')
  assert.match(
    String(await selfTest('access.add', { pattern: '*', everyone: true })),
    /ANYONE may now send.*entry 2 "\*"/,
  )
  await rig.run('settings.set', { name: 'mailServer.forwarding', value: false })
  assert.match(String(await selfTest('settings.set', { name: 'mailServer.forwarding', value: true })), /ANYONE/)
})

test('AD-04: a domain and an address are removed however they are written', async () => {
  await using rig = await operationsRig()
  await rig.run('mailbox.add', { name: 'ann' })
  await rig.run('domain.add', { name: 'bücher.example' })
  await rig.run('address.add', { address: 'Info@Bücher.example', targets: ['ann'] })
  assert.deepEqual(await rig.run('address.remove', { address: 'iNFO@BÜCHER.example.' }), {
    removed: 'info@xn--bcher-kva.example',
  })
  assert.deepEqual(await rig.run('domain.remove', { name: 'BÜCHER.example.' }), { removed: 'xn--bcher-kva.example' })
})

test('MB-02: a removed mailbox whose name is taken again comes back under another name', async () => {
  await using rig = await operationsRig()
  await rig.run('mailbox.add', { name: 'ann' })
  await rig.run('mailbox.remove', { name: 'ann' })
  await rig.run('mailbox.add', { name: 'ann' })
  await assert.rejects(rig.run('mailbox.restore', { name: 'ann' }), /There is a mailbox ann again.*--as/)
  assert.deepEqual(await rig.run('mailbox.restore', { name: 'ann', as: 'ann2' }), { restored: 'ann2' })
  await assert.rejects(rig.run('mailbox.set', { name: 'ann2', newName: 'ann' }), /There is a mailbox ann already/)
})

test('MB-02: a removed mailbox is purged only after the days of grace, or when told so', async () => {
  await using rig = await operationsRig()
  for (const name of ['ann', 'bob']) {
    await rig.run('mailbox.add', { name })
    await rig.run('mailbox.remove', { name })
  }
  await assert.rejects(rig.run('mailbox.purge', { name: 'ann' }), /less than 14 days ago.*in 14 days.*--now/)
  await rig.run('mailbox.purge', { name: 'ann', now: true })
  rig.later(14 * dayMs + 1)
  await rig.run('mailbox.purge', { name: 'bob' })
})

test('MB-01: a mailbox shows every address that reaches it, and why', async () => {
  await using rig = await operationsRig()
  for (const name of ['ann', 'bob']) await rig.run('mailbox.add', { name })
  await rig.run('domain.add', { name: 'example.org', target: 'ann' })
  await rig.run('domain.add', { name: 'example.com', mode: 'alias', target: 'example.org' })
  await rig.run('domain.add', { name: 'example.net', mode: 'one-mailbox', target: 'ann' })
  await rig.run('domain.add', { name: 'example.edu', mode: 'addresses-only' })
  await rig.run('address.add', { address: 'info@example.edu', targets: ['ann'] })
  await rig.run('address.add', { address: 'bob@example.org', targets: ['ann'] })
  const shown = (await rig.run('mailbox.show', { name: 'ann' })) as {
    addresses: { address: string; because: string }[]
  }
  assert.deepEqual(
    shown.addresses.map(({ address, because }) => `${address}: ${because}`),
    [
      'ann@example.org: named like the mailbox',
      'ann@mx.example.net: named like the mailbox',
      'bob@example.org: mapped',
      'info@example.edu: mapped',
      'ann@example.com: another name of example.org',
      'bob@example.com: another name of example.org',
      'postmaster@example.org: mail for the postmaster',
      'postmaster@mx.example.net: mail for the postmaster',
      '*@example.net: everything else of the domain',
      '*@example.org: everything else of the domain',
      'ann+*@example.org: the name with anything behind the sign for details',
    ],
  )
  const { rows } = (await rig.run('mailbox.list')) as { rows: { name: string; addresses: string[] }[] }
  assert.deepEqual(rows.find(({ name }) => name === 'bob')?.addresses, ['bob@mx.example.net'])
})

test('PS-19: an app password is shown once, listed by its label, at most ten, and taken back', async () => {
  await using rig = await operationsRig()
  await rig.run('mailbox.add', { name: 'ann' })
  const add = (label: string): Promise<unknown> => rig.run('app-password.add', { name: 'ann', label })
  const { password } = (await add(' phone ')) as { password: string }
  assert.match(password, /^([a-z2-7]{4}-){5}[a-z2-7]{4}$/)
  await assert.rejects(add('phone'), /an app password phone already/)
  await assert.rejects(add(''), /1 to 64 characters/)
  for (let i = 2; i <= 10; i++) await add(`app ${i}`)
  await assert.rejects(add('app 11'), /10, which is the most/)
  const shown = JSON.stringify([
    await rig.run('app-password.list', { name: 'ann' }),
    await rig.run('mailbox.show', { name: 'ann' }),
  ])
  assert.match(shown, /"phone"/)
  assert.doesNotMatch(shown, new RegExp(`argon2|scram|${password.slice(0, 9)}`))
  await rig.run('app-password.remove', { name: 'ann', label: 'phone' })
  await assert.rejects(rig.run('app-password.remove', { name: 'ann', label: 'phone' }), /no app password phone/)
})

test('AD-16: an address with an end is kept with it', async () => {
  await using rig = await operationsRig()
  await rig.run('mailbox.add', { name: 'ann' })
  await rig.run('address.add', { address: 'fair@example.org', targets: ['ann'], expiresAt: 1 })
  const said = (await rig.run('address.explain', { address: 'fair@example.org' })) as { sentences: string[] }
  assert.match(said.sentences.join('\n'), /has expired/)
})

test('AC-03: the tester says what a client with a certain reverse name would be told', async () => {
  await using rig = await operationsRig()
  await rig.run('settings.set', { name: 'mailServer.forwarding', value: true })
  await rig.run('access.add', { pattern: '*.example.org' })
  const said = async (name: string): Promise<unknown> =>
    ((await rig.run('access.test', { address: '192.0.2.5', name })) as { sentences: string[] }).sentences
  assert.match(String(await said('printer.example.org')), /may send to other servers: entry 1/)
  assert.match(String(await said('evilexample.org')), /may not send/)
})

test('a change of a setting keeps its number, by which it can be undone', async () => {
  await using rig = await operationsRig()
  const name = 'mailServer.recipientsMax'
  for (const value of [200, 300]) await rig.run('settings.set', { name, value })
  const history = (await rig.run('settings.history')) as { n: number; before: unknown; after: unknown }[]
  assert.deepEqual(
    history.map(({ n, before, after }) => [n, before, after]),
    [
      [2, 200, 300],
      [1, undefined, 200],
    ],
  )
  const undo = async (n: number): Promise<unknown> =>
    ((await rig.run('settings.undo', { n })) as { value: number }).value
  assert.deepEqual([await undo(2), await undo(2), await undo(3)], [200, 200, 300]) // newer changes do not move it
  await assert.rejects(undo(9), /no change 9/)
})
