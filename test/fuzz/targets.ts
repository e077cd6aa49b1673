// What is fuzzed, from which first inputs. A target throws when something does not hold.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { expand } from '#/dns/spf-macros.ts'
import { parseSpf } from '#/dns/spf-record.ts'
import { formatPath, parsePath } from '#/message/address.ts'
import { decodeWords, fields, fieldText, headerEnd } from '#/message/header.ts'
import { bodyNeeds, toSevenBit } from '#/message/seven-bit.ts'
import { prepareSubmission } from '#/message/submission.ts'
import { decodeBase64 } from '#/wire/base64.ts'
import { DotReader, stuff } from '#/wire/dots.ts'
import { parseMailParameters, parseRcptParameters } from '#/wire/esmtp.ts'
import { LineReader } from '#/wire/lines.ts'
import { decodeSasl, parsePlain } from '#/wire/plain.ts'
import { parseClientFirst } from '#/wire/scram.ts'
import type { Target } from './loop.ts'
import { pop3Target, smtpTarget } from './worlds.ts'

export type Fuzzing = { readonly target: Target; readonly seeds: readonly string[] }

const latin1 = (input: Buffer): string => input.toString('latin1')

/** The client's side of the conversations that are written beside the services. */
function said(glob: string): string[] {
  return globSync(glob).map((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^C: ?(.*)$/gm)].map((row) => `${row[1]}\r\n`).join(''),
  )
}

function lines(input: Buffer): string {
  const reader = new LineReader()
  let text = ''
  const chunkBytes = 1 + (input[0] ?? 0) // cut by its own first octet
  for (let at = 0; at < input.length; at += chunkBytes) {
    reader.push(input.subarray(at, at + chunkBytes))
    for (let line = reader.next(64); line && line.is !== 'endless'; line = reader.next(64))
      text += `${line.is} ${'text' in line ? line.text : ''}\0`
  }
  return text
}

function oneLineEach(input: Buffer): void {
  const wanted = latin1(input).split('\r\n').slice(0, -1)
  const got = lines(input).split('\0').length
  if (wanted.every((text) => !text.includes('\0'))) assert.equal(got - 1, wanted.length)
}

function path(input: Buffer): void {
  const parsed = parsePath(latin1(input))
  if (!parsed.ok || parsed.value.address === null) return
  const again = parsePath(Buffer.from(formatPath(parsed.value.address)).toString('latin1'))
  assert.deepEqual(again.ok && again.value.address, parsed.value.address)
}

function parameters(input: Buffer): void {
  for (const parsed of [parseMailParameters(latin1(input)), parseRcptParameters(latin1(input))])
    if (!parsed.ok) assert.ok(parsed.reply.code >= 500)
    else assert.doesNotMatch(JSON.stringify(parsed.value), /\\u00[01]|\\[rn]/)
}

function header(input: Buffer): void {
  const end = headerEnd(input)?.fieldsEnd ?? input.length
  let at = 0
  for (const field of fields(input, end)) {
    assert.ok(field.start >= at && field.end > field.start && field.end <= end)
    assert.doesNotMatch(decodeWords(fieldText(input, field)), /[\0-\x1f]/)
    at = field.end
  }
}

function submission(input: Buffer): void {
  const { content } = prepareSubmission(input, { at: 0, messageId: '<new@our.example>', defaultFrom: null })
  assert.doesNotMatch(latin1(Buffer.from(content)), /\r(?!\n)|(?<!\r)\n/)
  const end = headerEnd(content)?.fieldsEnd ?? content.length
  const names = [...fields(content, end)].map((field) => field.name)
  assert.ok(names.includes('message-id') && !names.includes('bcc') && !names.includes('resent-bcc'))
}

function sevenBit(input: Buffer): void {
  const result = toSevenBit(input)
  if (result.ok) assert.equal(bodyNeeds(result.value.content).eightBit, false)
}

function dots(input: Buffer): void {
  const read = (chunkBytes: number): string => {
    const reader = new DotReader()
    let body = ''
    for (let at = 0; at < input.length && !reader.done; at += chunkBytes)
      reader.push(input.subarray(at, at + chunkBytes), (part) => (body += Buffer.from(part).toString('latin1')))
    return `${JSON.stringify(reader.facts)} ${reader.done} ${body}`
  }
  assert.equal(read(1), read(input.length || 1))
  const back = new DotReader()
  const sent = Buffer.concat([stuff(input), Buffer.from('\r\n.\r\n')])
  assert.equal(
    back.push(sent, () => undefined),
    sent.length,
  )
  assert.ok(back.done)
}

function sasl(input: Buffer): void {
  const plain = parsePlain(input)
  if (plain) assert.ok(plain.name !== '' && !`${plain.name}${plain.authzid}`.includes('\0'))
  const first = parseClientFirst(decodeSasl(input) ?? '')
  if (first) assert.ok(first.name !== '' && first.nonce !== '')
  const octets = decodeBase64(latin1(input))
  if (octets) assert.equal(octets.length, Math.floor((input.length * 3) / 4) - (latin1(input).match(/=/g)?.length ?? 0))
}

const filled = { s: 'a-b@c.example', l: 'a-b', o: 'c.example', d: 'c.example', i: '192.0.2.1', p: 'x', h: '', v: 'ip6' }

/** What is wrong is told in printable words, what is right makes printable names of a bounded length. */
function spf(input: Buffer): void {
  const parsed = parseSpf(`v=spf1 ${latin1(input)}`)
  if (!parsed.ok) return assert.match(parsed.problem, /^[ -~]{1,200}$/)
  const { directives, redirect } = parsed.value
  const targets = directives.map(({ mechanism: one }) => ('target' in one ? one.target : null))
  for (const target of [...targets, redirect])
    if (target !== null) assert.match(expand(target, filled), /^[ -~]{0,9000}$/)
}

const smtp = said('src/mail-server/transcripts/*.txt')
const pop3 = said('src/pop3-server/transcripts/*.txt')
const mail =
  'USER ann\r\nPASS secret\r\nSTAT\r\nLIST\r\nUIDL 1\r\nRETR 1\r\nTOP 2 1\r\nRETR 4\r\nRETR 5\r\nDELE 1\r\nRSET\r\nQUIT\r\n'

export const targets: ReadonlyMap<string, Fuzzing> = new Map<string, Fuzzing>([
  ['line', { target: oneLineEach, seeds: ['\x02NOOP\r\nQUIT\r\n', 'a\nb\r\n\r\r\n'] }],
  [
    'path',
    { target: path, seeds: ['<>', '<"a\\@b"@example.org> X', '<@a,@b:c@[IPv6:::1]>', '<\xc3\xa4@b\xc3\xbc.example>'] },
  ],
  [
    'parameters',
    { target: parameters, seeds: [' SIZE=1 BODY=8BITMIME RET=FULL ENVID=a+2B', ' NOTIFY=NEVER ORCPT=a;b'] },
  ],
  ['header', { target: header, seeds: ['A: b\r\n c\r\nSubject: =?utf-8?q?a?=\r\n\r\nbody', ' x\r\n\r\n', ': \r\n'] }],
  ['submission', { target: submission, seeds: ['To: root\nBcc : a@b.example,\n (c) <d>\n\nx\n', 'Resent-Bcc: a\n\n'] }],
  [
    'seven-bit',
    {
      target: sevenBit,
      seeds: [
        'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nA: b\r\n\r\n\xfc\r\n--b--\r\n',
        'Content-Type: a/b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xfc',
      ],
    },
  ],
  ['dots', { target: dots, seeds: ['a\r\n..b\r\n.\r\n', '.\r\n', '\r\n.\r\r\n', '\n.\n'] }],
  ['sasl', { target: sasl, seeds: ['\0ann\0secret', 'n,a=u,n=u,r=x', 'AGEAYg=='] }],
  [
    'spf',
    {
      target: spf,
      seeds: ['a mx:b.example/24//64 ip4:192.0.2.0/24 -all', 'exists:%{l1r-}.%{ir}.%{v}.x redirect=%{D}'],
    },
  ],
  ['smtp', { target: smtpTarget, seeds: [...smtp, 'EHLO x\r\nAUTH PLAIN AGFubgBzZWNyZXQ=\r\nSTARTTLS\r\nEHLO x\r\n'] }],
  [
    'pop3',
    { target: pop3Target, seeds: [...pop3, mail, 'AUTH PLAIN\r\nAGFubgBzZWNyZXQ=\r\nCAPA\r\nSTLS\r\nLANG\r\n'] },
  ],
])
