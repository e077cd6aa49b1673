// The reserved connections of the mail server: strangers leave them free for clients that are known to be good.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placesForStrangers } from '#/mail-server/places.ts'
import { smtpRig, type Rig } from './smtp-rig.ts'
import { connect, whole, type WireClient } from './wire-client.ts'

const stranger = '127.0.0.1'
const listed = '127.0.0.2'
const user = '127.0.0.3'

type Visit = { readonly said: string; readonly client: WireClient }

async function visit(rig: Rig, from: string): Promise<Visit> {
  const client = await connect(rig.port, whole, from)
  return { client, said: ((await client.reply()) ?? '').slice(0, 9) }
}

async function leave({ client }: Visit, rig: Rig): Promise<void> {
  const before = rig.server.sessions().length
  client.destroy()
  for (let i = 0; i < 100 && rig.server.sessions().length === before; i++) await new Promise((r) => setTimeout(r, 10))
}

const allow = (pattern: string, position: number): Parameters<Rig['store']['putAccess']>[0] => ({
  pattern,
  position,
  action: 'allow',
  note: '',
  expiresAt: null,
  senders: [],
})

test('IN-22: when only the reserve is left, strangers come again and the access list and known users come in', async () => {
  await using rig = await smtpRig({
    mailServer: { connectionsMax: 4, connectionsReserved: 2 },
    prepare: async (store) => void (await store.putAccess(allow(listed, 1))),
  })
  const before = await visit(rig, user)
  await before.client.ask('EHLO client.example')
  const login = Buffer.from('\0ann\0ann secret').toString('base64')
  assert.match((await before.client.ask(`AUTH PLAIN ${login}`)) ?? '', /^235 /)
  await leave(before, rig)
  const visits = [await visit(rig, stranger), await visit(rig, stranger)]
  for (const from of [stranger, listed, user, listed]) visits.push(await visit(rig, from))
  assert.deepEqual(
    visits.map(({ said }) => said.replace(/^220.*/, '220')),
    ['220', '220', '421 4.7.0', '220', '220', '421 4.7.0'], // the last: nothing is left for anybody
  )
  for (const { client } of visits) client.destroy()
})

test('IN-22: a deny entry before the allow entry keeps the reserve shut; names, which DNS must tell, do not open it', async () => {
  await using rig = await smtpRig({
    mailServer: { connectionsMax: 1, connectionsReserved: 1 },
    prepare: async (store) => {
      await store.putAccess({ ...allow(listed, 1), action: 'deny' })
      await store.putAccess(allow('127.0.0.*', 2))
      await store.putAccess(allow('printer.example', 3))
    },
  })
  assert.equal((await visit(rig, listed)).said, '421 4.7.0')
  assert.match((await visit(rig, user)).said, /^220/)
})

const reserves: readonly (readonly [max: number, wanted: number | null, forStrangers: number])[] = [
  [10_000, null, 9_000],
  [50, null, 40],
  [10, null, 5],
  [1, null, 1],
  [100, 0, 100],
  [5, 9, 0],
]

test('IN-22: the reserve is a tenth, at least ten, never more than half unless somebody says so', () => {
  for (const [connectionsMax, connectionsReserved, places] of reserves)
    assert.equal(placesForStrangers({ connectionsMax, connectionsReserved }), places, `${connectionsMax}`)
})
