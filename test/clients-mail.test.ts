// What people run in cron jobs: msmtp sends, mpop and fetchmail read, byte for byte, in plain and over STARTTLS.
// fetchmail reads with TOP and a great number of lines.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { absent, run, withServer } from './programs.ts'

const fields = 'From: bob@b.example\nTo: ann@example.org\nDate: Mon, 2 Mar 2026 10:00:00 +0000\n'
const mails = [
  `${fields}Subject: dots\n\n.one\n..two\n.\n\n\xe9t\xe9\nend\n`,
  `${fields}Subject: lines\n\n${'x'.repeat(990)}\n\n\n`,
  `${fields}Subject: From\n\nFrom the start of a line\n>From a quoted one\n`,
  `${fields}Subject: large\n\n${'0123456789 .abcdef\n'.repeat(30_000)}`, // above what is kept in the database
]

const [host, port] = [(at: string): string => at.split(':')[0]!, (at: string): string => at.split(':')[1]!]

async function send(smtp: string, mail: string, more: readonly string[] = []): Promise<void> {
  const to = ['--from=bob@b.example', 'ann@example.org']
  const sent = await run(
    'msmtp',
    ['--file=/dev/null', `--host=${host(smtp)}`, `--port=${port(smtp)}`, ...more, ...to],
    mail,
  )
  assert.equal(sent.status, 0, sent.stderr)
}

/** As the sender wrote it: without the fields that the servers on the way put in front. */
const asWritten = (mail: string): string => mail.slice(mail.indexOf('From: bob'))

function maildir(folder: string): string[] {
  const fresh = join(folder, 'new')
  const texts = readdirSync(fresh).map((name) => asWritten(readFileSync(join(fresh, name), 'latin1')))
  return texts.sort()
}

/** Settings in a file of its own that only its owner may read: both programs ask for that. */
function settings(data: string, name: string, text: string): string {
  const file = join(data, name)
  writeFileSync(file, text, { mode: 0o600 })
  return file
}

function mpopSettings(data: string, pop3: string, more: string): string {
  const folder = join(data, 'maildir')
  for (const part of ['', 'cur', 'new', 'tmp']) mkdirSync(join(folder, part), { recursive: true })
  const lines = [`account default`, `host ${host(pop3)}`, `port ${port(pop3)}`, 'user ann', 'password secret', more]
  const own = [`delivery maildir ${folder}`, `uidls_file ${join(data, 'uidls')}`, 'received_header off']
  return settings(data, 'mpoprc', [...lines, ...own, ''].join('\n'))
}

for (const [way, sending, reading] of [
  ['in plain', ['--tls=off'], 'tls off\nauth user\nkeep on'],
  [
    'over STARTTLS',
    ['--tls=on', '--tls-certcheck=off'],
    'tls on\ntls_starttls on\ntls_certcheck off\nauth plain\nkeep off',
  ],
] as const)
  test(
    `IN-05, PS-07, PS-09: msmtp sends and mpop reads the same octets ${way}`,
    { skip: absent('msmtp') || absent('mpop') },
    () =>
      withServer(async ({ smtp, pop3, data }) => {
        for (const mail of mails) await send(smtp, mail, sending)
        const file = mpopSettings(data, pop3, reading)
        const first = await run('mpop', [`--file=${file}`])
        assert.equal(first.status, 0, first.stdout + first.stderr)
        assert.deepEqual(maildir(join(data, 'maildir')), mails.toSorted())
        const again = await run('mpop', [`--file=${file}`]) // knows them by UIDL, or deleted them
        assert.equal(again.status, 0, again.stdout + again.stderr)
        assert.equal(maildir(join(data, 'maildir')).length, mails.length)
      }),
  )

test(
  'PS-05, PS-06, PS-07: fetchmail reads the same octets, keeps by UIDL, then deletes',
  { skip: absent('fetchmail') || absent('msmtp') },
  () =>
    withServer(async ({ smtp, pop3, data }) => {
      for (const mail of mails) await send(smtp, mail, ['--tls=off'])
      const folder = join(data, 'fetched')
      mkdirSync(folder)
      const account = `poll ${host(pop3)} protocol pop3 port ${port(pop3)} uidl user ann password secret sslproto ""`
      const mda = `mda "cat > ${folder}/$$"`
      const fetch = async (name: string, options: string): Promise<number | null> => {
        const file = settings(data, name, `set idfile ${data}/ids\nset invisible\n${account} ${mda} ${options}\n`)
        return (await run('fetchmail', ['-f', file, '--pidfile', join(data, 'pid'), '--nosyslog'])).status
      }
      assert.equal(await fetch('keep', 'keep'), 0)
      const texts = readdirSync(folder).map((name) => asWritten(readFileSync(join(folder, name), 'latin1')))
      assert.deepEqual(texts.sort(), mails.toSorted())
      assert.ok(existsSync(join(data, 'ids')))
      assert.equal(await fetch('keep', 'keep'), 1) // nothing new
      assert.equal(await fetch('all', 'fetchall nokeep'), 0)
      assert.equal(await fetch('all', 'fetchall nokeep'), 1)
    }),
)

const python = `
import smtplib, poplib, sys
host, smtp = sys.argv[1].split(':'); _, pop3 = sys.argv[2].split(':')
body = b''.join(b'.%d\\r\\n' % i for i in range(40_000))
with smtplib.SMTP(host, int(smtp)) as s: s.sendmail('bob@b.example', ['ann@example.org'], b'Subject: x\\r\\n\\r\\n' + body)
p = poplib.POP3(host, int(pop3)); p.user('ann'); p.pass_('secret')
whole = p.retr(1)[1]; start = whole.index(b'') + 1
for lines in (0, 1, 39_999, 40_000, 99_999_999): assert p.top(1, lines)[1] == whole[:start + lines], lines
p.quit()
`

test('PS-10: TOP of a large message has exactly the lines that were asked for', { skip: absent('python3') }, () =>
  withServer(async ({ smtp, pop3 }) => {
    const ran = await run('python3', ['-c', python, smtp, pop3])
    assert.equal(ran.status, 0, ran.stderr)
  }),
)
