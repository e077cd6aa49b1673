// Mechanisms of the client against the examples of their RFCs, and against servers that prove nothing.
import assert from 'node:assert/strict'
import { pbkdf2Sync } from 'node:crypto'
import { test } from 'node:test'
import { chooseMechanism, type Credentials, type Exchange, type SaslStep } from './sasl-client.ts'

const user = { user: 'user', password: 'pencil' }

/** The exchange of a mechanism: what it says to each challenge, `!` before what may end it, null when it gives up. */
function play(
  name: string,
  { credentials = user as Credentials, nonce = '', challenges = [] as string[] } = {},
): (string | null)[] {
  const mechanism = chooseMechanism(new Set([name]), credentials, { secure: true })
  assert.ok(mechanism)
  const exchange = mechanism.begin(() => nonce)
  const said = [advance(exchange, '')]
  for (const challenge of challenges) said.push(advance(exchange, challenge))
  return said
}

function advance(exchange: Exchange, challenge: string): string | null {
  let step: IteratorResult<SaslStep, void> = exchange.next(Buffer.from(challenge))
  while (!step.done && 'derive' in step.value) {
    const { password, salt, iterations, keyBytes, hash } = step.value.derive
    step = exchange.next(pbkdf2Sync(password, salt, iterations, keyBytes, hash))
  }
  if (step.done || 'derive' in step.value) return null
  return `${step.value.mayEnd ? '!' : ''}${step.value.say ?? '-'}`
}

const sha1 = {
  nonce: 'fyko+d2lbbFgONRv9qkxdawL',
  first: 'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
  signature: 'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
}
const sha256 = {
  nonce: 'rOprNGfwEbeRWgbNEkqO',
  first: 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  signature: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
}

test('RO-28: SCRAM-SHA-1 says what RFC 5802 §5 says', () => {
  assert.deepEqual(play('SCRAM-SHA-1', { nonce: sha1.nonce, challenges: [sha1.first, sha1.signature] }), [
    `n,,n=user,r=${sha1.nonce}`,
    'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    '!',
  ])
})

test('RO-28: SCRAM-SHA-256 says what RFC 7677 §3 says', () => {
  assert.deepEqual(play('SCRAM-SHA-256', { nonce: sha256.nonce, challenges: [sha256.first, sha256.signature] }), [
    `n,,n=user,r=${sha256.nonce}`,
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    '!',
  ])
})

const unproved: readonly [name: string, first: string, signature?: string][] = [
  ['a wrong signature', sha256.first, sha256.signature.replace('6rri', '7rri')],
  ['a short signature', sha256.first, 'v=AAAA'],
  ['no signature', sha256.first, 'e=invalid-proof'],
  ['a nonce of its own', sha256.first.replace('r=rO', 'r=xO')],
  ['our nonce and nothing more', sha256.first.replace('%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0', '')],
  ['too few iterations', sha256.first.replace('4096', '1')],
  ['iterations for a day', sha256.first.replace('4096', '9999999')],
  ['a salt that is no base64', sha256.first.replace('W22Z', 'W2')],
  ['a demand', `m=x,${sha256.first}`],
  ['nothing', ''],
]
for (const [name, first, signature] of unproved)
  test(`OUT-11: a SCRAM server with ${name} is not believed`, () => {
    const challenges = signature === undefined ? [first] : [first, signature]
    assert.equal(play('SCRAM-SHA-256', { nonce: sha256.nonce, challenges }).at(-1), null)
  })

test('RO-28: CRAM-MD5 says what RFC 2195 §2 says', () => {
  const credentials = { user: 'tim', password: 'tanstaaftanstaaf' }
  const said = play('CRAM-MD5', { credentials, challenges: ['<1896.697170952@postoffice.reston.mci.net>'] })
  assert.deepEqual(said, ['-', '!tim b913a602c7eda7a495b4e6e7334d3890'])
})

test('RO-28: PLAIN, LOGIN and the tokens; an error of a token is answered before the refusal. RFC 7628 §3.2.3', () => {
  const credentials = { user: 'a=b,c', accessToken: 'vF9' }
  assert.deepEqual(play('PLAIN', { challenges: ['more'] }), ['!\0user\0pencil', null])
  assert.deepEqual(play('LOGIN', { challenges: ['Username:', 'Password:', 'more'] }), ['-', 'user', '!pencil', null])
  assert.deepEqual(play('XOAUTH2', { credentials, challenges: ['{}'] }), ['!user=a=b,c\x01auth=Bearer vF9\x01\x01', ''])
  assert.deepEqual(play('OAUTHBEARER', { credentials, challenges: ['{}'] }), [
    '!n,a=a=3Db=2Cc,\x01auth=Bearer vF9\x01\x01',
    '\x01',
  ])
})

const all = ['LOGIN', 'PLAIN', 'CRAM-MD5', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'XOAUTH2', 'OAUTHBEARER', 'GSSAPI']
test('RO-28: the strongest goes first; where somebody listens only what shows no secret', () => {
  const order = (credentials: Credentials, secure: boolean): string[] => {
    const offered = new Set(all)
    const names: string[] = []
    for (;;) {
      const chosen = chooseMechanism(offered, credentials, { secure })
      if (chosen === null) return names
      names.push(chosen.name)
      offered.delete(chosen.name)
    }
  }
  assert.deepEqual(order(user, true), ['SCRAM-SHA-256', 'SCRAM-SHA-1', 'CRAM-MD5', 'PLAIN', 'LOGIN'])
  assert.deepEqual(order(user, false), ['SCRAM-SHA-256', 'SCRAM-SHA-1'])
  assert.deepEqual(order({ user: 'u', accessToken: 't' }, true), ['OAUTHBEARER', 'XOAUTH2'])
  assert.deepEqual(order({ user: 'u', accessToken: 't' }, false), [])
})
