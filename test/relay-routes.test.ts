// Which way mail goes: the three routes, ticked alone and together, against every kind of failure on real sockets. D1, D2.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lab, ourselves, saying, type Host } from './relay-lab.ts'
import type { ReceiverOptions } from './receiver.ts'

const blocked = '554 5.7.1 Service unavailable; client host [127.0.0.1] blocked using bl.example'

/** What is wrong with the first route, and what becomes of the mail with the ticks mx, mx + address, mx + alternate, all
 *  three: taken at the `address`, by the `smart` server; `waits`, `fails`. */
type Row = readonly [what: string, first: ReceiverOptions | 'dead' | readonly string[], ...outcomes: string[]]
const rows: readonly Row[] = [
  ['RO-10 nobody listens', 'dead', 'waits', 'address', 'smart', 'address'],
  [
    'RO-10 it hangs up before its greeting',
    { script: { greeting: { end: 'close' } } },
    'waits',
    'address',
    'smart',
    'address',
  ],
  ['RO-10 it resets', { script: { greeting: { end: 'reset' } } }, 'waits', 'address', 'smart', 'address'],
  ['RO-10, OUT-15 it is silent', { script: { greeting: { end: 'silence' } } }, 'waits', 'address', 'smart', 'address'],
  [
    'RO-11 it says 421',
    { script: { greeting: { say: '421 4.3.2 busy', end: 'close' } } },
    'waits',
    'waits',
    'waits',
    'waits',
  ],
  ['RO-11, RO-16 it says 554', saying('greeting', '554 no SMTP service here'), 'fails', 'fails', 'smart', 'smart'],
  ['OUT-04 EHLO is answered 450', saying('ehlo', '450 later'), 'waits', 'waits', 'waits', 'waits'],
  ['OUT-04 MAIL is answered 450', saying('mail', '450 4.3.0 later'), 'waits', 'waits', 'waits', 'waits'],
  ['OUT-04 MAIL is answered 550', saying('mail', '550 5.7.1 not from you'), 'fails', 'fails', 'smart', 'smart'],
  ['RO-14 the recipient must wait', saying('rcpt', '450 4.2.1 later'), 'waits', 'waits', 'waits', 'waits'],
  ['RO-14 the recipient does not exist', saying('rcpt', '550 5.1.1 nobody'), 'fails', 'fails', 'fails', 'fails'],
  ['RO-16 our address is blocked', saying('rcpt', blocked), 'fails', 'fails', 'smart', 'smart'],
  ['RO-15 the message must wait', saying('dot', '451 4.3.0 later'), 'waits', 'waits', 'waits', 'waits'],
  ['RO-15 the message is unwanted', saying('dot', '554 5.6.0 no such content'), 'fails', 'fails', 'fails', 'fails'],
  [
    'RO-15 it hangs up after 354',
    { script: { data: { say: '354 go', late: '' } } },
    'waits',
    'waits',
    'waits',
    'waits',
  ],
  [
    'RO-17, OUT-05 it hangs up after the message',
    { script: { dot: { end: 'close', record: true } } },
    'first though waiting',
    'first though waiting',
    'first though waiting',
    'first though waiting',
  ],
  ['RO-18 it resets after 250', { script: { quit: { end: 'reset' } } }, 'first', 'first', 'first', 'first'],
  ['RO-02, DNS-06 DNS fails', ['MX SERVFAIL'], 'waits', 'waits', 'waits', 'waits'],
  ['RO-02 DNS refuses', ['MX REFUSED'], 'waits', 'waits', 'waits', 'waits'],
  ['RO-03 the domain is said not to exist', ['MX NXDOMAIN'], 'waits', 'waits', 'waits', 'waits'],
  ['RO-05, DNS-04 null MX', ['MX 0 .'], 'fails', 'fails', 'fails', 'fails'],
  ['RO-07, LP-03 the exchanger is ourselves', ['MX 10 us.invalid'], 'fails', 'fails', 'fails', 'fails'],
]
const columns: readonly [ticks: string, settings: Record<string, unknown>][] = [
  ['mx', {}],
  ['mx and address', { 'mailRelay.address': true }],
  ['mx and alternate', { 'mailRelay.alternate': 'smart' }],
  ['all', { 'mailRelay.address': true, 'mailRelay.alternate': 'smart' }],
]

const took = (host: Host, domain: string): boolean =>
  host.ledger.some(({ rcpts }) => rcpts.join().includes(`@${domain}>`))

async function outcomeOf(lab: Lab, { i, first, smart }: { i: number; first: Row[1]; smart: Host }): Promise<string> {
  const domain = `c${i}.example`
  const byAddress = await lab.host()
  const host = first === 'dead' || 'length' in first ? null : await lab.host(first)
  if (first !== 'dead' && 'length' in first) lab.publish(...first.map((line) => `${domain} ${line}`))
  else lab.domain(domain, host ?? lab.address())
  lab.publish(`${domain} A ${byAddress.at}`)
  const [row] = await lab.tried(await lab.send([`x@${domain}`]))
  const takers = { first: host, address: byAddress, smart }
  const taker = Object.entries(takers).find(([, one]) => one !== null && took(one, domain))?.[0]
  if (row!.state === 'delivered') return taker ?? 'lost'
  if (taker !== undefined) return `${taker} though ${row!.state}`
  return row!.state === 'waiting' ? 'waits' : 'fails'
}

test('D1, D2, OUT-04: each failure, each way of ticking', { concurrency: true, timeout: 60_000 }, async (t) => {
  const labs = columns.map(([ticks, settings], column) =>
    t.test(ticks, async (t) => {
      await using lab = await Lab.open({ settings })
      const smart = await lab.smart()
      lab.publish(`us.invalid A ${ourselves}`)
      const outcomes = rows.map(([, first], i) => outcomeOf(lab, { i, first, smart }))
      await Promise.allSettled(outcomes)
      for (const [i, [what, , ...expected]] of rows.entries())
        await t.test(`${what}: ${expected[column]}`, async () => assert.equal(await outcomes[i], expected[column]))
    }),
  )
  await Promise.all(labs)
})
