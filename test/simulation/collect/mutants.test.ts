// Negative controls of the collector's simulation: the collector is broken on purpose in a copy of the sources, and some seed
// must see it. Several of these were true once: seeds.txt.
import { testMutants, type Mutant } from '../mutants.ts'

const mutants: readonly Mutant[] = [
  {
    what: 'PC-13: a message is removed there though it could not be kept here',
    file: 'fetching.ts',
    from: "if (kept.is !== 'kept') return this.#notKept(one, kept)",
    to: "if (kept.is !== 'kept') return this.#remove(listed.number, rowFor(one, this.#parts.world.clock.now()))",
  },
  {
    what: 'PC-06: a message whose retrieval broke off counts as whole',
    file: 'fetching.ts',
    from: "if (answer.is === 'whole') return",
    to: "if (answer.is === 'whole' || answer.is === 'broken') return",
  },
  {
    what: 'PC-12: what a flapping listing leaves out is forgotten',
    file: 'plan.ts',
    from: 'else if (now - row.goneAt >= keepGoneDays * dayMs) forget',
    to: 'else if (now - row.goneAt >= keepGoneDays) forget',
  },
  {
    what: 'PC-15: what the server did not confirm counts as removed, and is never said again',
    file: 'plan.ts',
    from: 'all.filter(({ row }) => isHere(row)) // what',
    to: "all.filter(({ row }) => isHere(row) && row?.state === 'removed') // what",
  },
  {
    what: 'PC-05: two accounts of one mailbox are there at once',
    file: 'exclusive.ts',
    from: '`${host.toLowerCase()} ${port} ${auth.user}`',
    to: '`${host.toLowerCase()} ${port} ${auth.user} ${Math.random()}`',
  },
  {
    what: 'PC-05: runs by hand go beyond the places that there are',
    file: 'collector.ts',
    from: '() => this.#places.use(work))',
    to: '() => work())',
  },
  {
    what: 'P3C-01: slow accounts take all places',
    file: 'schedule.ts',
    from: 'Math.max(1, Math.floor(connectionsMax * slowShare))',
    to: 'connectionsMax',
  },
  {
    what: 'P3C-14: a clock set back keeps accounts waiting',
    file: 'schedule.ts',
    from: ' || (lastRunAt ?? 0) > now',
    to: '',
  },
  {
    what: 'P3C-01: who is awaited and slow takes the last place from all others',
    file: 'schedule.ts',
    from: '.slice(0, Math.max(0, tooMany))) end(id)',
    to: '.slice(0, 0)) end(id)',
  },
  {
    what: 'P3C-01: beside visits by hand slow accounts take the last place',
    file: 'schedule.ts',
    from: '...this.#parts.going.values(), ...this.#parts.visits()]',
    to: '...this.#parts.going.values()]',
  },
  {
    what: 'P3C-14: a clock set back keeps slow runs in their places',
    file: 'schedule.ts',
    from: 'run.since = Math.min(run.since, now)',
    to: '',
  },
  {
    what: 'P3C-14: a run during which the clock was set back is one of a time to come',
    file: 'status.ts',
    from: 'Math.min(report.at, now)',
    to: 'report.at',
  },
  {
    what: 'PC-05: a failing account is tried as often as others',
    file: 'status.ts',
    from: 'after(Math.min(doubled, longest))',
    to: 'after(intervalMs)',
  },
  {
    what: 'PC-05: a failing account is never tried again',
    file: 'status.ts',
    from: 'after(Math.min(doubled, longest))',
    to: 'after(doubled * 100)',
  },
  {
    what: 'PC-05: the server says how often one may log in, and nobody listens',
    file: 'status.ts',
    from: 'Math.max(jittered, loginDelaySeconds * 1000)',
    to: 'jittered',
  },
  {
    what: 'PC-04: wrong credentials are tried again and again',
    file: 'status.ts',
    from: "auth: 'act'",
    to: "auth: 'again'",
  },
  {
    what: 'PC-04: a login refused without a reason is tried until the account is locked',
    file: 'status.ts',
    from: "meaning === 'login' && loginFailures >= loginTriesMax",
    to: "meaning === 'login' && loginFailures >= 99",
  },
  {
    what: 'PC-39: the owner is told again and again',
    file: 'alerts.ts',
    from: ' || alertedAt !== null) return false',
    to: ') return false',
  },
  {
    what: 'PC-39: who was told that an account fails is not told that it is stopped',
    file: 'status.ts',
    from: '...(isNews && { alertedAt: null })',
    to: '',
  },
  {
    what: 'PC-39: nobody is told where nothing ever came',
    file: 'alerts.ts',
    from: 'lastGoodAt ?? troubledAt ?? now',
    to: 'lastGoodAt ?? now',
  },
  {
    what: 'PC-22: a run that connects does not end when it is told to',
    file: 'run.ts',
    from: '    this.#opening.abort()\n',
    to: '',
  },
  {
    what: 'PC-22: a run that waits for an answer does not end when it is told to',
    file: 'run.ts',
    from: 'this.#box?.destroy(wasEnded))',
    to: 'undefined)',
  },
  {
    what: 'PC-22: a run that waits for the lock of its own last session does not end when it is told to',
    file: 'run.ts',
    from: '      if (this.#state.cancelled) return null',
    to: '      // ',
  },
  {
    what: 'PC-16: the lock of our own last session ends a run, again and again',
    file: 'run.ts',
    from: 'const locked = again &&',
    to: 'const locked = false &&',
  },
]

testMutants('src/pop3-client', mutants, ['--collect'])
