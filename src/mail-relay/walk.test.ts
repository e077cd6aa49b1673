// Along the ladder with hosts that are words: who is asked, in which order, and whose answer counts. D1, D2.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reply } from '#/message/reply.ts'
import type { Memo } from '#/storage/queue.ts'
import { clock } from '#/world/node/clock.ts'
import { Detours } from './detours.ts'
import { Health } from './health.ts'
import type { Hops } from './hops.ts'
import { alternate, byAddress, mx, row } from './rows-test-rig.ts'
import type { RelayRoute } from './routes.ts'
import type { MailResult, RecipientOutcome, SessionFailure, Stage } from './session-types.ts'
import { walk, type Walked, type WalkParts } from './walk.ts'
import type { Conversation } from './walk-types.ts'

/** `dead`, or a code and the stage at which it is said: `554 greeting`. `lost`: no answer behind the dot. Several recipients
 *  get what stands between commas. `later` and `never` instead of hosts are what DNS says. */
type Says = string
type Route = 'mx' | 'address' | 'alternate'
type Given = {
  readonly hosts: Readonly<Partial<Record<Route, Readonly<Record<string, Says>> | 'later' | 'never'>>>
  readonly memo?: Memo
  readonly recipients?: number
}
type Ran = { readonly walked: Walked; readonly asked: readonly string[]; readonly health: Health; detours: Detours }

const routeOf: Readonly<Record<Route, RelayRoute>> = { mx, address: byAddress, alternate: alternate() }

const failed = (stage: Stage, said: string, more: Partial<SessionFailure> = {}): SessionFailure => ({
  is: 'failed',
  stage,
  reply: { code: Number(said), status: null, lines: ['words'] },
  fromRemote: true,
  retryInClear: false,
  retryWithHelo: false,
  authRefused: false,
  loop: false,
  ...more,
})

function opened(says: Says): SessionFailure | null {
  const [code = '', stage] = says.split(' ')
  if (says === 'dead') return failed('connect', '451', { fromRemote: false })
  if (says === 'no-tls') return failed('starttls', '451', { fromRemote: false })
  if (says === 'ourselves') return failed('ehlo', '554', { fromRemote: false, loop: true })
  if (stage === 'greeting' || stage === 'ehlo') return failed(stage, code)
  return stage === 'auth' ? failed('auth', code, { authRefused: code.startsWith('5') }) : null
}

function heard(says: Says): RecipientOutcome {
  const plain = { stage: 'rcpt', uncertain: false, fromRemote: true, again: false } as const
  const said = (code: number, words = 'words') => ({ code, status: null, lines: [words] })
  if (says === 'lost') return { ...plain, stage: 'dot', reply: said(451), uncertain: true, fromRemote: false }
  if (says === 'small') return { ...plain, stage: 'mail', reply: said(552), fromRemote: false }
  if (says === 'again') return { ...plain, reply: said(452), again: true }
  if (says === 'blocked') return { ...plain, reply: said(554, 'your ip is blacklisted') }
  return { ...plain, reply: said(Number(says.split(' ')[0])) }
}

const result = (says: readonly Says[]): MailResult => ({
  outcomes: says.map(heard),
  tls: null,
  pipelined: true,
  dsn: false,
  stale: false,
  outOfStep: false,
})

function hopsOf(hosts: Given['hosts'][Route]): Hops {
  if (hosts === 'never') return { is: 'failed', reply: reply(556, '5.1.10', 'null MX') }
  if (hosts === 'later' || hosts === undefined)
    return { is: 'later', reply: reply(451, '4.4.3', 'DNS'), why: 'DNS', noSuchName: false }
  const names = Object.keys(hosts)
  const hop = (name: string) => ({ name, certName: name, addresses: [name], port: 25 })
  return { is: 'hops', hosts: names.map(hop), skipped: [] }
}

async function ran({ hosts, memo = {}, recipients = 1 }: Given, more: Partial<WalkParts> = {}): Promise<Ran> {
  const asked: string[] = []
  const [health, detours] = [new Health(), new Detours()]
  const saysOf = (name: string): Says =>
    Object.values(hosts).flatMap((some) => (typeof some === 'object' && name in some ? some[name]! : []))[0]!
  const rows = Array.from({ length: recipients }, (_, i) => row(`${i}@far.example`, { memo }))
  const names = Object.keys(hosts) as Route[] // the keys of Given
  const walked = await walk(
    { rows, routes: names.map((name) => routeOf[name]), because: 'test' },
    {
      clock,
      findHops: ({ route }) => Promise.resolve(hopsOf(hosts[route.is])),
      conversations: {
        open({ address }) {
          asked.push(address)
          const says = saysOf(address)
          const left = says.split(', ')
          const conversation: Conversation = {
            deliver: async (mail) =>
              left[0] === 'breaks'
                ? Promise.reject(new Error('the disk'))
                : Promise.resolve(result(mail.recipients.map((_, i) => left[i % left.length]!))),
            release: () => undefined,
          }
          return Promise.resolve(opened(says) ?? conversation)
        },
      },
      health,
      detours,
      tlsFor: () => 'opportunistic',
      mail: (some) => ({
        from: null,
        parameters: some[0]!.mail,
        recipients: some.map(({ to, rcpt }) => ({ address: to, parameters: rcpt })),
        needs: { eightBit: false, smtputf8: false },
        sizeBytes: 1,
        chunks: () => [],
      }),
      attemptMs: 60_000,
      routeTriesMax: 3,
      ...more,
    },
  )
  return { walked, asked, health, detours }
}

/** "250 by alternate, asked m1 s1" */
async function story(given: Given): Promise<string> {
  const { walked, asked } = await ran(given)
  const ends = [...walked.outcomes.values()].map(
    ({ reply: { code }, route, uncertain }) => `${code} by ${route.split(':')[0]}${uncertain ? ' uncertain' : ''}`,
  )
  return `${ends.join(', ')}; asked ${asked.join(' ')}`.trim()
}

const all = (says: Says): Given['hosts'] => ({ mx: { m1: says }, address: { a1: '250' }, alternate: { s1: '250' } })
const [dead, ok] = ['dead', '250']
const tooSmall = (m2: Says): Given => ({ hosts: { mx: { m1: 'small', m2 } } })
type Case = readonly [what: string, given: Given, story: string]

const cases: readonly Case[] = [
  // One route: the next host of it.
  ['RO-10 a dead host: the next one', { hosts: { mx: { m1: dead, m2: ok } } }, '250 by mx; asked m1 m2'],
  [
    'RO-11 421 at the greeting: the next one',
    { hosts: { mx: { m1: '421 greeting', m2: ok } } },
    '250 by mx; asked m1 m2',
  ],
  [
    'RO-11 554 at the greeting: the next one',
    { hosts: { mx: { m1: '554 greeting', m2: ok } } },
    '250 by mx; asked m1 m2',
  ],
  [
    'RO-11 554 by all is an answer about us',
    { hosts: { mx: { m1: '554 greeting', m2: '554 greeting' } } },
    '554 by mx; asked m1 m2',
  ],
  [
    'OUT-17 554 by the lower while the better is down waits',
    { hosts: { mx: { m1: dead, m2: '554 greeting' } } },
    '450 by mx; asked m1 m2',
  ],
  ['OUT-17 so does its 550 for a recipient', { hosts: { mx: { m1: dead, m2: '550 rcpt' } } }, '450 by mx; asked m1 m2'],
  [
    'OUT-17 and behind a better 421',
    { hosts: { mx: { m1: '421 greeting', m2: '550 rcpt' } } },
    '450 by mx; asked m1 m2',
  ],
  [
    'OUT-17 but not for ever',
    { hosts: { mx: { m1: dead, m2: '550 rcpt' } }, memo: { route: 'mx', routeTries: 2 } },
    '550 by mx; asked m1 m2',
  ],
  [
    'RO-13 no TLS where it must be: another host, never clear text',
    { hosts: { mx: { m1: 'no-tls', m2: ok } } },
    '250 by mx; asked m1 m2',
  ],
  [
    'RO-14 550 for the recipient: nobody else is asked',
    { hosts: { mx: { m1: '550 rcpt', m2: ok } } },
    '550 by mx; asked m1',
  ],
  [
    'RO-14 450 for the recipient: nobody else is asked now',
    { hosts: { mx: { m1: '450 rcpt', m2: ok } } },
    '450 by mx; asked m1',
  ],
  [
    'RO-14, RO-16 refused for what we are: no other host of the domain',
    { hosts: { mx: { m1: 'blocked', m2: ok } } },
    '554 by mx; asked m1',
  ],
  [
    'RO-11 554 by the better while the lower is down waits',
    { hosts: { mx: { m1: '554 greeting', m2: dead } } },
    '450 by mx; asked m1 m2',
  ],
  [
    'OUT-17 refused for what we are by the lower while the better is down waits',
    { hosts: { mx: { m1: dead, m2: 'blocked' } } },
    '450 by mx; asked m1 m2',
  ],
  [
    'OUT-17 550 by the lower while the better has no TLS waits',
    { hosts: { mx: { m1: 'no-tls', m2: '550 rcpt' } } },
    '450 by mx; asked m1 m2',
  ],
  ['RO-22 too large for the first host: the next one', tooSmall(ok), '250 by mx; asked m1 m2'],
  ['RO-22 too large for all hosts', tooSmall('small'), '552 by mx; asked m1 m2'],
  ['RO-22 too large for one while another is down waits', tooSmall(dead), '450 by mx; asked m1 m2'],
  ['RO-22 too large for one, and the next says later', tooSmall('450 rcpt'), '450 by mx; asked m1 m2'],
  ['RO-22, OUT-17 down, and too large', { hosts: { mx: { m1: dead, m2: 'small' } } }, '450 by mx; asked m1 m2'],
  [
    'RO-17 the answer was lost: nobody else is asked now',
    { hosts: { mx: { m1: 'lost', m2: ok } } },
    '451 by mx uncertain; asked m1',
  ],
  ['LP-03 it is ourselves: an end', { hosts: { mx: { m1: 'ourselves', m2: ok } } }, '554 by mx; asked m1'],
  // All three routes: which comes next.
  ['D2 dead: the address', { hosts: all(dead) }, '250 by address; asked m1 a1'],
  [
    'D2 dead twice: the alternate server',
    { hosts: { mx: { m1: dead }, address: { a1: dead }, alternate: { s1: ok } } },
    '250 by alternate; asked m1 a1 s1',
  ],
  [
    'D1 421 at the greeting: no address, and the alternate server not yet',
    { hosts: all('421 greeting') },
    '421 by mx; asked m1',
  ],
  [
    'D1, RO-16 554 at the greeting: no address, but the alternate server',
    { hosts: all('554 greeting') },
    '250 by alternate; asked m1 s1',
  ],
  [
    'D1, D2 no TLS where it must be: no address, but the alternate server',
    { hosts: all('no-tls') },
    '250 by alternate; asked m1 s1',
  ],
  ['D1, RO-16 refused for what we are: the same', { hosts: all('blocked') }, '250 by alternate; asked m1 s1'],
  ['D2, RO-14 450 for the recipient: it stays', { hosts: all('450 rcpt') }, '450 by mx; asked m1'],
  ['D2, RO-14 550 for the recipient: it is over', { hosts: all('550 rcpt') }, '550 by mx; asked m1'],
  ['D2, RO-22 too large: no address, no alternate server', { hosts: all('small') }, '552 by mx; asked m1'],
  ['RO-17 the answer was lost: it stays', { hosts: all('lost') }, '451 by mx uncertain; asked m1'],
  [
    'RO-02, D1 DNS trouble: no address, and the alternate server not yet',
    { hosts: { ...all(ok), mx: 'later' } },
    '451 by mx; asked',
  ],
  [
    'RO-05, DNS-04 null MX: no address, no alternate server',
    { hosts: { ...all(ok), mx: 'never' } },
    '556 by mx; asked',
  ],
  // The alternate server.
  ['RO-26 dead: it waits', { hosts: { alternate: { s1: dead } } }, '451 by alternate; asked s1'],
  ['RO-26 not to be found: it waits', { hosts: { alternate: 'later' } }, '451 by alternate; asked'],
  [
    'RO-27 the account is refused: no other host is tried',
    { hosts: { alternate: { s1: '535 auth', s2: ok } } },
    '535 by alternate; asked s1',
  ],
  [
    'RO-27 454: another host may know better',
    { hosts: { alternate: { s1: '454 auth', s2: ok } } },
    '250 by alternate; asked s1 s2',
  ],
  [
    "RO-26 554 at its greeting is not the mail's fault: it waits",
    { hosts: { alternate: { s1: '554 greeting' } } },
    '450 by alternate; asked s1',
  ],
  [
    'RO-16 refused for what we are, and the alternate server is dead: it waits',
    { hosts: { mx: { m1: 'blocked' }, alternate: { s1: dead } } },
    '450 by mx; asked m1 s1',
  ],
  [
    'RO-16 the same with its 421',
    { hosts: { mx: { m1: 'blocked' }, alternate: { s1: '421 greeting' } } },
    '421 by alternate; asked m1 s1',
  ],
  [
    'RO-31 550 for the recipient is final',
    { hosts: { alternate: { s1: '550 rcpt', s2: ok } } },
    '550 by alternate; asked s1',
  ],
  // Where the mail stands.
  [
    'D2 it begins where it stands',
    { hosts: all(ok), memo: { route: 'alternate:smart' } },
    '250 by alternate; asked s1',
  ],
  [
    'RO-34 where it stood is gone: it begins anew',
    { hosts: { mx: { m1: ok } }, memo: { route: 'alternate:old' } },
    '250 by mx; asked m1',
  ],
  [
    'a route chosen by hand is the only one',
    { hosts: { ...all(ok), alternate: { s1: dead } }, memo: { onceRoute: 'alternate:smart' } },
    '451 by alternate; asked s1',
  ],
  [
    'RO-17 what may have arrived goes to the same host first',
    { hosts: { mx: { m1: ok, m2: ok } }, memo: { uncertain: { route: 'mx', host: 'm2 [m2]:25' } } },
    '250 by mx; asked m2',
  ],
  [
    'RO-17 and nowhere else but its route',
    { hosts: all(dead), memo: { uncertain: { route: 'mx', host: 'm1 [m1]:25' } } },
    '451 by mx; asked m1',
  ],
  // Several recipients.
  [
    'RO-14, OUT-04 three recipients, three fates',
    { hosts: { mx: { m1: '250, 450 rcpt, 550 rcpt' } }, recipients: 3 },
    '250 by mx, 450 by mx, 550 by mx; asked m1',
  ],
  [
    'RO-16 only those who were refused for what we are move on',
    { hosts: { mx: { m1: '250, blocked' }, alternate: { s1: ok } }, recipients: 2 },
    '250 by mx, 250 by alternate; asked m1 s1',
  ],
  [
    'QU-09 one too many goes at once in another transaction',
    { hosts: { mx: { m1: '250, again' } }, recipients: 2 },
    '250 by mx, 250 by mx; asked m1 m1',
  ],
  [
    'QU-09 a host that always finds one too many ends the attempt',
    { hosts: { mx: { m1: 'again' } }, recipients: 2 },
    '451 by mx, 451 by mx; asked m1',
  ],
]
for (const [what, given, expected] of cases) test(what, async () => assert.equal(await story(given), expected))

test('QU-01 what a host took stays taken when our side breaks at the next one', async () => {
  const { walked } = await ran({ hosts: { mx: { m1: '250, blocked' }, alternate: { s1: 'breaks' } }, recipients: 2 })
  const ends = [...walked.outcomes.values()].map(({ reply: { code }, fromRemote }) => [code, fromRemote])
  assert.deepEqual(ends, [
    [250, true],
    [451, false],
  ])
  assert(walked.broke instanceof Error)
})

test('RO-09 an attempt that takes too long ends before the next host', async () => {
  let now = 0
  const slow = { ...clock, now: () => (now += 40_000) }
  const { walked, asked } = await ran({ hosts: { mx: { m1: dead, m2: dead, m3: ok } } }, { clock: slow })
  assert.deepEqual([[...walked.outcomes.values()][0]?.reply.code, asked.includes('m3')], [451, false])
})

test('QU-08 a dead address is not called again by the next mail', async () => {
  const given = { hosts: { mx: { m1: dead, m2: ok } } }
  const { health, asked } = await ran(given)
  assert.deepEqual([asked, (await ran(given, { health })).asked], [['m1', 'm2'], ['m2']])
})

test('OUT-16 a kept connection that turned out closed is no attempt, and not for ever', async () => {
  let opens = 0
  const stale: WalkParts['conversations'] = {
    open() {
      const tries = ++opens
      const deliver: Conversation['deliver'] = () => Promise.resolve({ ...result(['250']), stale: tries < 3 })
      return Promise.resolve({ deliver, release: () => undefined })
    },
  }
  const { walked } = await ran({ hosts: { mx: { m1: ok } } }, { conversations: stale })
  assert.deepEqual([[...walked.outcomes.values()][0]?.reply.code, opens], [250, 3])
})

test('RO-27 a host that refuses the account is no dead host', async () => {
  const { health } = await ran({ hosts: { alternate: { s1: '535 auth' } } })
  assert.equal(health.trouble('s1 25', clock.now()), null)
})

test('RO-27 a sender that the account may not use waits for the operator; at an exchanger it does not', async () => {
  const held = async (given: Given): Promise<boolean> => {
    const { walked } = await ran(given)
    return [...walked.outcomes.values()].every(({ hold }) => hold !== null)
  }
  assert.equal(await held({ hosts: { alternate: { s1: '530 mail' } } }), true)
  assert.equal(await held({ hosts: { mx: { m1: '530 mail' } } }), false)
})

test('RO-16 who was refused for what we are goes round for a while, and what was taken does not', async () => {
  const ladder = { is: 'routes', routes: [mx, byAddress, alternate()], because: 'the default routes' } as const
  const around = async (says: Says): Promise<number> => {
    const { detours } = await ran({ hosts: { mx: { m1: says }, alternate: { s1: ok } } })
    const after = detours.around(ladder, 'far.example', clock.now())
    return after.is === 'routes' ? after.routes.length : 0
  }
  assert.deepEqual([await around('blocked'), await around('554 greeting')], [1, 1])
  assert.deepEqual([await around(ok), await around(dead), await around('550 rcpt')], [3, 3, 3])
})
