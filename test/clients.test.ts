// Real programs send and read: what one of them sends is read back byte for byte by another.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { absent, run, withServer } from './programs.ts'
import { cli } from './serve.ts'

const message =
  'From: bob@b.example\r\nTo: ann@example.org\r\nSubject: dots\r\n\r\n.one\r\n..two\r\n\xe9t\xe9\r\n.\r\n'.replace(
    /\r\n\.\r\n$/,
    '\r\nend\r\n',
  )

const bodyOf = (mail: string): string => mail.slice(mail.indexOf('From: bob'))

test(
  'IN-05, PS-09: curl sends a message with dots and 8-bit octets; curl reads the same octets',
  { skip: absent('curl') },
  () =>
    withServer(async ({ smtp, pop3, data }) => {
      const file = join(data, 'm.eml')
      writeFileSync(file, message, 'latin1')
      const sent = await run('curl', [
        '-sS',
        `smtp://${smtp}`,
        '--mail-from',
        'bob@b.example',
        '--mail-rcpt',
        'ann@example.org',
        '-T',
        file,
      ])
      assert.equal(sent.status, 0, sent.stderr)
      const read = await run('curl', ['-sS', `pop3://${pop3}/1`, '-u', 'ann:secret'])
      assert.equal(bodyOf(read.stdout), message)
      assert.match(read.stdout, /^Return-Path: <bob@b\.example>\r\n/)
    }),
)

test('IN-15, AC-01: swaks is told who is unknown and that nobody relays', { skip: absent('swaks') }, () =>
  withServer(async ({ smtp }) => {
    const to = async (address: string): Promise<string> =>
      (await run('swaks', ['--server', smtp, '--from', 'bob@b.example', '--to', address, '--suppress-data'])).stdout
    assert.match(await to('nobody@example.org'), /550 5\.1\.1/)
    assert.match(await to('victim@elsewhere.example'), /550 5\.7\.1/)
    assert.match(await to('ann@example.org'), /250 2\.0\.0/)
  }),
)

const python = `
import smtplib, poplib, sys
host, smtp = sys.argv[1].split(':'); _, pop3 = sys.argv[2].split(':')
with smtplib.SMTP(host, int(smtp)) as s:
    for i in range(20): s.sendmail('bob@b.example', ['ann@example.org'], 'From: bob@b.example\\r\\nSubject: %d\\r\\n\\r\\nbody %d\\r\\n' % (i, i))
p = poplib.POP3(host, int(pop3)); p.user('ann'); p.pass_('secret')
assert p.stat()[0] == 20, p.stat()
uidls = p.uidl()[1]; assert len(set(u.split()[1] for u in uidls)) == 20
for i in range(20):
    lines = p.retr(i + 1)[1]; assert lines[-1] == b'body %d' % i, lines
    assert p.list(i + 1).split()[2] == str(sum(len(l) + 2 for l in lines)).encode()
assert p.top(1, 0)[1][-1] == b''
p.dele(1); p.quit()
p = poplib.POP3(host, int(pop3)); p.user('ann'); p.pass_('secret'); assert p.stat()[0] == 19; p.quit()
p = poplib.POP3(host, int(pop3)); p.user('ann')
try: p.pass_('wrong'); sys.exit('a wrong password worked')
except poplib.error_proto as e: assert b'[AUTH]' in e.args[0]
`

test(
  'PS-05, PS-06, PS-08, PS-10: smtplib sends twenty; poplib reads them, sizes are exact, one is deleted',
  { skip: absent('python3') },
  () =>
    withServer(async ({ smtp, pop3 }) => {
      const ran = await run('python3', ['-c', python, smtp, pop3])
      assert.equal(ran.status, 0, ran.stderr)
    }),
)

test('the trace tells a refusal and an acceptance; verify finds nothing wrong', { skip: absent('curl') }, () =>
  withServer(async ({ smtp, data }) => {
    const file = join(data, 'm.eml')
    writeFileSync(file, message, 'latin1')
    await run('curl', [
      '-sS',
      `smtp://${smtp}`,
      '--mail-from',
      'bob@b.example',
      '--mail-rcpt',
      'ann@example.org',
      '-T',
      file,
    ])
    assert.match(cli(data, ['trace', 'bob@b.example']).stdout, /received by 127\.0\.0\.1.*ann@example\.org/)
    assert.match(cli(data, ['trace', 'bob@b.example']).stdout, /stored in: ann\n +reply: 250 2\.0\.0 Stored as /)
    assert.match(cli(data, ['verify']).stdout, /all is well/)
    assert.match(cli(data, ['address', 'explain', 'ann+x@example.org']).stdout, /mailbox ann/)
    assert.match(cli(data, ['mailbox', 'add', 'ann']).stderr, /already/)
  }),
)
