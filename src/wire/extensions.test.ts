// What SCRAM clients may add, and base64 longer than any stack.
import assert from 'node:assert/strict'
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { test } from 'node:test'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { parseClientFirst, serverFirst, verifyClientFinal, type ServerKeys } from './scram.ts'

const hmac = (key: Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest()
const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')
const salted = pbkdf2Sync('pencil', salt, 4096, 32, 'sha256')
const clientKey = hmac(salted, 'Client Key')
const storedKey = createHash('sha256').update(clientKey).digest()
const keys: ServerKeys = { iterations: 4096, salt, storedKey, serverKey: hmac(salted, 'Server Key') }

/** The server's answer to a client that adds `first` and `final` and signs all that it says. */
function answer(added: { first: string; final: string }): string | null {
  const client = parseClientFirst(`n,,n=user,r=abc${added.first}`)
  if (client === null) return null
  const first = serverFirst(client, 'def', keys)
  const withoutProof = `c=biws,r=abcdef${added.final}`
  const signature = hmac(storedKey, `n=user,r=abc${added.first},${first},${withoutProof}`)
  const proof = encodeBase64(clientKey.map((octet, i) => octet ^ signature[i]!))
  return verifyClientFinal(`${withoutProof},p=${proof}`, { client, first, keys })?.signature ?? null
}

const additions: readonly [first: string, final: string, fine: boolean][] = [
  ['', '', true],
  [',x=1', '', true],
  ['', ',y=2', true],
  [',x=1,z=3', ',y=2,q=4', true],
  ['', ',m=must', false],
  ['', ',p=cHJvb2Y=', false],
  ['', ',nonsense', false],
]
for (const [first, final, fine] of additions)
  test(`AUT-11: a client that adds "${first}" and "${final}" and signs it is ${fine ? 'let in' : 'refused'}`, () =>
    assert.equal(answer({ first, final }) !== null, fine))

test('AUT-03: sixteen megabytes of base64 cost no stack', () => {
  assert.equal(decodeBase64('QUJD'.repeat(4_000_000))?.length, 12_000_000)
})
