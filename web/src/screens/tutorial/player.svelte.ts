// Plays the panels: which one is shown, how far it is, and what the server has really done of it. A panel that was not played
// yet waits for its button, or for a moment when all is played by itself.
import type { Played, TutorialState } from '../../../../src/operations/tutorial.ts'
import { call } from '../../app/api.ts'
import { frameMs, panels, readMs, type Frame, type Panel } from './panels.ts'

const revealMs = 120

export class Player {
  at = $state(0)
  frame = $state(0)
  playing = $state(false)
  speed = $state(1)
  /** The server is at it. */
  busy = $state(false)
  problem = $state<unknown>(null)
  name = $state('ada')
  /** Lines of the conversation that are shown, from 0 to 1. */
  said = $state(0)
  #known = $state.raw<TutorialState | null>(null)
  /** What runs by itself; ended by whatever the person does. */
  #run = new AbortController()
  readonly #still: boolean

  /** `still`: nothing moves by itself. */
  constructor({ still }: { still: boolean }) {
    this.#still = still
  }

  get panel(): Panel {
    return panels[this.at]!
  }
  get shown(): Frame {
    return this.panel.frames[this.frame]!
  }
  get played(): Played | undefined {
    return this.#known?.played.find(({ step }) => step === this.panel.step)
  }
  get mailbox(): string {
    return this.#known?.mailbox ?? this.name
  }
  /** Panels that were played. */
  get done(): number {
    return this.#known?.played.length ?? 0
  }
  get over(): boolean {
    return this.at === panels.length - 1 && this.played !== undefined && this.#atEnd
  }
  get #atEnd(): boolean {
    return this.frame === this.panel.frames.length - 1
  }

  /** Goes on where a world stands already. */
  async look(): Promise<void> {
    await this.#ask(() => call('tutorial.state'))
    if (this.done > 0) this.#show(Math.min(this.done, panels.length - 1), 'begin')
  }

  /** What the button of the panel does: the server's step, then the pictures of it. */
  async act(): Promise<void> {
    const signal = this.#fresh()
    if (await this.#real()) await this.#pictures(signal)
  }

  toggle(): void {
    if (this.playing) {
      this.#fresh()
      this.playing = false
      return
    }
    this.playing = true
    void this.#all(this.#fresh())
  }

  /** To the end of the panel, or to the next one. */
  next(): void {
    this.#stop()
    if (this.played && !this.#atEnd) this.#show(this.at, 'end')
    else if (this.played && this.at < panels.length - 1) this.#show(this.at + 1, 'begin')
    else if (!this.played) void this.act()
  }

  back(): void {
    this.#stop()
    if (this.at > 0) this.#show(this.at - 1, 'end')
  }

  /** One that was played, or the next to play. */
  open(at: number): void {
    if (at > this.done) return
    this.#stop()
    this.#show(at, at < this.done ? 'end' : 'begin')
  }

  async again(): Promise<void> {
    this.#stop()
    await this.#ask(() => call('tutorial.stop'))
    this.#show(0, 'begin')
  }

  async leave(): Promise<void> {
    this.#stop()
    if (this.#known?.running) await this.#ask(() => call('tutorial.stop'))
  }

  /** The page goes away; the world stays for a while. */
  close(): void {
    this.#run.abort()
  }

  #stop(): void {
    this.playing = false
    this.#fresh()
  }

  #fresh(): AbortSignal {
    this.#run.abort()
    this.#run = new AbortController()
    return this.#run.signal
  }

  #show(at: number, where: 'begin' | 'end'): void {
    this.problem = null
    this.at = at
    this.frame = where === 'end' ? this.panel.frames.length - 1 : 0
    this.said = where === 'end' ? 1 : 0
  }

  async #all(signal: AbortSignal): Promise<void> {
    if (this.over) await this.again().then(() => (this.playing = true))
    const own = this.#run.signal === signal ? signal : this.#fresh()
    while (!own.aborted) {
      if (this.#atEnd && this.played) {
        await this.#sleep(readMs, own)
        if (own.aborted) return
        if (this.at === panels.length - 1) return void (this.playing = false)
        this.#show(this.at + 1, 'begin')
      }
      await this.#sleep(readMs / 2, own)
      if (own.aborted) return
      if (!(await this.#real())) return void (this.playing = false)
      await this.#pictures(own)
    }
  }

  /** False when it did not work; then `problem` says why. */
  async #real(): Promise<boolean> {
    if (this.played) return true
    const { step } = this.panel
    return this.#ask(() =>
      step === 'world' ? call('tutorial.start', {}) : call('tutorial.next', { step, name: this.name }),
    )
  }

  async #ask(work: () => Promise<TutorialState>): Promise<boolean> {
    this.busy = true
    this.problem = null
    try {
      this.#known = await work()
      return true
    } catch (error) {
      this.problem = error
      return false
    } finally {
      this.busy = false
    }
  }

  async #pictures(signal: AbortSignal): Promise<void> {
    if (this.#still) return this.#show(this.at, 'end')
    while (!signal.aborted && !this.#atEnd) {
      this.frame++
      await this.#reveal(this.shown.said, signal)
    }
  }

  /** Lets the lines come while the frame stands. */
  async #reveal(to: number, signal: AbortSignal): Promise<void> {
    const from = this.said
    const steps = frameMs / revealMs
    for (let i = 1; i <= steps && !signal.aborted; i++) {
      this.said = from + ((to - from) * i) / steps
      await this.#sleep(revealMs, signal)
    }
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms / this.speed)
      signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
    })
  }
}
