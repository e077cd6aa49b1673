// The whole program's outgoing mail in a world that is nothing but a number: virtual time, network, DNS, receivers, a store
// that outlives crashes. The same seed tells the same story. Called by simulation.test.ts and main.ts. DESIGN.md 8
import { StoreError } from '#/storage/store.ts'
import type { World } from '#/world/world.ts'
import { Dice } from './dice.ts'
import { Disk } from './disk.ts'
import { Host, type Arrival } from './host.ts'
import { Judge } from './judge.ts'
import { epochMs, Life, type Wall } from './life.ts'
import { memoryStore, type Door } from './memory-store.ts'
import { always } from './moods.ts'
import { simulatedNames, type Zone } from './names.ts'
import { simulatedNet } from './net.ts'
import { startProgram, type Program } from './program.ts'
import { alternateName, drawScenario, type Happening, type Letter, type Scenario } from './scenario.ts'
import { Time } from './time.ts'

export type Told = {
  /** Sentences about what must never be. */
  readonly verdict: readonly string[]
  readonly lines: readonly string[]
  readonly figures: Figures
}
export type Figures = Readonly<
  Record<'letters' | 'deliveries' | 'delivered' | 'failed' | 'held' | 'notices' | 'lives', number>
>

const minuteMs = 60_000
const againMs = 30_000
const happenedMax = 500_000
const quietMs = 20 * minuteMs
/** After the last start. */
const endMs = 40 * 24 * 60 * minuteMs

/** The moment at which the program dies, and dies again. */
type Deadly = {
  nth: number
  readonly at: 'before' | 'after' | 'arrival'
  readonly times: number
  readonly restMs: number
}

export class Simulation {
  readonly scenario: Scenario
  readonly #time = new Time()
  readonly #wall: Wall = { aheadMs: 0 }
  readonly #disk = new Disk()
  readonly #dice: Dice
  readonly #judge: Judge
  readonly #hosts = new Map<string, Host>() // by address
  readonly #zones: readonly Zone[]
  readonly #lines: string[] = []
  readonly #note: (line: () => string) => void
  #life: Life
  #lives = 0
  #program: Program | null = null
  #waiting = 0 // happenings that are still to come
  #backAt = 0 // when somebody starts the program again
  #open = true // there may be deliveries without a fate
  #deadly: Deadly | null = null
  #fullUntil = 0

  constructor({ seed, verbose = false }: { readonly seed: number; readonly verbose?: boolean }) {
    this.#dice = new Dice(seed)
    this.scenario = drawScenario(this.#dice.fork())
    this.#judge = new Judge({ disk: this.#disk, time: this.#time, scenario: this.scenario })
    this.#note = (line) => void (verbose && this.#lines.push(`${stamp(this.#time.now)} ${line()}`))
    this.#zones = this.#populate()
    this.#life = new Life(0, this.#time, this.#wall)
    this.#disk.onCommit = (work, made) => {
      this.#open = true
      for (const { row, to } of work.moves ?? [])
        this.#note(
          () =>
            `${row.id} ${row.to.local}@${row.destination}: ${row.state} → ${to.state}, attempt ${to.attempts}, due ${stamp(to.dueAt - epochMs)} ${JSON.stringify(to.memo)}`,
        )
      for (const row of made)
        this.#note(() => `${row.id} accepted for ${row.to.local}@${row.destination}, ${row.state}`)
      for (const { step, ref, detail } of work.events ?? [])
        this.#note(() => `trace ${ref} ${step} ${JSON.stringify(detail)}`)
      this.#judge.committed(work, made)
    }
  }

  async run(): Promise<Told> {
    await memoryStore(this.#disk).addMailbox('ann', epochMs)
    if (this.scenario.hasAlternate) this.#disk.alternates.set('smart', JSON.stringify(alternate))
    this.#start()
    for (const happening of this.scenario.happenings) this.#later(happening.at, () => this.#happen(happening))
    const isJudged = (): boolean => {
      if (this.#time.happened > happenedMax) this.#judge.blame('it does not come to rest')
      return this.#judge.verdict.length > 0
    }
    for (let end = endMs; !isJudged() && this.#time.now < end; end = this.#backAt + endMs) {
      await this.#time.run(end, () => isJudged() || this.#isIdle())
      await this.#time.run(this.#time.now + quietMs, isJudged) // nothing more happens, by itself
      if (this.#isIdle()) break
    }
    this.#life.kill()
    if (!isJudged()) this.#judge.ended()
    return { verdict: this.#judge.verdict, lines: this.#lines, figures: this.#figures() }
  }

  #populate(): Zone[] {
    const events = {
      arrived: (arrival: Arrival) => this.#arrived(arrival),
      refused: (what: string) => void this.#judge.refused.add(what),
      note: this.#note,
    }
    const smart = { name: alternateName, addresses: ['203.0.113.99'], weather: always({ is: 'fine' } as const) }
    const all = [
      ...this.scenario.destinations.flatMap(({ hosts }) => hosts),
      { ...smart, extensions: ['8BITMIME'], recipientsMax: 100 },
    ]
    for (const options of all) {
      const host = new Host(options, { time: this.#time, dice: this.#dice.fork(), events })
      for (const address of options.addresses) this.#hosts.set(address, host)
    }
    const hosts = [{ ...smart, preference: 0 }]
    const smartZone: Zone = { domain: alternateName, is: 'address', hosts, weather: always({ is: 'fine' }) }
    return [...this.scenario.destinations.map(({ zone }) => zone), smartZone]
  }

  #later(ms: number, work: () => void): void {
    this.#waiting++
    this.#time.after(ms, () => {
      this.#waiting--
      work()
    })
  }

  #isIdle(): boolean {
    if (this.#waiting > 0 || !this.#open) return this.#waiting === 0
    this.#open = [...this.#disk.deliveries.values()].some(({ state }) => state === 'waiting' || state === 'leased')
    return !this.#open
  }

  #start(): void {
    const life = new Life(++this.#lives, this.#time, this.#wall)
    this.#life = life
    this.#program = null
    this.#judge.disturbedAt = this.#time.now
    this.#judge.runEndedAt = this.#time.now
    this.#note(() => `the program starts, for the ${this.#lives}. time`)
    const refused = (domain: string): void => void this.#judge.refused.add(domain)
    const random = this.#dice.fork()
    const hostAt = (address: string): Host | undefined => this.#hosts.get(address)
    const net = simulatedNet({ time: this.#time, life, dice: this.#dice.fork(), hostAt })
    const world: World = { clock: life.clock, random, net, log: this.#log(life) }
    const resolver = simulatedNames({ time: this.#time, life, zones: this.#zones, refused })
    const store = memoryStore(this.#disk, this.#doorOf(life))
    void startProgram({ store, world, resolver, settings: this.scenario.settings }).then(
      (program) => {
        if (this.#life === life) this.#program = program
      },
      (error: unknown) => this.#startAgain(life, error),
    )
  }

  /** The disk is full, say: whoever watches over the program starts it anew. */
  #startAgain(life: Life, error: unknown): void {
    this.#note(() => `it does not start: ${String(error)}`)
    if (this.#life === life) this.#kill(againMs)
  }

  #kill(restMs: number): void {
    if (this.#life.is === 'dead') return
    this.#note(() => `the program dies`)
    this.#life.kill()
    this.#program = null
    this.#deadly = null
    this.#backAt = this.#time.now + restMs
    this.#later(restMs, () => this.#start())
  }

  #doorOf(life: Life): Door {
    const dice = this.#dice.fork()
    const change = <T>(work: () => T): T => {
      if (life === this.#life && this.#isDeadly('before')) return undefined as T // nobody hears of it any more
      if (this.#time.now < this.#fullUntil) throw new StoreError('full', 'The disk is full')
      const result = work()
      if (life === this.#life) this.#isDeadly('after')
      return result
    }
    return {
      read: (work) => (dice.chance(0.2) || life.is !== 'alive' ? life.wait(dice.whole(0, 4), work) : now(work)),
      write: (work) => life.wait(dice.whole(1, 9), () => change(work)),
    }
  }

  /** Whether this moment is the one at which the program dies. */
  #isDeadly(at: 'before' | 'after' | 'arrival'): boolean {
    const deadly = this.#deadly
    if (deadly?.at !== at || --deadly.nth > 0) return false
    this.#kill(deadly.restMs)
    if (deadly.times > 1) this.#deadly = { ...deadly, nth: 1, times: deadly.times - 1 }
    return true
  }

  #arrived(arrival: Arrival): void {
    this.#note(() => `${arrival.host} has the whole message for ${arrival.to}${arrival.kept ? '' : ', and drops it'}`)
    const isCurrent = arrival.life === this.#life && this.#life.is === 'alive'
    this.#judge.arrived(arrival, isCurrent)
    if (isCurrent) this.#isDeadly('arrival')
  }

  #happen(happening: Happening): void {
    switch (happening.do) {
      case 'send':
        return this.#send(happening.letter)
      case 'kill':
        return this.#kill(happening.restMs)
      case 'kill-at-write':
        return void (this.#deadly = { nth: happening.nth, at: happening.when, times: 1, restMs: happening.restMs })
      case 'kill-at-arrival':
        return void (this.#deadly = { ...happening, at: 'arrival' })
      case 'stop':
        return this.#stop(happening.restMs)
      case 'freeze':
        return this.#freeze(happening)
      case 'set-clock':
        return this.#setClock(happening)
      case 'fill-disk':
        this.#note(() => 'the disk is full')
        this.#fullUntil = this.#time.now + happening.forMs
        return this.#later(happening.forMs, () => void (this.#judge.disturbedAt = this.#time.now))
    }
  }

  #send(letter: Letter): void {
    const [life, program] = [this.#life, this.#program]
    const again = (): void => this.#later(againMs * this.#triesUntilBack(), () => this.#send(letter))
    if (program === null || life.is !== 'alive') return again()
    void program.send(letter).then(({ code, lines }) => {
      if (life.is !== 'alive') return
      if (code !== 250) return again()
      const key = / ([0-9a-z]{26})$/.exec(lines[0]!)![1]!
      this.#judge.promised(key, new Set(letter.to.map(({ address }) => address)).size)
    })
  }

  /** Clients come in vain until then, which is nothing that happens: a program that rests for days is not without rest. */
  #triesUntilBack(): number {
    return Math.max(1, Math.ceil((this.#backAt - this.#time.now) / againMs))
  }

  #stop(restMs: number): void {
    const [life, program] = [this.#life, this.#program]
    if (program === null || life.is !== 'alive') return
    this.#program = null
    this.#note(() => 'the program is told to end')
    void program.relay.drain(againMs).then(() => life === this.#life && this.#kill(restMs))
  }

  /** Frozen for long, somebody starts another one in its place; then the first one thaws, and believes that it is alone. */
  #freeze({ secondMs, forMs }: { secondMs: number; forMs: number }): void {
    const life = this.#life
    life.freeze()
    this.#note(() => 'the program is frozen')
    this.#later(secondMs, () => {
      if (this.#life === life && life.is === 'frozen') this.#start()
    })
    this.#later(forMs, () => {
      this.#note(() => 'a frozen program thaws')
      this.#judge.disturbedAt = this.#time.now
      life.thaw()
    })
    this.#later(forMs + quietMs, () => {
      if (life === this.#life || life.is === 'dead') return
      this.#judge.runEndedAt = this.#time.now
      life.kill()
    })
  }

  #setClock({ byMs, back }: Happening & { do: 'set-clock' }): void {
    this.#note(() => `the clock is set by ${byMs / 1000} s`)
    this.#wall.aheadMs += byMs
    this.#judge.clockWasSet = true
    this.#judge.disturbedAt = this.#time.now
    if (back === null) return
    this.#later(back.afterMs, () => {
      if (back.whileDown) this.#kill(againMs)
      this.#setClock({ at: this.#time.now, do: 'set-clock', byMs: -byMs, back: null })
    })
  }

  #log(life: Life): World['log'] {
    const write = (event: string, fields: object = {}): void => {
      if (life.is !== 'dead') this.#note(() => `log ${event} ${JSON.stringify(fields, plain)}`)
    }
    return { info: write, warn: write, error: write }
  }

  #figures(): Figures {
    const rows = [...this.#disk.deliveries.values()]
    const count = (wanted: string): number => rows.filter(({ state }) => state === wanted).length
    const letters = this.scenario.happenings.filter((happening) => happening.do === 'send').length
    const notices = this.#disk.trace.filter(({ step }) => step === 'notified').length
    const fates = { delivered: count('delivered'), failed: count('failed'), held: count('held') }
    return { letters, deliveries: rows.length, ...fates, notices, lives: this.#lives }
  }
}

const now = async <T>(work: () => T): Promise<T> => work()
const plain = (_key: string, value: unknown): unknown =>
  value instanceof Error ? (value.stack ?? value.message) : value

const alternate = { name: 'smart', hosts: [alternateName], tls: 'none' }

/** `2d 03:04:05.678` */
function stamp(ms: number): string {
  const rest = new Date(ms).toISOString().slice(11, 23)
  return `${Math.floor(ms / 86_400_000)}d ${rest}`
}
