// The collector in a world that is nothing but a number: virtual time, remote mailboxes with moods, a store that outlives
// crashes. The same seed tells the same story. Called by collect.test.ts and main.ts. PC-05, P3C-14
import { accountStatusSchema } from '#/config/remote-accounts.ts'
import type { RunReport } from '#/pop3-client/types.ts'
import type { AccountId } from '#/storage/collected.ts'
import { StoreError } from '#/storage/store.ts'
import type { World } from '#/world/world.ts'
import { Dice } from '../dice.ts'
import { Disk } from '../disk.ts'
import { epochMs, Life, type Wall } from '../life.ts'
import { memoryStore, type Door } from '../memory-store.ts'
import { simulatedNet } from '../net.ts'
import { Time } from '../time.ts'
import { farBoxes } from './box.ts'
import { Far } from './far.ts'
import { handWork, type HandParts } from './hand.ts'
import { Judge } from './judge.ts'
import { startProgram, type Program } from './program.ts'
import { drawScenario, type Happening, type Scenario } from './scenario.ts'

export type Figures = Readonly<Record<keyof Judge['counts'] | 'lives', number>>
export type Told = { readonly verdict: readonly string[]; readonly lines: readonly string[]; readonly figures: Figures }

const againMs = 30_000
const drainMs = 10_000
const happenedMax = 3_000_000

type Deadly = { nth: number; readonly at: 'write' | 'step'; readonly when: 'before' | 'after'; readonly restMs: number }

export class Simulation {
  readonly scenario: Scenario
  readonly #time = new Time()
  readonly #wall: Wall = { aheadMs: 0 }
  readonly #disk = new Disk()
  readonly #dice: Dice
  readonly #judge: Judge
  readonly #fars = new Map<string, Far>()
  readonly #ids = new Map<string, AccountId>()
  readonly #lines: string[] = []
  readonly #note: (line: () => string) => void
  #life: Life
  #lives = 0
  #program: Program | null = null
  #deadly: Deadly | null = null
  #fullUntil = 0

  constructor({ seed, verbose = false }: { readonly seed: number; readonly verbose?: boolean }) {
    this.#dice = new Dice(seed)
    this.scenario = drawScenario(seed, this.#dice.fork())
    this.#judge = new Judge({ disk: this.#disk, time: this.#time, scenario: this.scenario })
    this.#note = (line) => void (verbose && this.#lines.push(`${stamp(this.#time.now)} ${line()}`))
    this.#life = new Life(0, this.#time, this.#wall)
    this.#disk.onCommit = (work) => {
      for (const { event } of work.acceptances ?? [])
        this.#note(() => `${event.step} ${event.to[0]} ${event.messageId}`)
      this.#judge.committed(work)
    }
    this.#disk.remote.onRun = (id, { report }) => {
      this.#note(() => `run of account ${id}: ${report}`)
      this.#judge.ran(id, JSON.parse(report) as RunReport) // the collector has written it
    }
  }

  async run(): Promise<Told> {
    const { fars, happenings, calmAt, endAt } = this.scenario
    for (const options of fars) {
      const far = new Far(options, { time: this.#time, dice: this.#dice.fork() })
      this.#fars.set(options.host, far)
      for (const at of options.arrivals) this.#time.after(at, () => void far.receive())
    }
    await this.#settle()
    this.#start()
    for (const happening of happenings) this.#time.after(happening.at, () => this.#happen(happening))
    this.#time.after(calmAt, () => this.#revive())
    const isJudged = (): boolean => {
      if (this.#time.happened > happenedMax) this.#judge.blame('it does not come to rest')
      return this.#judge.verdict.length > 0
    }
    await this.#time.run(endAt, isJudged)
    if (!isJudged()) this.#judge.over(this.#fars)
    if (!isJudged()) await this.#end()
    this.#life.kill()
    const { counts, verdict } = this.#judge
    return { verdict, lines: this.#lines, figures: { ...counts, lives: this.#lives } }
  }

  /** Each account collects into a mailbox of its own, of the same name. */
  async #settle(): Promise<void> {
    const store = memoryStore(this.#disk)
    for (const settings of this.scenario.accounts) {
      const { id: mailbox } = await store.addMailbox(settings.name, epochMs)
      const status = JSON.stringify(accountStatusSchema.parse({}))
      const id = await store.collected.addAccount(JSON.stringify({ ...settings, mailbox }), status)
      this.#ids.set(settings.name, id)
      this.#judge.knows(id, settings)
    }
  }

  #start(): void {
    const life = new Life(++this.#lives, this.#time, this.#wall)
    this.#life = life
    this.#program = null
    this.#judge.disturbed()
    this.#note(() => `the program starts, for the ${this.#lives}. time`)
    const [time, random] = [this.#time, this.#dice.fork()]
    const net = simulatedNet({ time, life, dice: this.#dice.fork(), hostAt: () => undefined })
    const world: World = { clock: life.clock, random, net, log: this.#log(life) }
    const store = memoryStore(this.#disk, this.#doorOf(life))
    const farAt = (host: string): Far => this.#fars.get(host)!
    const openBox = farBoxes({ time, life, farAt, events: this.#events() })
    void startProgram({ store, world, settings: this.scenario.settings, time, life, openBox }).then(
      (program) => {
        if (this.#life === life) this.#program = program
      },
      (error: unknown) => {
        this.#note(() => `it does not start: ${String(error)}`)
        if (this.#life === life) this.#kill(againMs)
      },
    )
  }

  #events(): Parameters<typeof farBoxes>[0]['events'] {
    const judge = this.#judge
    return {
      opening: (box) => judge.opening(box),
      ended: (box) => judge.ended(box),
      refused: (box, why) => judge.refused(box, why),
      removed: (box, messages) => judge.removed(box, messages),
      step: (when) => this.#isDeadly('step', when),
      note: this.#note,
    }
  }

  #kill(restMs: number): void {
    if (this.#life.is === 'dead') return
    this.#note(() => 'the program dies')
    this.#life.kill()
    this.#program = null
    this.#deadly = null
    this.#judge.inHand.clear()
    this.#time.after(restMs, () => this.#start())
  }

  /** Whether this moment is the one at which the program dies. */
  #isDeadly(at: Deadly['at'], when: Deadly['when']): boolean {
    const deadly = this.#deadly
    if (deadly?.at !== at || deadly.when !== when || --deadly.nth > 0) return false
    this.#kill(deadly.restMs)
    return true
  }

  #doorOf(life: Life): Door {
    const dice = this.#dice.fork()
    const change = <T>(work: () => T): T => {
      if (this.#isDeadly('write', 'before')) return undefined as T // nobody hears of it any more
      if (this.#time.now < this.#fullUntil) throw new StoreError('full', 'The disk is full')
      const result = work()
      this.#isDeadly('write', 'after')
      return result
    }
    return {
      read: (work) => (dice.chance(0.2) ? life.wait(dice.whole(0, 4), work) : now(work)),
      write: (work) => life.wait(dice.whole(1, 9), () => change(work)),
    }
  }

  #happen(happening: Happening): void {
    switch (happening.do) {
      case 'kill':
        return this.#kill(happening.restMs)
      case 'kill-at':
        return void (this.#deadly = { ...happening, at: happening.what })
      case 'stop':
        return this.#stop(happening.restMs)
      case 'set-clock':
        this.#note(() => `the clock is set by ${happening.byMs / 1000} s`)
        this.#wall.aheadMs += happening.byMs
        return this.#judge.disturbed()
      case 'fill-disk':
        this.#judge.wasFull = true
        this.#judge.isFull = true
        this.#fullUntil = this.#time.now + happening.forMs
        return void this.#time.after(happening.forMs, () => this.#judge.disturbed())
      case 'hand':
        return void handWork(this.#hand(), happening)
    }
  }

  #hand(): HandParts {
    const [program, judge, fars, ids, note] = [this.#program, this.#judge, this.#fars, this.#ids, this.#note]
    return { program, judge, fars, ids, note }
  }

  #stop(restMs: number): void {
    const [life, program] = [this.#life, this.#program]
    if (program === null) return
    this.#program = null
    this.#note(() => 'the program is told to end')
    void this.#drained(program).then(() => life === this.#life && this.#kill(restMs))
  }

  /** In the end too: what was begun is over in time, and nothing is left open. */
  async #drained({ collector }: Program): Promise<void> {
    const from = this.#time.now
    this.#judge.isDraining = true
    await collector.drain(drainMs)
    const tookMs = this.#time.now - from
    if (tookMs > drainMs) this.#judge.blame(`it takes ${tookMs / 1000} s to end`)
    const { openCount } = this.#judge
    if (openCount > 0) this.#judge.blame(`${openCount} sessions are still open when it has ended`)
  }

  async #end(): Promise<void> {
    const program = this.#program
    if (program === null) return
    let isOver = false
    void this.#drained(program).then(() => (isOver = true))
    await this.#time.run(this.#time.now + 2 * drainMs, () => isOver)
    if (!isOver) this.#judge.blame('it does not end')
  }

  /** Somebody has seen what does not work, and mended it. */
  #revive(): void {
    const [life, program] = [this.#life, this.#program]
    const again = this.#time.after(againMs, () => this.#revive()) // unless it was kept
    if (program === null) return
    this.#note(() => 'somebody mends what does not work')
    const fresh = { is: 'idle', reason: 'none', words: '', failures: 0, loginFailures: 0, alertedAt: null } as const
    const broken = program.accounts.all().filter(({ status }) => status.is === 'stopped' || status.is === 'failing')
    this.#judge.mended(broken.map(({ settings }) => settings.name))
    const changes = broken.map(({ id }) => program.accounts.setStatus(id, { ...fresh, nextRunAt: life.now() }))
    program.collector.wake()
    void Promise.all(changes).then(
      () => (again.work = null),
      () => undefined,
    )
  }

  #log(life: Life): World['log'] {
    const write = (event: string, fields: object = {}): void => {
      if (life.is !== 'dead') this.#note(() => `log ${event} ${JSON.stringify(fields, plain)}`)
    }
    return { info: write, warn: write, error: write }
  }
}

const now = async <T>(work: () => T): Promise<T> => work()
const plain = (_key: string, value: unknown): unknown =>
  value instanceof Error ? (value.stack ?? value.message) : value

/** `2d 03:04:05.678` */
function stamp(ms: number): string {
  const rest = new Date(ms).toISOString().slice(11, 23)
  return `${Math.floor(ms / 86_400_000)}d ${rest}`
}
