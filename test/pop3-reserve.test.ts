// The last connections of the POP3 Server are for addresses where somebody has signed in: a flood of strangers shuts nobody out.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, login } from './pop3-client.ts'
import { pop3Rig } from './pop3-rig.ts'
import { connect, whole } from './wire-client.ts'

test('IN-22, PS-05: when only the reserve is left, strangers come again and who has signed in before comes in', async () => {
  await using rig = await pop3Rig({ connectionsMax: 4 })
  const visit = async (from: string) => {
    const client = await connect(rig.port, whole, from)
    return { client, said: ((await client.line()) ?? '').slice(0, 15) }
  }
  const { client } = await visit('127.0.0.3')
  assert.match(await login(client, 'ann', 'ann secret'), /^\+OK/)
  assert.match(await ask(client, 'QUIT'), /^\+OK/)
  client.destroy()
  while (rig.server.sessions().length > 0) await new Promise((go) => setTimeout(go, 5))
  const visits = []
  for (const last of [1, 2, 4, 3, 3, 3]) visits.push(await visit(`127.0.0.${last}`))
  const [yes, no] = ['+OK NetCruiser ', '-ERR [SYS/TEMP]']
  assert.deepEqual(visits.map(({ said }) => said), [yes, yes, no, yes, yes, no]) // prettier-ignore
  for (const one of visits) one.client.destroy()
})
