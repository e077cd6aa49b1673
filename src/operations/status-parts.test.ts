// The states of the parts, as a table.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import {
  consoleSays,
  mailRelaySays,
  mailServerSays,
  pop3ClientSays,
  pop3ServerSays,
  type MailRelayFacts,
  type Pop3ClientFacts,
  type Says,
} from './status-parts.ts'

const good = { component: 'smtp', address: '127.0.0.1:25', port: 25, problem: null }
const busy = { component: 'smtp', address: '0.0.0.0:110', port: 110, problem: 'EADDRINUSE' }
const server = { running: true, listens: [good] }
const mail = { ...server, store: 'yes', forwarding: true, domains: 3, entries: 5 } as const
const relay: MailRelayFacts = {
  running: true,
  paused: false,
  routes: 1,
  problems: 0,
  open: 2,
  deferredDestinations: 0,
}
type Account = Pop3ClientFacts['accounts'][number]
const account = (state: Account['state'], minutes = 10): Account => ({ state, everyMs: minutes * 60_000 })
const client = (...accounts: Account[]): Pop3ClientFacts => ({ running: true, enabled: true, accounts })

const table: readonly (readonly [string, Says, state: string, code: string])[] = [
  ['a Mail Server takes mail', mailServerSays(mail), 'ok', 'taking'],
  ['one that forwards for nobody', mailServerSays({ ...mail, forwarding: false }), 'ok', 'taking-only'],
  ['a full disk', mailServerSays({ ...mail, store: 'full' }), 'problem', 'disk-full'],
  ['a disk error', mailServerSays({ ...mail, store: 'failed' }), 'problem', 'store-failed'],
  ['a stopped server', mailServerSays({ ...mail, running: false, store: 'full' }), 'off', 'stopped'],
  ['no listener was wanted', mailServerSays({ ...mail, listens: [] }), 'off', 'not-asked'],
  [
    'SX-09 one port of two is busy',
    pop3ServerSays({ ...server, listens: [good, busy], mailboxes: 1, of: 2 }),
    'problem',
    'some-listen',
  ],
  [
    'SX-09 every port is busy',
    pop3ServerSays({ ...server, listens: [busy], mailboxes: 1, of: 2 }),
    'problem',
    'nothing-listens',
  ],
  ['a POP3 Server', pop3ServerSays({ ...server, mailboxes: 6, of: 9 }), 'ok', 'access'],
  ['a relay that is paused by hand', mailRelaySays({ ...relay, paused: true, problems: 1 }), 'held', 'paused'],
  ['a relay without a route', mailRelaySays({ ...relay, routes: 0 }), 'problem', 'no-route'],
  ['a relay that is refused', mailRelaySays({ ...relay, problems: 2 }), 'problem', 'trouble'],
  ['a relay that was asked to wait', mailRelaySays({ ...relay, deferredDestinations: 2 }), 'wait', 'asked-to-wait'],
  ['a relay at work', mailRelaySays(relay), 'ok', 'delivering'],
  ['a relay with nothing to do', mailRelaySays({ ...relay, open: 0 }), 'ok', 'idle'],
  ['no remote account', pop3ClientSays(client()), 'off', 'no-accounts'],
  ['a client that is switched off', pop3ClientSays({ ...client(account('idle')), enabled: false }), 'off', 'disabled'],
  ['accounts that are all paused', pop3ClientSays(client(account('paused'))), 'held', 'accounts-paused'],
  [
    'an account that needs somebody',
    pop3ClientSays(client(account('stopped'), account('failing'))),
    'problem',
    'needs-you',
  ],
  ['an account that fails', pop3ClientSays(client(account('idle'), account('failing'))), 'wait', 'failing'],
  ['accounts that collect', pop3ClientSays(client(account('idle', 5), account('busy', 30))), 'ok', 'collecting'],
  ['a console of this machine', consoleSays({ running: true, listens: [good] }), 'ok', 'open-here'],
  [
    'a console of the network',
    consoleSays({ running: true, listens: [{ ...good, address: '[::]:8025' }] }),
    'ok',
    'open-network',
  ],
]

for (const [what, { state, says }, wanted, code] of table)
  test(`${what}: ${wanted}, ${code}`, () => assert.deepEqual([state, says.code], [wanted, code]))

test('how often accounts are collected is told in minutes, of those at work', () => {
  const { says } = pop3ClientSays(client(account('idle', 5), account('stopped', 30), account('paused', 60)))
  assert.deepEqual(says.values, { of: 3, collecting: 1, everyMin: 5, everyMax: 30, stopped: 1 })
})
