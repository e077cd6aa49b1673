// Who is told of success at once, and who has to be known first: at the end of a message, without asking DNS.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noMailParameters } from '#/message/envelope.ts'
import { messageKey } from '#/message/key.ts'
import { strangerOf } from './strangers.ts'
import { address, intakeRig, stranger } from './test-rig.ts'
import type { Client } from './types.ts'

const signedIn: Client = { ...stranger, listener: 'submission', user: 1, userName: 'ann' }
const listed: Client = { ...stranger, address: '198.51.100.1' }
const narrow: Client = { ...stranger, address: '198.51.100.2' }
const denied: Client = { ...stranger, address: '198.51.100.3' }
const byName: Client = { ...stranger, address: '198.51.100.4' }

const cases: readonly [what: string, client: Client, from: string | null, isStranger: boolean][] = [
  ['anybody', stranger, 'x@far.example', true],
  ['somebody who signed in', signedIn, 'x@far.example', false],
  ['a client of the access list', listed, 'x@far.example', false],
  ['a client of the access list with a sender that it may use', narrow, 'x@far.example', false],
  ['a client of the access list with another sender', narrow, 'x@other.example', true],
  ['a client that the access list denies', denied, 'x@far.example', true],
  ['a client of the access list by name, until DNS is asked', byName, 'x@far.example', true],
  ['anybody with a sender of this server', stranger, 'ann@example.org', false],
  ['anybody with a sender who is nobody here', stranger, 'ghost@example.org', false],
  ['a bounce', stranger, null, false],
]
for (const [what, client, from, isStranger] of cases)
  test(`DS-13: ${what} ${isStranger ? 'is a stranger' : 'is told as before'}`, async () => {
    await using rig = await intakeRig()
    await rig.allow('printer.far.example')
    await rig.allow('198.51.100.1')
    await rig.allow('198.51.100.2', { senders: ['@far.example'] })
    await rig.allow('198.51.100.3', { action: 'deny' })
    const key = messageKey(0, Buffer.alloc(10))
    const envelope = { from: from === null ? null : address(from), parameters: noMailParameters, to: [] }
    const found = strangerOf({ directory: rig.directory, now: 0 }, { client, envelope, recipients: [], key, at: 0 })
    assert.deepEqual(found, isStranger ? { client: client.address, ehlo: 'client.example', about: key } : null)
  })
