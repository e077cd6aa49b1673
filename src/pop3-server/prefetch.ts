// Reads messages ahead for a client that takes them in order: two runs, one being sent while the next is read.
import type { Maildrop } from '#/mailboxes/maildrop.ts'
import type { StuffedRun } from '#/storage/store.ts'
import { firstRunMessages, runBytesMax, runMessagesMax } from './limits.ts'

/** A message ready for the wire, its reply line in front up to `start`. */
export type Octets = { readonly is: 'octets'; readonly octets: Uint8Array; readonly start: number }
export type Ready = Octets | { readonly is: 'gone' | 'damaged' | 'large' }

type Run = { readonly first: number; readonly run: StuffedRun }
const outcomes = ['octets', 'gone', 'damaged', 'large'] as const

export class Prefetch {
  readonly #maildrop: Maildrop
  #current: Run | null = null
  #next: { readonly first: number; readonly run: Promise<StuffedRun> } | null = null
  #inOrder = 0
  #used = false

  constructor(maildrop: Maildrop) {
    this.#maildrop = maildrop
  }

  /** Message n; a plain value when it was read ahead. The listing must be loaded. @throws StoreError */
  get(n: number): Ready | Promise<Ready> {
    this.#used = true
    return this.#take(n) ?? this.#read(n)
  }

  /** Whether messages were asked for since the last time this was asked. */
  takeUsed(): boolean {
    const used = this.#used
    this.#used = false
    return used
  }

  #take(n: number): Ready | null {
    const { first, run } = this.#current ?? {}
    if (first === undefined || run === undefined || n < first || n >= first + run.status.length) return null
    const i = n - first
    this.#inOrder++
    // Half of this run is taken: the next one is read while the rest is sent.
    if (i >= run.status.length >> 1) this.#ahead(first + run.status.length)
    if (n === this.#maildrop.messages) this.#current = null // the last one: nothing is held after it
    const status = outcomes[run.status[i] ?? 1] ?? 'gone'
    if (status !== 'octets') return { is: status }
    const from = i === 0 ? 0 : run.ends[i - 1]!
    return { is: 'octets', octets: run.octets.subarray(from, run.ends[i]), start: run.starts[i]! - from }
  }

  async #read(n: number): Promise<Ready> {
    if (this.#next?.first !== n) {
      if (this.#current && n !== this.#current.first + this.#current.run.status.length) this.#inOrder = 0
      this.#next = { first: n, run: this.#ask(n) }
    }
    const { first, run } = this.#next
    this.#next = null
    this.#current = { first, run: await run }
    return this.#take(n) ?? { is: 'gone' }
  }

  #ahead(first: number): void {
    if (this.#next?.first === first || first > this.#maildrop.messages) return
    const run = this.#ask(first)
    run.catch(() => undefined) // told to whoever asks for its first message
    this.#next = { first, run }
  }

  #ask(first: number): Promise<StuffedRun> {
    const count = this.#inOrder < firstRunMessages ? firstRunMessages : runMessagesMax
    return this.#maildrop.read(first, count, runBytesMax)
  }
}
