// Takes pictures of every screen of the console with a small office's mail in it: light, dark and on a phone. By hand:
// node_modules/.bin/node scripts/record-console.ts FOLDER; docs/console.png of the README is its `overview` at 1280 x 800.
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { openConsole, type Console } from '../test/browser.ts'
import { maildrop, Pop3Remote } from '../test/pop3-remote.ts'
import { cliAsync } from '../test/serve.ts'

const folder = process.argv[2] ?? 'shots'
mkdirSync(folder, { recursive: true })

const people = ['admin', 'info', 'mara', 'orders', 'priya', 'scans', 'tomas']
const letters: readonly [string, string, string, number][] = [
  ['shop@timber.example', 'orders@example.org', 'Your order 4711', 48],
  ['captain@inner.port.example', 'mara@example.org', 'Harbour day 2027', 3],
  ['buchung@ferry.example', 'info@example.org', 'Timetable from 1 December', 12],
  ['klara@museum.example', 'tomas@example.org', 'Photos of the afterdeck', 120],
  ['printer@example.org', 'scans@example.org', 'Scan 2026-11-26', 80],
  ['jens@harbour-supplies.example', 'info@example.org', 'Rope, 40 m', 6],
  ['priya@example.org', 'mara@example.org', 'Minutes of Monday', 9],
]

await using remote = await Pop3Remote.open({
  messages: maildrop(14, 9000),
  user: 'office',
  password: 'a password of these',
})
await using console_ = await openConsole(['smtp', 'submission', 'pop3', 'console'])
await furnish(console_)
const screens: readonly [string, string][] = [
  ['overview', '/'],
  ['mailboxes', '/mailboxes/mara'],
  ['mailbox-mail', '/mailboxes/info/mail'],
  ['trace', '/trace?q=orders'],
  ['queue', '/queue'],
  ['mail-server', '/mail-server'],
  ['mail-relay', '/mail-relay'],
  ['pop3-server', '/pop3-server'],
  ['pop3-client', '/pop3-client'],
  ['send', '/send'],
  ['settings', '/settings'],
  ['history', '/settings/history'],
  ['people', '/settings/people'],
  ['certificates', '/settings/certificates'],
  ['log', '/settings/log'],
  ['backup', '/settings/backup'],
  ['account', '/account'],
  ['guide', '/guide'],
  ['tutorial', '/tutorial'],
  ['welcome', '/welcome'],
]
for (const look of [
  { name: '' },
  { name: '-dark', dark: true },
  { name: '-phone', size: 'phone' as const },
  { name: '-de', language: 'de' as const },
])
  for (const [name, path] of screens) {
    const page = await console_.open(path, look)
    await page.locator('main h1').first().waitFor()
    await page.waitForTimeout(700)
    await page.screenshot({ path: `${folder}/${name}${look.name}.png` })
    const serious = await console_.axe(page)
    for (const line of serious) console.log(`${name}${look.name}: ${line}`)
    const wide = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
    if (Number(wide) > 0) console.log(`${name}${look.name}: scrolls sideways by ${String(wide)}`)
    await page.context().close()
  }
for (const line of new Set(console_.problems)) console.log(line)

async function furnish({ data, served }: Console): Promise<void> {
  const run = (...args: string[]) => cliAsync(data, args, 'a password of these\n')
  for (const name of people) await run('mailbox', 'add', name, '--pop3', '--password-stdin')
  await run('mailbox', 'set', 'scans', '--quota', '100k')
  await run('domain', 'add', 'example.org', '--catch', 'admin')
  await run('domain', 'add', 'example.net', '--catch', 'info')
  await run('address', 'add', 'sales@example.org', 'orders', 'mara')
  await run('settings', 'set', 'server.hostname', 'mail.example.org')
  await run('settings', 'set', 'mailServer.forwarding', 'true')
  await run('access', 'add', '127.0.0.1')
  await run('access', 'add', '192.168.*')
  const [host, port] = served.listening['smtp']!.split(':')
  for (const [from, to, subject, kilobytes] of letters) {
    const text = `From: <${from}>\nTo: <${to}>\nSubject: ${subject}\nDate: Thu, 26 Nov 2026 09:00:00 +0100\n\n${`${'Good morning. '.repeat(5)}\n`.repeat(kilobytes * 14)}`
    spawnSync('swaks', ['-S', '-s', host!, '-p', port!, '-f', from, '-t', to, '-d', '-'], { input: text })
  }
  for (const to of ['someone@nowhere.invalid', 'jens@harbour-supplies.invalid'])
    spawnSync('swaks', [
      '-S',
      '-s',
      host!,
      '-p',
      port!,
      '-f',
      'mara@example.org',
      '-t',
      to,
      '--header',
      'Subject: An offer',
    ])
  const account = [
    '--host',
    '127.0.0.1',
    '--port',
    String(remote.port),
    '--tls',
    'none',
    '--plain-login',
    '--private',
    '--first',
    'everything',
    '--user',
    'office',
    '--into',
    'info',
    '--password-stdin',
  ]
  const added = await run('collect', 'add', 'office', ...account)
  if (added.status !== 0) console.log(added.stderr)
  await run('collect', 'run', 'office')
}
