// A mailbox on another server: what lies in it, who is inside, how it behaves. A session with it is box.ts. What it does
// wrong, it does on purpose.
import type { Dice } from '../dice.ts'
import { moodAt, type Weather } from '../moods.ts'
import type { Time } from '../time.ts'
import type { FarMood } from './moods.ts'

export type FarMessage = { readonly tag: string; readonly uid: string; readonly octets: Buffer }
export type FarOptions = {
  readonly host: string
  readonly weather: Weather<FarMood>
  readonly loginDelaySeconds: number
  /** How long it stays locked after a session. PC-16 */
  readonly lockMs: number
  readonly pipelining: boolean
}

export class Far {
  readonly options: FarOptions
  readonly dice: Dice
  messages: readonly FarMessage[] = []
  lastLoginAt = -Infinity
  #isOpen = false
  #lockedUntil = 0
  #count = 0
  readonly #time: Time

  constructor(options: FarOptions, { time, dice }: { readonly time: Time; readonly dice: Dice }) {
    this.options = options
    this.#time = time
    this.dice = dice
  }

  mood(): FarMood {
    return moodAt(this.options.weather, this.#time.now)
  }

  get isLocked(): boolean {
    return this.#isOpen || this.#time.now < this.#lockedUntil
  }

  /** Seconds that the next login is too early. */
  get tooSoonMs(): number {
    return this.lastLoginAt + this.options.loginDelaySeconds * 1000 - this.#time.now
  }

  enter(): void {
    this.#isOpen = true
    this.lastLoginAt = this.#time.now
  }

  leave(): void {
    this.#isOpen = false
    this.#lockedUntil = this.#time.now + this.options.lockMs
  }

  /** A new message. Its tag is in it, so that it is known wherever it turns up. */
  receive(): FarMessage {
    const tag = `${this.options.host}#${++this.#count}`
    const text = `Message-ID: <${tag}@sim>\r\nSubject: letter\r\n\r\n${'text\r\n'.repeat(this.dice.whole(0, 9))}`
    const message = { tag, uid: `uid-${this.#count}`, octets: Buffer.from(text) }
    this.messages = [...this.messages, message]
    return message
  }

  remove(removed: ReadonlySet<FarMessage>): void {
    this.messages = this.messages.filter((message) => !removed.has(message))
  }
}

export const tagOf = (octets: Uint8Array): string | null =>
  /^Message-ID: <(.*#.*)@sim>/m.exec(Buffer.from(octets).toString('latin1'))?.[1] ?? null
