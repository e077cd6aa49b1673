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
    what: 'QU-06: a clock set forward is enough to give up',
    file: 'retry.ts',
    from: ' && row.attempts >= Math.min(attemptsSure, attemptsPlanned(row, patience))',
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
    what: 'CLK-06: a new start keeps to the plans of a wrong clock',
    file: 'engine.ts',
    from: '#lastNow: Instant = Number.POSITIVE_INFINITY',
    to: '#lastNow: Instant = 0',
  },
]

testMutants('src/mail-relay', mutants)
