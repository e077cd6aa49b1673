// Negative controls: a rule is broken on purpose in a copy of the sources, and the test that guards it must fail there.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'

type Mutant = {
  readonly what: string
  readonly file: string
  readonly from: string
  readonly to: string
  readonly guard: string
  readonly only?: string // pattern of test names
}
const mutants: readonly Mutant[] = [
  {
    what: 'IN-01: a message is acknowledged before its commit',
    file: 'src/intake/receiving.ts',
    from: 'const queued = await this.#accept(acceptance)',
    to: 'const queued = []\n      void this.#accept(acceptance).catch(() => undefined)',
    guard: 'src/intake/receiving.test.ts',
  },
  {
    what: 'the row of a message is written with a journal of its own',
    file: 'src/storage/sql/writes.ts',
    from: 'VALUES (?1,\n    (SELECT uid_next - 1 FROM mailbox WHERE id = ?1), ?2, ?3, ?4, ?5, ?7, ?6, (SELECT change FROM mailbox WHERE id = ?1), ?8)`',
    to: '\n SELECT id, uid_next - 1, ?2, ?3, ?4, ?5, ?7, ?6, change, ?8 FROM mailbox WHERE id = ?1`',
    guard: 'src/storage/sqlite/undo.test.ts',
  },
  {
    what: 'a message that waits for the disk holds all that came with it',
    file: 'src/storage/content.ts',
    from: 'this.#chunks = [] // each may be a small part',
    to: '// each may be a small part',
    guard: 'src/intake/collecting.test.ts',
  },
  {
    what: 'a heap that is asked to be small is small after it has grown once more',
    file: 'src/world/node/heap.ts',
    from: 'if (now < before) setImmediate(collectNow)',
    to: '',
    guard: 'src/world/node/heap.test.ts',
  },
  {
    what: 'EOD-02: a bare LF begins a line',
    file: 'src/wire/dots.ts',
    from: 'if (c === LF) this.facts.strayLineEnds = true\n',
    to: 'if (c === LF) {\n this.facts.strayLineEnds = true\n this.#state = LINE_START\n return i + 1\n }\n',
    guard: 'src/wire/dots.test.ts',
    only: 'EOD-0[12]',
  },
  {
    what: 'RLY-01: forwarding is on by default',
    file: 'src/config/settings.ts',
    from: 'forwarding: yes(false',
    to: 'forwarding: yes(true',
    guard: 'test/relay.test.ts',
    only: 'RLY-19',
  },
  {
    what: 'PS-05: deletions are made without QUIT',
    file: 'src/pop3-server/session.ts',
    from: "if (line.is === 'closed' || ",
    to: "if (line.is === 'closed' && state.phase === 'transaction') yield { do: 'commit' }\n    if (line.is === 'closed' || ",
    guard: 'test/fuzz.test.ts',
    only: 'pop3',
  },
  {
    what: 'CMD-04: a message leaves its recipients to the next',
    file: 'src/mail-server/data.ts',
    from: 'reset(state) // whatever',
    to: '// whatever',
    guard: 'src/mail-server/session.test.ts',
  },
  {
    what: 'RO-14: a temporary refusal counts as delivered',
    file: 'src/mail-relay/settle.ts',
    from: 'if (outcome.reply.code < 400)',
    to: 'if (outcome.reply.code < 500)',
    guard: 'src/mail-relay/settle.test.ts',
  },
  {
    what: 'DS-13: whoever is not denied is mailed a notice',
    file: 'src/mail-relay/sender-proof.ts',
    from: "if (answer.is === 'pass')",
    to: "if (answer.is !== 'fail')",
    guard: 'test/backscatter.test.ts',
    only: 'SPF none',
  },
  {
    what: 'D1: temporary refusals lead to the address',
    file: 'src/mail-relay/settle.ts',
    from: "i > at && route !== 'address'",
    to: 'i > at',
    guard: 'src/mail-relay/settle.test.ts',
  },
  {
    what: 'RO-10: silence of the first host is written over what the second took',
    file: 'src/mail-relay/walk.ts',
    from: 'if (!this.outcomes.has(id)) this.outcomes.set',
    to: 'this.outcomes.set',
    guard: 'src/mail-relay/walk.test.ts',
  },
  {
    what: 'RO-17: what may have arrived goes another way',
    file: 'src/mail-relay/rungs.ts',
    from: '[at(memo.onceRoute), at(memo.uncertain?.route)]',
    to: '[at(memo.onceRoute)]',
    guard: 'src/mail-relay/walk.test.ts',
  },
  {
    what: 'OUT-17: the lower host is believed at once',
    file: 'src/mail-relay/walk.ts',
    from: 'return this.#betterIsDown && reply',
    to: 'return false && reply',
    guard: 'src/mail-relay/walk.test.ts',
  },
  {
    what: 'RO-34: mail of two domains goes to the host of one',
    file: 'src/mail-relay/batches.ts',
    from: "if (rungs.some(({ is }) => is === 'address')) return destination",
    to: '',
    guard: 'src/mail-relay/batches.test.ts',
  },
  {
    what: 'QU-06: a week switched off sends mail back',
    file: 'src/mail-relay/retry.ts',
    from: ' && row.attempts >= Math.min(attemptsSure, planned)',
    to: '',
    guard: 'src/mail-relay/retry.test.ts',
  },
  {
    what: 'DL-02: bulk mail hears of delays',
    file: 'src/mail-relay/delays.ts',
    from: 'return priority === 0',
    to: 'return priority >= 0',
    guard: 'src/mail-relay/delays.test.ts',
  },
  {
    what: 'DL-01: who waits in the store behind others is not told',
    file: 'src/mail-relay/engine.ts',
    from: 'this.#leftUnread = true',
    to: '',
    guard: 'test/relay-notice-unread.test.ts',
  },
  {
    what: 'DS-05: each transaction of a round has a notice of its own',
    file: 'src/mail-relay/engine.ts',
    from: 'if (groups.length > 1) this.#bind(groups)',
    to: '',
    guard: 'test/relay-notice-together.test.ts',
    only: 'in one round',
  },
  {
    what: 'QUE-20: a message that ends the program is tried for ever',
    file: 'src/mail-relay/recover.ts',
    from: 'if (crashes < crashesMax)',
    to: 'if (crashes > 0)',
    guard: 'src/mail-relay/recover.test.ts',
  },
  {
    what: 'QU-08: a dead host is called by each mail',
    file: 'src/mail-relay/health.ts',
    from: 'down.until = now + probeTermMs',
    to: '',
    guard: 'src/mail-relay/health.test.ts',
  },
  {
    what: 'QU-08: lanes that came first take each connection',
    file: 'src/mail-relay/lanes.ts',
    from: 'this.#lanes.delete(lane.name)\n        this.#lanes.set(lane.name, lane)',
    to: '',
    guard: 'src/mail-relay/lanes.test.ts',
  },
  {
    what: 'QU-18: what is noted while the store is read is lost',
    file: 'src/mail-relay/sites.ts',
    from: 'this.note(destination, dueAt)\n    }',
    to: 'void dueAt\n    }',
    guard: 'src/mail-relay/sites.test.ts',
  },
  {
    what: 'RO-35: one answer does not prove that port 25 is open',
    file: 'src/mail-relay/detours.ts',
    from: 'this.#unreached.clear()\n    this.#workedAt = now',
    to: '',
    guard: 'src/mail-relay/detours.test.ts',
  },
  {
    what: 'QU-12: a pause counts against the lifetime',
    file: 'src/mail-relay/gate.ts',
    from: 'await this.#p.queue.excuse(since, now)',
    to: 'void since',
    guard: 'src/mail-relay/gate.test.ts',
  },
  {
    what: 'QU-11: a change by hand is overwritten by an attempt that read the row before',
    file: 'src/storage/sql/writes.ts',
    from: 'AND memo = ?15 AND priority = ?16',
    to: 'AND ?15 IS NOT NULL AND ?16 IS NOT NULL',
    guard: 'src/storage/storage.test.ts',
    only: 'QU-11',
  },
  {
    what: 'SE-08: a pickup file is sent again after a crash',
    file: 'src/operations/pickup.ts',
    from: '(await isSent(context, name)) ? null :',
    to: '',
    guard: 'test/pickup.test.ts',
    only: 'ended between',
  },
  {
    what: 'PC-13: what is collected is removed there before it is durable here',
    file: 'src/pop3-client/fetching.ts',
    from: 'const kept = await keeping\n',
    to: "void keeping\n    const kept = { is: 'kept', message: null, mailboxes: [1] } as never\n",
    guard: 'test/kill-collect.test.ts',
    only: 'P3C-05',
  },
  {
    what: 'PC-13: what is collected is marked in a transaction of its own',
    file: 'src/intake/collecting.ts',
    from: 'await this.#parts.store.accept({ ...acceptance, collected })',
    to: "await this.#parts.store.accept(acceptance)\n      const own = { state: 'stored', at: this.#at, goneAt: null, tries: 0, message: this.#key, mailbox: 1, localUid: null } as const\n      await this.#parts.store.collected.mark(account.id, [{ ...collected, ...own }])",
    guard: 'test/kill-collect.test.ts',
    only: 'DELE comes',
  },
  {
    what: 'PC-15: QUIT -ERR counts as committed',
    file: 'src/pop3-client/pop-box.ts',
    from: "return answer.is === 'done' ? 'committed' : 'doubtful'",
    to: "return 'committed'",
    guard: 'test/collect-lines.test.ts',
    only: 'PC-15 a deletion that was not confirmed',
  },
  {
    what: 'PC-07: the number is the identity',
    file: 'src/pop3-client/identify.ts',
    from: 'listed.uid ?? (hashOf',
    to: 'String(listed.number) ?? (hashOf',
    guard: 'test/collect-hand.test.ts',
    only: 'PC-33 numbers that shift',
  },
  {
    what: 'PC-08: one of two messages of a UID is deleted early',
    file: 'src/pop3-client/fetching.ts',
    from: 'if (!sharesUid) return this.#removeSoon(listed.number, row)',
    to: 'return this.#removeSoon(listed.number, row)',
    guard: 'test/collect-identity.test.ts',
    only: 'a server that deletes all messages of a UID',
  },
  {
    what: 'PC-12: what is missing is forgotten at once',
    file: 'src/pop3-client/plan.ts',
    from: 'now - row.goneAt >= keepGoneDays * dayMs',
    to: 'now >= row.goneAt',
    guard: 'test/collect-identity.test.ts',
    only: 'PC-12 a message that is missing',
  },
  {
    what: 'P3C-03: a UID and a size are proof enough for a deletion',
    file: 'src/pop3-client/fetching.ts',
    from: "isHidden || (hash !== '' && !hasHeader(one.key, hash))",
    to: 'isHidden',
    guard: 'test/collect-identity.test.ts',
    only: 'UIDs are its numbers',
  },
  {
    what: 'P3C-16: a reply too many is taken for the next',
    file: 'src/pop3-client/orders.ts',
    from: 'if (flying.length === 0 && (yield',
    to: 'if (flying.length < 0 && (yield',
    guard: 'test/collect-octets.test.ts',
    only: 'P3C-07 what stands behind',
  },
  {
    what: 'P3C-16: one message for all numbers is believed',
    file: 'src/pop3-client/fetching.ts',
    from: 'this.inDoubt = true',
    to: '',
    guard: 'test/collect-octets.test.ts',
    only: 'P3C-16 a server that gives one message',
  },
  {
    what: 'PC-29: what was fetched before goes too',
    file: 'src/pop3-client/plan.ts',
    from: 'row.at < account.deletesFrom',
    to: 'row.at < 0',
    guard: 'test/collect-leaving.test.ts',
    only: 'PC-29',
  },
  {
    what: 'LP-06: what was collected before is collected again',
    file: 'src/intake/collecting.ts',
    from: "return mark !== '' && marks",
    to: "return mark === '' && marks",
    guard: 'test/collect-world.test.ts',
    only: 'LP-06 two mailboxes',
  },
  {
    what: 'LP-05: a sender is answered again within the week',
    file: 'src/storage/sql/away.ts',
    from: 'ON CONFLICT (mailbox, sender) DO NOTHING',
    to: 'ON CONFLICT (mailbox, sender) DO UPDATE SET at = excluded.at',
    guard: 'src/storage/storage.test.ts',
    only: 'LP-05: an answer is kept',
  },
  {
    what: 'LOOP-04: an automatic message is answered',
    file: 'src/intake/away-rules.ts',
    from: "=== 'no' ? null : 'automatic'",
    to: "=== 'no' ? null : null",
    guard: 'src/intake/away-rules.test.ts',
  },
  {
    what: 'LP-05, DS-13: whoever a stranger names is mailed',
    file: 'src/intake/away.ts',
    from: "memo: { notice: true, ...(stranger && { stranger: { ...stranger, kind: 'away' } }) }",
    to: 'memo: { notice: true }',
    guard: 'test/away.test.ts',
    only: 'nobody is mailed: no record',
  },
]

const tree = mkdtempSync(join(tmpdir(), 'netcruiser-mutants-'))
const copied = ['src', 'test', 'bin', 'netcruiser', 'package.json', 'tsconfig.json']
for (const name of copied) cpSync(name, join(tree, name), { recursive: true })
symlinkSync(resolve('node_modules'), join(tree, 'node_modules'))
after(() => rmSync(tree, { recursive: true }))

async function statusOf({ guard, only }: Mutant): Promise<number | null> {
  const args = ['--test', '--test-timeout=60000', ...(only === undefined ? [] : [`--test-name-pattern=${only}`]), guard]
  const { NODE_TEST_CONTEXT: _inside, ...env } = process.env // a run of its own, not a part of this one
  const child = spawn(process.execPath, args, { cwd: tree, env, stdio: 'ignore' })
  const [status] = (await once(child, 'exit')) as [number | null]
  return status
}

for (const mutant of mutants) {
  test(`when it comes to this, a test fails: ${mutant.what}`, { timeout: 150_000 }, async () => {
    const file = join(tree, mutant.file)
    const right = readFileSync(file, 'utf8')
    assert.equal(right.split(mutant.from).length, 2, 'the line to break is there once')
    assert.equal(await statusOf(mutant), 0, 'the guard passes on the right sources')
    writeFileSync(
      file,
      right.replace(mutant.from, () => mutant.to),
    )
    try {
      assert.equal(await statusOf(mutant), 1, `${mutant.guard} does not see it`)
    } finally {
      writeFileSync(file, right)
    }
  })
}
