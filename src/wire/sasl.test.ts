// What clients send to sign in, and the parameters of MAIL and RCPT: tables of right and wrong forms.
import assert from 'node:assert/strict'
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { encodeOrcpt } from '#/message/xtext.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { noMailParameters, noRcptParameters } from '#/message/envelope.ts'
import { parseMailParameters, parseRcptParameters } from './esmtp.ts'
import { decodeSasl, parsePlain } from './plain.ts'
import { parseClientFirst, serverFirst, verifyClientFinal, type ServerKeys } from './scram.ts'

for (const text of [
  '=',
  '*',
  '====',
  'A',
  'AA',
  'AAA',
  'AAAAA',
  'AA=A',
  'A===',
  'AA ==',
  'AA-_',
  'AA==AA==',
  'AAA=\n',
  '\xe9',
])
  test(`AUT-03: ${JSON.stringify(text)} is no base64`, () => assert.equal(decodeBase64(text), null))

test('AUT-03: any octets are the same again behind base64', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (octets) => assert.deepEqual(decodeBase64(encodeBase64(octets)), Buffer.from(octets))),
  )
  assert.equal(encodeBase64('ä'), 'w6Q=')
  assert.equal(decodeBase64('A'.repeat(262_144))?.length, 196_608)
})

const plain: readonly [octets: string, wanted: readonly [string, string, string] | null][] = [
  ['\0ann\0secret', ['', 'ann', 'secret']],
  ['ann\0ann\0s', ['ann', 'ann', 's']],
  ['\0j\xc3\xb6rg\0\xc3\xa4', ['', 'jörg', 'ä']],
  ['\0ann\0a b', ['', 'ann', 'a b']],
  ['ann', null],
  ['ann\0secret', null],
  ['\0ann\0secret\0', null],
  ['\0\0\0\0', null],
  ['\0\0secret', null],
  ['\0ann\0', null],
  ['\0a\r\nn\0secret', null],
  ['a\x07\0ann\0secret', null],
  ['\0\xff\0secret', null],
  ['\0ann\0\xff', null],
  ['', null],
]
for (const [octets, wanted] of plain)
  test(`AUT-02: PLAIN ${JSON.stringify(octets)} is ${wanted ? 'read' : 'refused'}`, () => {
    const message = parsePlain(Buffer.from(octets, 'latin1'))
    assert.deepEqual(message && [message.authzid, message.name, message.password], wanted)
  })

test('AUT-02: a MiB of PLAIN is judged at once', () => {
  assert.equal(parsePlain(Buffer.alloc(1_048_576)), null)
  assert.equal(decodeSasl(Buffer.from([0xc0, 0x80])), null)
})

/** The exchange of RFC 7677 §3. */
const vector = {
  first: 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
  serverNonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
  challenge: 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  final: 'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  signature: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
}
const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')
const salted = pbkdf2Sync('pencil', salt, 4096, 32, 'sha256')
const keys: ServerKeys = {
  iterations: 4096,
  salt,
  storedKey: createHash('sha256').update(hmac(salted, 'Client Key')).digest(),
  serverKey: hmac(salted, 'Server Key'),
}

function verify(final: string, first = vector.first): string | null {
  const client = parseClientFirst(first)
  assert.ok(client)
  const exchange = { client, first: serverFirst(client, vector.serverNonce, keys), keys }
  return verifyClientFinal(final, exchange)?.signature ?? null
}

test('AUT-11, PS-15: one of several passwords of a name is proved, and told which', () => {
  const client = parseClientFirst(vector.first)!
  const first = serverFirst(client, vector.serverNonce, keys)
  const wrong = { storedKey: Buffer.alloc(32), serverKey: Buffer.alloc(32) }
  const several = { ...keys, ...wrong, others: [wrong, { ...keys, id: 'phone' }] }
  const proved = verifyClientFinal(vector.final, { client, first, keys: several })
  assert.deepEqual(proved, { signature: vector.signature, id: 'phone' })
  assert.equal(verifyClientFinal(vector.final, { client, first, keys: { ...several, others: [wrong] } }), null)
})

test('AUT-11: the exchange of RFC 7677 §3 ends with the signature that it gives', () => {
  const client = parseClientFirst(vector.first)
  assert.ok(client)
  assert.equal(serverFirst(client, vector.serverNonce, keys), vector.challenge)
  assert.equal(verify(vector.final), vector.signature)
})

const { final } = vector
const forged: readonly [name: string, final: string, first?: string][] = [
  ['another proof', final.replace('dHzb', 'dHzc')],
  ['a short proof', final.replace(/p=.*/, 'p=AAAA')],
  ['no base64', final.replace(/p=.*/, 'p=*')],
  ['no proof', final.replace(/,p=.*/, '')],
  ['a nonce cut short', final.replace('hNlF$k0', 'hNlF$k')],
  ['a nonce of another exchange', final.replace('r=rOpr', 'r=xOpr')],
  ['another header of channel binding', final.replace('c=biws', 'c=eSws')],
  ['a downgrade seen by the client', final, 'y,,n=user,r=rOprNGfwEbeRWgbNEkqO'],
  ['another name', final, 'n,,n=usex,r=rOprNGfwEbeRWgbNEkqO'],
  ['an extension', final.replace(',p=', ',x=1,p=')],
  ['nothing', ''],
]
for (const [name, text, first] of forged)
  test(`AUT-11: ${name} proves nothing`, () => assert.equal(verify(text, first), null))

const firsts: readonly [text: string, name: string | null][] = [
  ['n,,n=a=2Cb=3Dc,r=x', 'a,b=c'],
  ['n,a=user,n=user,r=x', 'user'],
  ['y,,n=user,r=x,ext=1', 'user'],
  ['n,a=other,n=user,r=x', null],
  ['p=tls-unique,,n=user,r=x', null],
  ['n,,n=a=2cb,r=x', null],
  ['n,,n=a=,r=x', null],
  ['n,,n=,r=x', null],
  ['n,,n=user,r=', null],
  ['n,,n=user,r=a b', null],
  [`n,,n=user,r=${'x'.repeat(201)}`, null],
  ['n,,m=ext,n=user,r=x', null],
  ['n=user,r=x', null],
  ['', null],
]
for (const [text, name] of firsts)
  test(`AUT-11: ${JSON.stringify(text.slice(0, 40))} names ${name ?? 'nobody'}`, () =>
    assert.equal(parseClientFirst(text)?.name ?? null, name))

type Wrong = readonly [id: string, text: string, code: number]
const wrongMail: readonly Wrong[] = [
  ...['SIZE', 'SIZE=', 'SIZE=-1', 'SIZE=+5', 'SIZE=0x10', 'SIZE=1e3', `SIZE=1${'0'.repeat(20)}`, 'SIZE=1 size=1'].map(
    (text) => ['CMD-10', text, 501] as const,
  ),
  ...['BODY=8BIT', 'BODY', 'BODY=7BIT BODY=7BIT', 'SMTPUTF8=1', 'RET=ALL', 'RET', 'RET=FULL RET=HDRS'].map(
    (text) => ['CMD-11', text, 501] as const,
  ),
  ...['ENVID', 'ENVID=', 'ENVID=+00', 'ENVID=+0D+0A', 'ENVID=+', 'ENVID=+GG', `ENVID=${'a'.repeat(101)}`].map(
    (text) => ['CMD-12', text, 501] as const,
  ),
  ...['AUTH', 'AUTH=', 'AUTH=+00', `AUTH=${'a'.repeat(501)}`].map((text) => ['CMD-12', text, 501] as const),
  ...['X', 'X=1', '=1', '__proto__=1', 'constructor', 'toString=1', 'NOTIFY=NEVER'].map(
    (text) => ['CMD-11', text, 555] as const,
  ),
]
for (const [id, text, code] of wrongMail)
  test(`${id}: MAIL with ${text.slice(0, 40)} gets ${code}`, () => {
    const parsed = parseMailParameters(` ${text}`)
    assert.deepEqual(!parsed.ok && [parsed.reply.code, parsed.reply.status], [code, '5.5.4'])
  })

const wrongRcpt: readonly Wrong[] = [
  ...['NOTIFY', 'NOTIFY=', 'NOTIFY=NEVER,FAILURE', 'NOTIFY=SUCCESS,SUCCESS', 'NOTIFY=SUCCESS,'].map(
    (text) => ['CMD-11', text, 501] as const,
  ),
  ...['ORCPT', 'ORCPT=rfc822', 'ORCPT=rfc822;', 'ORCPT=;a', 'ORCPT=rfc822;+00'].map(
    (text) => ['CMD-12', text, 501] as const,
  ),
  ['CMD-11', 'SIZE=1', 555],
]
for (const [id, text, code] of wrongRcpt)
  test(`${id}: RCPT with ${text} gets ${code}`, () => {
    const parsed = parseRcptParameters(` ${text}`)
    assert.equal(!parsed.ok && parsed.reply.code, code)
  })

test('IN-08: right parameters are read in any case and order; none are none', () => {
  assert.deepEqual(parseMailParameters(''), { ok: true, value: noMailParameters })
  assert.deepEqual(parseRcptParameters(''), { ok: true, value: noRcptParameters })
  assert.equal(parseMailParameters('SIZE=1').ok, false)
  assert.deepEqual(parseMailParameters(' ret=hdrs  Size=12 body=8bitmime SMTPUTF8 ENVID=a+2Bb AUTH=<>'), {
    ok: true,
    value: { sizeBytes: 12, body: '8BITMIME', smtputf8: true, ret: 'HDRS', envid: 'a+b', auth: '<>' },
  })
  assert.deepEqual(parseMailParameters(' BODY=7BIT RET=FULL'), {
    ok: true,
    value: { ...noMailParameters, body: '7BIT', ret: 'FULL' },
  })
  assert.deepEqual(parseRcptParameters(' NOTIFY=success,Delay ORCPT=rfc822;ann+40example.org'), {
    ok: true,
    value: { notify: ['SUCCESS', 'DELAY'], orcpt: 'rfc822;ann@example.org' },
  })
  assert.deepEqual(parseRcptParameters(' NOTIFY=NEVER'), { ok: true, value: { notify: 'NEVER', orcpt: null } })
})

const unicode: readonly [value: string, orcpt: string | null][] = [
  ['utf-8;bj\\x{F6}rn@b\\x{FC}cher.example', 'utf-8;björn@bücher.example'],
  ['UTF-8;a\\x{2B}b\\x{5C}\\x{1F600}', 'utf-8;a+b\\😀'],
  ['utf-8;ann+2Bb@far.example', 'utf-8;ann+b@far.example'], // xtext, which some write
  ['utf-8;bj\xc3\xb6rn@far.example', 'utf-8;björn@far.example'],
  ['utf-8;bj\xf6rn@far.example', null],
  ['utf-8;a\\x{0D}\\x{0A}b', null],
  ['utf-8;a\\x{D800}b', null],
  ['utf-8;a\\x{110000}b', null],
  ['utf-8;\xc3\xb6+2B', null],
  ['utf-8;a\\x{f6}b', 'utf-8;aöb'],
  ['rfc822;ann+2Bb@far.example', 'rfc822;ann+b@far.example'],
  ['utf-8;', null],
  ['rfc822;bj\xc3\xb6rn@far.example', null],
]
for (const [value, orcpt] of unicode)
  test(`CMD-12, RO-23: ORCPT=${JSON.stringify(value)} is ${orcpt ?? 'refused'}, in ASCII always, raw behind SMTPUTF8 only`, () => {
    const [plain, utf8] = [false, true].map((utf8) => parseRcptParameters(` ORCPT=${value}`, { utf8 }))
    const wanted = orcpt === null ? null : { notify: null, orcpt }
    assert.deepEqual(utf8!.ok ? utf8!.value : null, wanted)
    assert.deepEqual(plain!.ok ? plain!.value : null, /[\x80-\xff]/.test(value) ? null : wanted)
    if (orcpt === null) return
    const passedOn = encodeOrcpt(orcpt)
    assert.match(passedOn, /^[!-~]+$/)
    assert.deepEqual(parseRcptParameters(` ORCPT=${passedOn}`), { ok: true, value: wanted })
  })

test('CMD-11: 256 KiB of parameters are judged at once', () => {
  const startedAt = performance.now()
  for (const unit of [' ', ' A', ' SIZE=1', ' ENVID=+41', ' NOTIFY=A,']) {
    parseMailParameters(unit.repeat(262_144 / unit.length))
    parseRcptParameters(` NOTIFY=${unit.trim().repeat(100_000)}`)
  }
  assert.ok(performance.now() - startedAt < 1500)
})
