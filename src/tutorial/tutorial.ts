// Plays the tutorial: opens a practice world, does one step after another in it and keeps what was said, takes it down when
// it is over or when nobody goes on. At most one world at a time. Opened by main, asked through operations.
import { OperationError } from '#/operations/errors.ts'
import type { Played, Tutorial, TutorialState } from '#/operations/tutorial.ts'
import type { TraceEvent } from '#/storage/store.ts'
import type { Clock, World } from '#/world/world.ts'
import { eventsMax, idleMs, lookMs, stepMs } from './limits.ts'
import type { OpenSystem, PracticeWorld } from './practice-world.ts'
import type { Step } from './steps.ts'

const usualName = 'ada'

type Asked = { readonly step?: string | undefined; readonly name?: string | undefined }
export type TutorialParts = { readonly world: World; readonly openSystem: OpenSystem }

export const openTutorial = (parts: TutorialParts): Tutorial => new Player(parts)

class Player implements Tutorial {
  readonly #parts: TutorialParts
  #game: Game | null = null
  /** One act after another: whoever presses twice waits for the first press. */
  #acts: Promise<unknown> = Promise.resolve()

  constructor(parts: TutorialParts) {
    this.#parts = parts
  }

  state = (): TutorialState => this.#game?.state() ?? none

  start({ again }: { again: boolean }): Promise<TutorialState> {
    return this.#inTurn(async () => {
      if (this.#game !== null && again) await this.#end()
      if (this.#game === null) {
        const { openPracticeWorld } = await import('./practice-world.ts') // few ever play: not held by every server
        const { steps } = await import('./steps.ts')
        const world = await openPracticeWorld(this.#parts.world, this.#parts.openSystem)
        this.#game = new Game({ world, steps }, this.#parts.world.clock, () => void this.stop())
        await this.#game.play({})
      }
      return this.#game.state()
    })
  }

  next(asked: Asked): Promise<TutorialState> {
    return this.#inTurn(async () => {
      if (this.#game === null) throw new OperationError('The tutorial is not open: tutorial start opens it')
      await this.#game.play(asked)
      return this.state()
    })
  }

  /** A step under way breaks off. */
  stop(): Promise<TutorialState> {
    this.#game?.breakOff()
    return this.#inTurn(async () => {
      await this.#end()
      return none
    })
  }

  async #end(): Promise<void> {
    const game = this.#game
    this.#game = null
    await game?.close()
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#acts.then(act)
    this.#acts = done.catch(() => undefined)
    return done
  }
}

const none: TutorialState = { running: false, mailbox: null, played: [], endsAt: null }

/** One practice world and what was played in it. */
class Game {
  readonly #world: PracticeWorld
  readonly #steps: readonly Step[]
  readonly #clock: Clock
  readonly #played: Played[] = []
  readonly #over = new AbortController()
  readonly #idle: Disposable
  readonly #told = new Set<string>()
  #mailbox: string | null = null
  #endsAt: number

  constructor({ world, steps }: { world: PracticeWorld; steps: readonly Step[] }, clock: Clock, onIdle: () => void) {
    this.#world = world
    this.#steps = steps
    this.#clock = clock
    this.#endsAt = clock.now() + idleMs
    this.#idle = clock.every(idleMs / 10, () => clock.now() >= this.#endsAt && onIdle())
  }

  state = (): TutorialState => ({
    running: true,
    mailbox: this.#mailbox,
    played: [...this.#played],
    endsAt: this.#endsAt,
  })

  async play({ step: wanted, name }: Asked): Promise<void> {
    this.#endsAt = this.#clock.now() + idleMs
    if (wanted !== undefined && this.#played.some(({ step }) => step === wanted)) return
    const step = this.#steps[this.#played.length]
    if (step === undefined) throw new OperationError('That was the last step: tutorial start --again begins anew')
    if (wanted !== undefined && wanted !== step.name) throw new OperationError(`The next step is ${step.name}`)
    if (step.name === 'mailbox') this.#mailbox = await checked(name ?? usualName)
    await step.play(this.#world, this.#mailbox ?? usualName)
    const events = await this.#events(step)
    this.#played.push({ step: step.name, transcripts: this.#world.recorder.take(), events })
    for (const event of events) this.#told.add(keyOf(event))
  }

  /** Those that are new since the last step, oldest first; in the end all of them. @throws OperationError when they do not come */
  async #events(step: Step): Promise<Played['events']> {
    for (const until = this.#clock.now() + stepMs; ; await this.#clock.sleep(lookMs, this.#over.signal)) {
      const all = await this.#world.system.context.store.trace({ limit: eventsMax })
      const fresh = step.name === 'trace' ? all : all.filter((event) => !this.#told.has(keyOf(event)))
      if (step.tells.every((what) => fresh.some((event) => event.step === what)))
        return fresh.toSorted((a, b) => a.at - b.at).map(plain)
      if (this.#clock.now() > until)
        throw new OperationError(`The step ${step.name} did not end in time: tutorial start --again begins anew`)
    }
  }

  breakOff(): void {
    this.#over.abort(new OperationError('The tutorial was ended'))
  }

  async close(): Promise<void> {
    this.#idle[Symbol.dispose]()
    await this.#world.close()
  }
}

/** @throws OperationError */
async function checked(name: string): Promise<string> {
  const { checkedName } = await import('#/operations/mailboxes.ts')
  return checkedName(name)
}

const plain = (event: TraceEvent): Played['events'][number] => ({ ...event, detail: { ...event.detail } })

const keyOf = ({ ref, at, step, to }: TraceEvent): string => `${ref} ${at} ${step} ${to.join()}`
