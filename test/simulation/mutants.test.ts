// Negative controls of the simulation: the relay is broken on purpose in a copy of the sources, and some seed must see it.
// Several of these were true once: seeds.txt.
import { testMutants, type Mutant } from './mutants.ts'

const mutants: readonly Mutant[] = [
  {
    what: 'RO-14: "later" counts as delivered',
    file: 'settle.ts',
    from: 'if (outcome.reply.code < 400)',
    to: 'if (outcome.reply.code < 500)',
  },
  {
    what: 'DS-12: a notice is committed behind the failure that it tells of',
    file: 'keeping.ts',
    from: 'const made = await parts.queue.move({ ...unit, events, ',
    to: 'await parts.queue.move({ ...unit, events })\n      const made = await parts.queue.move({ at: unit.at, moves: [], ',
  },
  {
    what: 'RO-17: what may have arrived goes to the next host',
    file: 'walk.ts',
    from: 'if (said.reply.code >= 500 && said.kind',
    to: "if (said.uncertain) this.#leave([row], outcome, 'unreached')\n      else if (said.reply.code >= 500 && said.kind",
  },
  {
    what: 'QU-03: what a crash interrupted counts as delivered',
    file: 'recover.ts',
    from: "return { ...kept, state: 'waiting', memo }",
    to: "return { ...kept, state: 'delivered', memo }",
  },
  {
    what: 'QU-05: no next attempt is planned',
    file: 'settle.ts',
    from: 'const again = againAt(later, outcome, asked)',
    to: 'const again = againAt(later, outcome, asked) + 1e13',
  },
  {
    what: 'DS-11: a sender is told twice',
    file: 'notices.ts',
    from: 'for (const group of grouped.values()) {',
    to: 'for (const group of [...grouped.values(), ...grouped.values()]) {',
  },
  {
    what: 'DL-01: a sender is told too early that mail waits',
    file: 'delays.ts',
    from: 'row.acceptedAt + (row.memo.heldMs ?? 0) + delayNoticeMs',
    to: 'row.acceptedAt + (row.memo.heldMs ?? 0) + delayNoticeMs / 2',
  },
  {
    what: 'DL-01: a sender is told again and again that mail waits',
    file: 'delays.ts',
    from: 'return delayRepeatMs === 0 ? null : told + delayRepeatMs',
    to: 'return told + 1_800_000 + delayRepeatMs',
  },
  {
    what: 'DL-01: who waits for a turn behind others is told of nothing',
    file: 'engine.ts',
    from: 'if (late.length === 0) return',
    to: 'if (late.length < 1e6) return',
  },
  {
    what: 'DL-01: a sender is told when the next attempt is due, however late',
    file: 'settle.ts',
    from: 'const dueAt = told === null ? again',
    to: 'const dueAt = told !== undefined ? again',
  },
  {
    what: 'QU-01: the trace says nothing of a failure',
    file: 'attempt.ts',
    from: 'const unit = { moves, events, at: now',
    to: "const unit = { moves, events: events.filter(({ step }) => step !== 'failed'), at: now",
  },
  {
    what: 'AD-14: the stranger who wrote hears of a forward that failed, not its owner',
    file: 'notices.ts',
    from: 'if (owner === undefined && row.from !== null)',
    to: 'if (row.from !== null)',
  },
  {
    what: 'DS-02: a notice is told of as mail of anybody is',
    file: 'notices.ts',
    from: 'if (isForPostmaster(row)) return',
    to: "if (isForPostmaster(row)) return settled.is === 'failed' ? ['failed'] : []\n  if (row.memo.notice) return",
  },
  {
    what: 'DS-05: who got the message is named among those who did not',
    file: 'notices.ts',
    from: 'const abouts = group.map(({ kind, one })',
    to: 'const { kind } = group[0]!\n        const abouts = told.map((one) => ({ kind, one })).map(({ kind, one })',
  },
  {
    what: 'QU-02: what made the program end three times is tried again by itself',
    file: 'recover.ts',
    from: "return { ...kept, state: 'held', memo: ",
    to: "return { ...kept, state: 'waiting', memo: ",
  },
  {
    what: 'RO-23: 8 bits go to a host that takes 7',
    file: 'sendable.ts',
    from: 'if (!mail.needs.eightBit) return mail',
    to: 'if (mail.needs) return { ...mail, needs: sevenBits }',
  },
  {
    what: 'CLK-01: what a clock that was ahead accepted is tried for as many years',
    file: 'retry.ts',
    from: 'if (row.acceptedAt > now) return row.attempts >= planned',
    to: '',
  },
  {
    what: 'QU-06: a clock set forward is enough to give up',
    file: 'retry.ts',
    from: ' && row.attempts >= Math.min(attemptsSure, planned)',
    to: '',
  },
  {
    what: 'QU-08: all destinations share the connections of one',
    file: 'engine.ts',
    from: 'this.#lanes.add(group, { lane: group.lane,',
    to: "this.#lanes.add(group, { lane: 'one for all',",
  },
  {
    what: 'QU-08: nobody goes on when a connection is free',
    file: 'lanes.ts',
    from: '    this.#onRoom()\n',
    to: '',
  },
  {
    what: 'QU-09: the first host is remembered, not the one that took the mail',
    file: 'walk.ts',
    from: 'if (!this.outcomes.has(id)) this.outcomes.set(id, outcome)',
    to: 'this.outcomes.set(id, outcome)',
  },
  {
    what: 'RO-17: the trace does not tell who may have got it twice',
    file: 'events.ts',
    from: 'host, route, uncertain, hold])',
    to: 'host, route, hold])',
  },
  {
    what: 'QUE-06: a full disk makes the relay forget what hosts have taken',
    file: 'attempt.ts',
    from: "if (!(error instanceof StoreError) || error.kind !== 'full') throw error\n      log",
    to: 'if (error instanceof StoreError) throw error\n      log',
  },
  {
    what: "QU-14: what another worker leased and left is nobody's",
    file: 'engine.ts',
    from: 'if (lapsed.length > 0)',
    to: 'if (lapsed.length > 1e6)',
  },
  {
    what: 'CLK-02: what was planned by a wrong clock waits for it',
    file: 'engine.ts',
    from: 'if (now < this.#lastNow - clockBackMs) await queue.replan(now, now + longestWait(settingsNow()))',
    to: '',
  },
  {
    what: 'CLK-02: what was planned by a wrong clock while the loop slept waits for it',
    file: 'engine.ts',
    from: 'this.#lastNow = Math.max(this.#lastNow, this.#p.world.clock.now())',
    to: '',
  },
  {
    what: 'CLK-06: a new start keeps to the plans of a wrong clock',
    file: 'engine.ts',
    from: '#lastNow: Instant = Number.POSITIVE_INFINITY',
    to: '#lastNow: Instant = 0',
  },
]

testMutants('src/mail-relay', mutants)
