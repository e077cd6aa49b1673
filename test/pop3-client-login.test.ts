// How the POP3 Client signs in, on real sockets against a scripted server: mechanisms, refusals and what is told of them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failure, opened, type Opening } from './pop3-client-rig.ts'
import { maildrop, Pop3Remote, type RemoteOptions } from './pop3-remote.ts'

const three = maildrop(3)

const logins: readonly [title: string, remote: RemoteOptions, opening: Opening, heard: RegExp][] = [
  ['USER and PASS without CAPA', { capabilities: null }, {}, /^USER ann,PASS secret$/],
  ['PLAIN', { sasl: ['PLAIN'] }, {}, /^AUTH PLAIN [^ ]+$/],
  ['LOGIN', { sasl: ['LOGIN'] }, {}, /^AUTH LOGIN,[^,]+,[^,]+$/],
  ['CRAM-MD5', { sasl: ['CRAM-MD5', 'PLAIN'] }, {}, /^AUTH CRAM-MD5,[^,]+$/],
  ['SCRAM-SHA-1', { sasl: ['SCRAM-SHA-1', 'PLAIN'] }, {}, /^AUTH SCRAM-SHA-1 [^ ,]+,[^,]+,$/],
  ['SCRAM-SHA-256 in clear', { sasl: ['PLAIN', 'SCRAM-SHA-256'] }, { account: { plainAuthAllowed: false } }, /^AUTH SCRAM-SHA-256 [^ ,]+,[^,]+,$/], // prettier-ignore
  ['OAUTHBEARER', { sasl: ['XOAUTH2', 'OAUTHBEARER', 'PLAIN'] }, { credentials: { user: 'ann', accessToken: 'token' } }, /^AUTH OAUTHBEARER [^ ]+$/], // prettier-ignore
  ['XOAUTH2', { sasl: ['XOAUTH2', 'PLAIN'] }, { credentials: { user: 'ann', accessToken: 'token' } }, /^AUTH XOAUTH2 [^ ]+$/], // prettier-ignore
  ['a long token behind a challenge', { sasl: ['XOAUTH2'], token: 't'.repeat(2000) }, { credentials: { user: 'ann', accessToken: 't'.repeat(2000) } }, /^AUTH XOAUTH2,[^,]{2000,}$/], // prettier-ignore
  ['a token that is refused in one step', { sasl: ['XOAUTH2'], script: { auth: (line) => (line.endsWith('XOAUTH2') ? undefined : { say: '-ERR Protocol error. 14' }) } }, { credentials: { user: 'ann', accessToken: 'token' } }, /^AUTH XOAUTH2 [^ ,]+,AUTH XOAUTH2,[^,]+$/], // prettier-ignore
  ['APOP', { capabilities: null, timestamp: '<1.2@far.example>' }, { account: { plainAuthAllowed: false } }, /^APOP ann [0-9a-f]{32}$/], // prettier-ignore
  ['no APOP where PASS may be said', { timestamp: '<1.2@far.example>' }, {}, /^USER ann,PASS secret$/],
  ['a name and a password in UTF-8', { user: 'j\xc3\xb6rg', password: 'gr\xc3\xbcn' }, { credentials: { user: 'jörg', password: 'grün' } }, /^USER j\xc3\xb6rg,PASS gr\xc3\xbcn$/], // prettier-ignore
]
for (const [title, remote, opening, heard] of logins)
  test(`PC-02, P3C-13: signs in by ${title}, and no secret is in the transcript`, async () => {
    await using far = await Pop3Remote.open(remote)
    const notes: string[] = []
    const box = await opened(far, { ...opening, note: (line) => notes.push(line) })
    assert.match(far.heard.filter((line) => line !== 'CAPA').join(), heard)
    assert.equal(await box.leave(), 'committed')
    const said = far.heard.filter((line) => !/^(?:CAPA|USER|QUIT|AUTH [A-Z0-9-]+$)/.test(line))
    for (const secret of said.map((line) => line.slice(line.lastIndexOf(' ') + 1)).filter((word) => word !== ''))
      assert.ok(!notes.join('\n').includes(secret), notes.join('\n'))
  })

const tooMuch = 'x'.repeat(70_000)
/** How opening ends: the kind, and a part of the words. */
const refusals: readonly [title: string, remote: RemoteOptions, is: string, words: RegExp, opening?: Opening][] = [
  ['PC-04: [IN-USE]', { script: { pass: { say: '-ERR [IN-USE] locked' } } }, 'busy', /\[IN-USE\] locked/],
  ['PC-04: a lock without a code', { script: { pass: { say: '-ERR unable to lock maildrop' } } }, 'busy', /lock maildrop/], // prettier-ignore
  ['PC-04: an account that is locked is no mailbox in use', { script: { pass: { say: '-ERR POP3 is locked for you' } } }, 'refused', /for you/], // prettier-ignore
  ['PC-04: [LOGIN-DELAY]', { script: { pass: { say: '-ERR [login-delay] wait' } } }, 'too-soon', /wait/],
  ['PC-04: [SYS/TEMP]', { script: { pass: { say: '-ERR [SYS/TEMP/DISK] x' } } }, 'temporary', /x/],
  ['PC-04: [SYS/PERM]', { script: { user: { say: '-ERR [SYS/PERM] x' } } }, 'permanent', /x/],
  ['PC-04: [AUTH]', { password: 'other' }, 'auth', /wrong name or password/],
  ['PC-04: [AUTH] by SASL', { sasl: ['PLAIN'], password: 'other' }, 'auth', /wrong name or password/],
  ['PC-04: a plain -ERR', { script: { pass: { say: '-ERR no' } } }, 'refused', /at the login: no$/],
  ['PC-04: a plain -ERR to a name', { script: { user: { say: '-ERR' } } }, 'refused', /at the user name$/],
  ['PC-04: a line dropped at the password', { script: { pass: { octets: '', end: 'close' } } }, 'refused', /at the password/], // prettier-ignore
  ['PC-04: a line dropped at PLAIN', { sasl: ['PLAIN'], script: { auth: { octets: '', end: 'reset' } } }, 'refused', /at the password/], // prettier-ignore
  ['PC-04: a line dropped at the name', { script: { user: { octets: '', end: 'close' } } }, 'lost', /at the user name/],
  ['PC-04: no at the greeting', { script: { greeting: { say: '-ERR too many' } } }, 'temporary', /too many/],
  ['PC-04: a mailbox that is still locked', { lockMs: 5000, script: { greeting: (_, nth) => (nth === 0 ? { say: '-ERR [SYS/TEMP]' } : undefined) } }, 'temporary', /SYS.TEMP/], // prettier-ignore
  ['PC-02: no sign-in for tokens', {}, 'permanent', /no sign-in with tokens/, { credentials: { user: 'ann', accessToken: 't' } }], // prettier-ignore
  ['PC-02, PC-04: a token that is no good', { sasl: ['OAUTHBEARER'] }, 'auth', /wrong name/, { credentials: { user: 'ann', accessToken: 'old' } }], // prettier-ignore
  ['PC-02: a password that POP3 cannot carry', {}, 'auth', /line end/, { credentials: { user: 'ann', password: 'a\r\nDELE 1' } }], // prettier-ignore
  ['P3C-13: a server that cannot prove itself by SCRAM', { sasl: ['SCRAM-SHA-256'], script: { auth: { say: '+OK' } } }, 'permanent', /did not prove/], // prettier-ignore
  ['P3C-13: no end of challenges', { sasl: ['LOGIN'], script: { auth: { octets: '+ eA==\r\n'.repeat(20) } } }, 'permanent', /broke off/], // prettier-ignore
  ['P3C-01: no greeting', { script: { greeting: { octets: '', end: 'silence' } } }, 'timeout', /at the greeting/, { settings: { replyMs: 300 } }], // prettier-ignore
  ['P3C-01: no answer to CAPA', { script: { capa: { octets: '+OK\r\nTOP\r\n', end: 'silence' } } }, 'timeout', /at CAPA/, { settings: { replyMs: 300 } }], // prettier-ignore
  ['P3C-01, PC-06: no answer to the password', { script: { pass: { octets: '', end: 'silence' } } }, 'timeout', /at the login/, { settings: { loginReplyMs: 300 } }], // prettier-ignore
  ['P3C-02: a status line that is too long', { script: { user: { say: `+OK ${'x'.repeat(5000)}` } } }, 'garbage', /at the user name/], // prettier-ignore
  ['P3C-02: a status line without end', { script: { pass: { octets: '+OK ', flood: tooMuch } } }, 'garbage', /at the login/], // prettier-ignore
  ['P3C-02: CAPA without end', { script: { capa: { octets: '+OK\r\n', flood: 'X-MORE\r\n'.repeat(1000) } } }, 'garbage', /at CAPA/], // prettier-ignore
  ['P3C-10: another service', { script: { greeting: { say: '220 s3cret ESMTP' } } }, 'garbage', /no POP3$/],
  ['P3C-10: an empty line', { script: { greeting: { say: '' } } }, 'garbage', /no POP3$/],
  ['P3C-10: a NUL in the greeting', { script: { greeting: { say: '+OK s3cret\0' } } }, 'garbage', /no POP3$/],
  ['PC-36: words with control characters', { script: { pass: { say: '-ERR \x1b[2Jred\x07 \xe4' } } }, 'refused', /: \?\[2Jred\? \\xE4$/], // prettier-ignore
  ['PC-36: words in UTF-8', { script: { pass: { say: '-ERR [SYS/TEMP] Postfach gesperrt f\xc3\xbcr Sie \xe2\x80\xae' } } }, 'temporary', / für Sie \?$/], // prettier-ignore
  ['PC-37: a server that repeats a password in UTF-8', { script: { pass: { say: '-ERR gr\xc3\xbcn-s3cret is wrong' } } }, 'refused', /: \*\*\* is wrong$/, { credentials: { user: 'ann', password: 'grün-s3cret' } }], // prettier-ignore
  ['PC-37: a server that repeats the password', { script: { pass: { say: '-ERR "secret" is wrong' } } }, 'refused', /: "\*\*\*" is wrong$/], // prettier-ignore
  ['PC-37: a server that repeats what was encoded', { sasl: ['PLAIN'], script: { auth: { say: `-ERR ${Buffer.from('\0ann\0secret').toString('base64')}` } } }, 'refused', /: \*\*\*$/], // prettier-ignore
]
for (const [title, remote, is, words, opening] of refusals)
  test(`${title}: ends as ${is}`, async () => {
    await using far = await Pop3Remote.open(remote)
    const notes: string[] = []
    const trouble = await failure(far, { ...opening, note: (line) => notes.push(line) })
    assert.equal(trouble.is, is, trouble.words)
    assert.match(trouble.words, words)
    assert.doesNotMatch(trouble.words + notes.join('\n'), /s3cret|[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
    assert.ok(trouble.words.length < 400)
  })

test('PC-05: what CAPA says of waiting and keeping is told', async () => {
  await using far = await Pop3Remote.open({
    capabilities: ['LOGIN-DELAY 300', 'EXPIRE 0', 'IMPLEMENTATION Far \x1b 2'],
  })
  const box = await opened(far)
  const { loginDelaySeconds, expireDays, implementation, top, pipelining } = box.facts
  assert.deepEqual([loginDelaySeconds, expireDays, implementation, top, pipelining], [300, 0, 'Far ? 2', false, false])
  await box.leave()
})

for (const [line, days, seconds] of [
  ['EXPIRE NEVER', null, 0],
  ['expire 31', 31, 0],
  ['EXPIRE x', null, 0],
  ['LOGIN-DELAY 99999999', null, 86_400],
  ['LOGIN-DELAY 999999999999999999999', null, 0],
] as const)
  test(`PC-05: ${line} in CAPA`, async () => {
    await using far = await Pop3Remote.open({ capabilities: [line] })
    const box = await opened(far)
    assert.deepEqual([box.facts.expireDays, box.facts.loginDelaySeconds], [days, seconds])
    await box.leave()
  })

test('PC-05: a second session finds the mailbox locked, and later not', async () => {
  await using far = await Pop3Remote.open({ messages: three, lockMs: 200 })
  await (await opened(far)).leave()
  assert.equal((await failure(far)).is, 'busy')
  await new Promise((go) => setTimeout(go, 400))
  await (await opened(far)).leave()
  assert.equal(far.sessionsMax, 1)
})
