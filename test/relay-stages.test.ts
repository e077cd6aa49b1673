// OUT-04: every stage of the outgoing conversation against every way to fail, in lock-step and pipelined.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Receiver, type At, type Move, type Script } from './receiver.ts'
import { dial, fates, mailTo, quickTimes, type Plan } from './relay-rig.ts'

const shortMs = 400
const times = { ...quickTimes, greetingMs: shortMs, commandMs: shortMs, dataInitMs: shortMs, dataEndMs: shortMs }
const failures: Readonly<Record<string, Move>> = {
  '4xx': { say: '450 4.2.0 later' },
  '421': { say: '421 4.3.2 closing', end: 'close' },
  '5xx': { say: '550 5.7.1 no' },
  'a close': { end: 'close' },
  'a reset': { delayMs: 50, end: 'reset' },
  silence: { end: 'silence' },
  garbage: { octets: 'garbage\r\n' },
}

/** What became of ann's mail to bob and cyd: the stage at which the session failed, or the two fates. */
async function attempt(script: Script, plan: Partial<Plan>): Promise<string> {
  await using far = await Receiver.open({ script, extensions: ['PIPELINING', 'AUTH PLAIN'] })
  const dialled = await dial(far.port, { plan: { times, ...plan } })
  if (!dialled.ok) {
    const { stage, reply, fromRemote, authRefused } = dialled.failure
    return [reply.code, stage, !fromRemote && 'ours', authRefused && 'refused'].filter(Boolean).join(' ')
  }
  const result = await dialled.live.deliver(mailTo(['bob@far.example', 'cyd@far.example']))
  await dialled.live.close()
  const taken = far.ledger.length
  const delivered = result.outcomes.filter(({ reply }) => reply.code < 300).length
  assert.equal(delivered > 0, taken > 0 && !result.outcomes.some((outcome) => outcome.uncertain))
  return fates(result).join(', ')
}

const same = (fate: string): string => `${fate}, ${fate}`
/** For 4xx, 421, 5xx, and for what is no reply at all. */
type Row = readonly [at: At, later: string, goodbye: string, refused: string, broken: string]
const rows: readonly Row[] = [
  ['greeting', '450 greeting', '421 greeting', '550 greeting', '451 greeting ours'],
  ['ehlo', '450 ehlo', '421 ehlo', same('250 dot'), '451 ehlo ours'], // 5xx: HELO
  ['auth', '450 auth', '421 auth', '550 auth refused', '451 auth ours'],
  ['mail', same('450 mail'), same('421 mail'), same('550 mail'), same('451 mail ours')],
  ['rcpt', '250 dot, 450 rcpt', '421 rcpt, 421 rcpt', '250 dot, 550 rcpt', same('451 rcpt ours')],
  ['data', same('450 data'), same('421 data'), same('550 data'), same('451 data ours')],
  ['dot', same('450 dot'), same('421 dot'), same('550 dot'), same('451 dot uncertain ours')],
  ['quit', same('250 dot'), same('250 dot'), same('250 dot'), same('250 dot')],
]

function scriptFor(at: At, move: Move): Script {
  return { [at]: at === 'rcpt' ? (line: string) => (line.includes('cyd') ? move : undefined) : move }
}

for (const usePipelining of [true, false])
  test(`OUT-04, OUT-05, OUT-06, RO-14, RO-15, RO-17, RO-18: stages, ${usePipelining ? 'pipelined' : 'in lock-step'}`, async (t) => {
    const cases = rows.flatMap(([at, later, goodbye, refused, broken]) =>
      Object.entries(failures).map(([name, move]) => {
        const wanted = { '4xx': later, '421': goodbye, '5xx': refused }[name] ?? broken
        const credentials = at === 'auth' ? { user: 'ann', password: 'x' } : null
        const run = attempt(scriptFor(at, move), { usePipelining, credentials, plainAuthAllowed: true })
        return { title: `${name} at ${at}: ${wanted}`, wanted, run }
      }),
    )
    await Promise.allSettled(cases.map(({ run }) => run)) // side by side, because silence takes its time
    for (const { title, wanted, run } of cases) await t.test(title, async () => assert.equal(await run, wanted))
  })

test('OUT-04: nobody listens, and nobody answers the call', async () => {
  const free = await Receiver.open()
  const { port } = free
  await free[Symbol.asyncDispose]()
  const refused = await dial(port)
  assert.ok(!refused.ok)
  assert.equal(refused.failure.stage, 'connect')
  assert.match(refused.failure.reply.lines.join(), /^far\.example: 127\.0\.0\.1 port \d+ refuses connections$/)
})
