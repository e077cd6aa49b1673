// The main thread's half of the writer: while one group is being flushed the next collects. Group commit.
import { Worker } from 'node:worker_threads'
import { groupBytesMax, groupTurns, groupUnitsMax, patienceMs } from '../limits.ts'
import { StoreError } from '../store.ts'
import { countTopics, noVersions } from '../topics.ts'
import type { Unit, UnitResult } from '../work.ts'
import { buffersOf, pack } from './packed.ts'
import type { GroupAnswer, WriterData } from './writer-thread.ts'

export type RunOptions = {
  readonly bytes?: number
  /** Nobody waits for it: within `patienceMs` it goes with the next group, and makes none of its own before. */
  readonly patient?: boolean
}
type Waiting = { readonly unit: Unit; readonly bytes: number; resolve: () => void; reject: (error: Error) => void }

export class Writer {
  readonly versions = noVersions()
  /** Units that are durable. */
  written = 0
  onDurable: ((unit: Unit) => void) | null = null
  readonly #worker: Worker
  #waiting: Waiting[] = []
  #patient: Waiting[] = []
  #patience: NodeJS.Timeout | undefined
  #inFlight: Waiting[] = []
  #scheduled = false
  #failed: StoreError | null = null
  #lean = false
  #closed: (() => void) | null = null
  #idle: (() => void) | null = null

  constructor(data: WriterData) {
    this.#worker = new Worker(new URL('./writer-thread.ts', import.meta.url), { workerData: data })
    this.#worker.on('message', (answer: GroupAnswer) => this.#settle(answer === 'durable' ? [] : answer))
    this.#worker.on('error', (error) => this.#fail(String(error)))
    this.#worker.on('exit', () => {
      this.#fail('the writer thread ended')
      this.#closed?.()
    })
    this.#worker.unref()
  }

  get failed(): boolean {
    return this.#failed !== null
  }

  /** Resolves when the unit is durable. @throws StoreError; then nothing of the unit was kept. */
  run(unit: Unit, { bytes = 0, patient = false }: RunOptions = {}): Promise<void> {
    if (this.#failed) return Promise.reject(this.#failed)
    return new Promise((resolve, reject) => {
      const one = { unit, bytes, resolve, reject }
      if (patient) return this.#putOff(one)
      this.#waiting.push(one)
      if (this.#inFlight.length > 0 || this.#scheduled) return
      this.#scheduled = true
      this.#gather(groupTurns)
    })
  }

  /** From the next group on. */
  saveMemory(lean: boolean): void {
    if (lean === this.#lean) return
    this.#lean = lean
    this.#worker.postMessage(lean ? 'lean' : 'roomy')
  }

  async close(): Promise<void> {
    this.#hurry()
    if (this.#waiting.length + this.#inFlight.length > 0) await new Promise<void>((resolve) => (this.#idle = resolve))
    if (this.#failed?.message === 'the writer thread ended') return
    await new Promise<void>((resolve) => {
      this.#closed = resolve
      this.#worker.ref()
      this.#worker.postMessage('close')
    })
  }

  /** What the next turns of the event loop bring shares the flush. When nothing else is to be done they take no time. */
  #gather(turns: number): void {
    setImmediate(() => (turns > 1 ? this.#gather(turns - 1) : this.#post()))
  }

  #putOff(one: Waiting): void {
    this.#patient.push(one)
    this.#patience ??= setTimeout(() => this.#hurry(), patienceMs)
  }

  #hurry(): void {
    this.#joinPatient()
    this.#post()
  }

  #joinPatient(): void {
    clearTimeout(this.#patience)
    this.#patience = undefined
    this.#waiting.push(...this.#patient.splice(0))
  }

  #post(): void {
    this.#scheduled = false
    if (this.#waiting.length === 0 || this.#inFlight.length > 0) return
    this.#joinPatient()
    let count = 0
    for (let bytes = 0; count < this.#waiting.length && count < groupUnitsMax && bytes < groupBytesMax; count++)
      bytes += this.#waiting[count]!.bytes
    this.#inFlight = this.#waiting.splice(0, count)
    const packed = pack(this.#inFlight.map(({ unit }) => unit))
    this.#worker.ref()
    this.#worker.postMessage(packed, buffersOf(packed))
  }

  /** A unit without a result is durable. */
  #settle(results: readonly UnitResult[]): void {
    const settled = this.#inFlight
    this.#inFlight = []
    this.#worker.unref()
    if (results[0]?.kind === 'failed') this.#failed = new StoreError('failed', results[0].message)
    settled.forEach(({ unit, resolve, reject }, i) => {
      const result = results[i]
      if (result) return reject(new StoreError(result.kind, result.message, result))
      countTopics(this.versions, unit)
      this.written++
      this.onDurable?.(unit)
      resolve()
    })
    this.#post()
    if (this.#inFlight.length === 0) this.#idle?.()
  }

  #fail(message: string): void {
    this.#failed ??= new StoreError('failed', message)
    this.#joinPatient()
    const lost = [...this.#inFlight, ...this.#waiting]
    this.#inFlight = []
    this.#waiting = []
    for (const { reject } of lost) reject(this.#failed)
    this.#idle?.()
  }
}
