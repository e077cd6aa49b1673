// One session with a remote mailbox, over virtual time: no socket, no octets on a wire. Made by program.ts for the collector.
// Commands are answered in order. Those that are under way when a session breaks off may have reached the server.
import type { Answer, BoxFacts, FetchAnswer, HeadAnswer, Listing, OpenBox, RemoteBox, RemoteTrouble, Sink } from '#/pop3-client/box.ts' // prettier-ignore
import type { Life } from '../life.ts'
import type { Time } from '../time.ts'
import type { Far, FarMessage } from './far.ts'

export type BoxEvents = {
  opening(box: FarBox): void
  /** The collector knows by now that the session is over, or was not had. */
  ended(box: FarBox): void
  refused(box: FarBox, trouble: RemoteTrouble['is']): void
  removed(box: FarBox, messages: ReadonlySet<FarMessage>): void
  /** Around everything that the server does. True when the program dies of it. */
  step(when: 'before' | 'after'): boolean
  note(line: () => string): void
}
export type BoxParts = {
  readonly time: Time
  readonly life: Life
  readonly farAt: (host: string) => Far
  readonly events: BoxEvents
}
type Broken = { readonly is: 'broken'; readonly trouble: RemoteTrouble }

const answerMs = 20
const connectMs = 30_000
const silentMs = 60_000
const trouble = (is: RemoteTrouble['is']): RemoteTrouble => ({ is, words: `It is ${is}` })
const no = { is: 'refused', trouble: trouble('refused') } as const

export const farBoxes =
  (parts: BoxParts): OpenBox =>
  async ({ host, name }, _credentials, { signal }) => {
    const box = new FarBox(parts, parts.farAt(host), name)
    const failed = await box.enter(signal)
    return failed === null ? { is: 'open', box } : { is: 'failed', trouble: failed }
  }

export class FarBox implements RemoteBox {
  readonly facts: BoxFacts
  readonly far: Far
  readonly account: string
  readonly life: Life
  /** By itself, and the one before it too: the server's wishes are known. */
  isAwaited = false
  /** Who was at the mailbox before, and was let in. */
  before: { readonly byHand: boolean; readonly life: Life } | null = null
  readonly #p: BoxParts
  readonly #pending = new Set<(trouble: RemoteTrouble) => void>()
  readonly #removing = new Set<FarMessage>()
  #numbers: readonly FarMessage[] = []
  #freeAt = 0
  #isInside = false
  #isDeaf = false // the server hears nothing more
  #end: RemoteTrouble | null = null
  readonly #killed = (): void => this.#break(trouble('lost'))

  constructor(parts: BoxParts, far: Far, account: string) {
    this.#p = parts
    this.far = far
    this.account = account
    this.life = parts.life
    const { pipelining, loginDelaySeconds } = far.options
    const none = { address: '192.0.2.1', tls: null, expireDays: null, implementation: null, ourselves: false }
    this.facts = { ...none, pipelining, top: true, loginDelaySeconds }
    parts.events.opening(this)
    this.life.connected(this.#killed)
  }

  async enter(signal?: AbortSignal): Promise<RemoteTrouble | null> {
    const stop = (): void => this.destroy(trouble('stopped'))
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop)
    const answer = await this.#ask('login', () => ({ is: this.#login() }))
    signal?.removeEventListener('abort', stop)
    if (answer.is === null) return null
    const why = answer.is === 'broken' ? (answer as Broken).trouble : trouble(answer.is)
    this.#p.events.refused(this, why.is)
    this.#break(why)
    return why
  }

  #login(): RemoteTrouble['is'] | null {
    const mood = this.far.mood()
    if (mood.is === 'dead' || mood.is === 'refusing') return 'unreachable'
    if (mood.is === 'said') return mood.trouble
    if (this.far.isLocked) return 'busy'
    if (this.far.tooSoonMs > 0) return 'too-soon'
    this.far.enter()
    this.#isInside = true
    this.#numbers = this.far.messages
    return null
  }

  list(): Promise<{ readonly is: 'listed'; readonly listing: Listing } | Exclude<Answer, { is: 'done' }>> {
    return this.#ask('LIST', () => {
      const mood = this.far.mood()
      if (mood.is === 'listless') return no
      const isShown = (): boolean => mood.is !== 'flapping' || !this.far.dice.chance(mood.share)
      const all = this.#numbers.map(({ uid, octets }, i) => ({ number: i + 1, uid, sizeBytes: octets.length }))
      return { is: 'listed', listing: { messages: all.filter(isShown), warnings: [] } } as const
    })
  }

  /** All of them have been sent. */
  withdraw(): void {}

  head(number: number): Promise<HeadAnswer> {
    return this.#ask('TOP', () => {
      const { octets } = this.#numbers[number - 1]!
      return { is: 'head', octets: octets.subarray(0, octets.indexOf('\r\n\r\n') + 4) } as const
    })
  }

  fetch(number: number, sink: Sink): Promise<FetchAnswer> {
    return this.#ask<FetchAnswer>('RETR', async () => {
      const { octets } = this.#numbers[number - 1]!
      const half = octets.length >> 1
      await sink.write(octets.subarray(0, half))
      if (this.#isBad('dropping')) this.#break(trouble('lost'))
      if (this.#end) return { is: 'broken', trouble: this.#end }
      await sink.write(octets.subarray(half))
      return { is: 'whole', facts: { sizeBytes: octets.length, strayLineEnds: false, nul: false, eightBit: false } }
    })
  }

  remove(number: number): Promise<Answer> {
    return this.#ask<Answer>('DELE', () => {
      this.#removing.add(this.#numbers[number - 1]!)
      return { is: 'done' }
    })
  }

  async leave(): Promise<'committed' | 'doubtful'> {
    const answer = await this.#ask<Answer>('QUIT', () => {
      const mood = this.far.mood()
      const forgets = mood.is === 'forgetful'
      if (!forgets || mood.commits) this.#commit()
      if (!forgets || mood.says) return { is: 'done' }
      this.#break(trouble('lost'))
      return { is: 'broken', trouble: trouble('lost') }
    })
    this.#break(trouble('stopped'))
    return answer.is === 'done' ? 'committed' : 'doubtful'
  }

  #commit(): void {
    this.far.remove(this.#removing)
    this.#p.events.removed(this, this.#removing)
  }

  destroy(why: RemoteTrouble): void {
    this.#break(why)
  }

  #ask<A extends { readonly is: unknown }>(command: string, act: () => A | Promise<A>): Promise<A | Broken> {
    const { time } = this.#p
    if (this.#end) return Promise.resolve({ is: 'broken', trouble: this.#end })
    return new Promise((resolve) => {
      const settle = (answer: A | Broken): void => {
        if (this.#pending.delete(stop)) resolve(answer)
      }
      const stop = (why: RemoteTrouble): void => settle({ is: 'broken', trouble: why })
      this.#pending.add(stop)
      this.#freeAt = Math.max(time.now, this.#freeAt) + this.#thinkMs(command)
      time.after(this.#freeAt - time.now, () => void this.#act(command, { act, settle }))
    })
  }

  async #act<A>(
    command: string,
    { act, settle }: { act: () => A | Promise<A>; settle: (answer: A) => void },
  ): Promise<void> {
    const { events, life } = this.#p
    if (this.#end && (this.#isDeaf ||= this.far.dice.chance(0.5))) return
    if (!this.#end && this.#isBad('mute')) return this.#fallSilent()
    if (!this.#end && command !== 'RETR' && this.#isBad('dropping')) return this.#break(trouble('lost'))
    if (!this.#end && events.step('before')) return // the program died before it could say so
    events.note(() => `${this.account} ${command} at ${this.far.options.host}, ${JSON.stringify(this.far.mood())}`)
    const refuses = command !== 'login' && command !== 'QUIT' && command !== 'LIST' && this.#isBad('rude')
    const answer = refuses ? (no as A) : await act() // every command may be refused
    if (!this.#end) events.step('after')
    life.hear(() => settle(answer))
    if (this.#end) this.#out()
  }

  #thinkMs(command: string): number {
    const mood = this.far.mood()
    if (command === 'login' && mood.is === 'dead') return connectMs
    return mood.is === 'slow' ? mood.thinkMs : answerMs
  }

  #isBad(is: 'mute' | 'dropping' | 'rude'): boolean {
    const mood = this.far.mood()
    return mood.is === is && this.far.dice.chance(mood.share)
  }

  #fallSilent(): void {
    this.#isDeaf = true
    this.life.after(silentMs, () => this.#break(trouble('timeout')))
  }

  #break(why: RemoteTrouble): void {
    if (this.#end) return
    this.#end = why
    this.#out()
    this.life.disconnected(this.#killed)
    this.#p.events.ended(this)
    if (this.life.is === 'dead') return // nobody hears of it any more
    for (const stop of this.#pending) stop(why)
  }

  #out(): void {
    if (this.#isInside) this.far.leave()
    this.#isInside = false
  }
}
