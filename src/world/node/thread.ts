// A thread for work that strangers can make slow or large: it has a deadline and a ceiling of memory, and when it breaks one
// a new thread takes its place. Nothing else of the program waits for it or falls with it. SX-05
import { Worker } from 'node:worker_threads'
import type { ThreadAnswer, ThreadData } from './thread-work.ts'

export type ThreadLimits = {
  readonly deadlineMs: number
  readonly heapMegabytesMax: number
  readonly waitingMax: number
}
type Task = {
  readonly request: unknown
  readonly hand: readonly ArrayBuffer[]
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** Why there is no answer, in words. */
export class ThreadError extends Error {}

export class WorkThread {
  readonly #module: URL
  readonly #limits: ThreadLimits
  readonly #waiting: Task[] = []
  #worker: Worker | null = null
  #task: Task | null = null
  #deadline: NodeJS.Timeout | undefined

  /** `module` exports `work`, see thread-work.ts. The thread starts with the first request. */
  constructor(module: URL, limits: ThreadLimits) {
    this.#module = module
    this.#limits = limits
  }

  /** One request at a time. @throws ThreadError */
  ask<T>(request: unknown, hand: readonly ArrayBuffer[] = []): Promise<T> {
    if (this.#waiting.length >= this.#limits.waitingMax)
      return Promise.reject(new ThreadError('Too many messages are being opened at once; try again'))
    return new Promise<unknown>((resolve, reject) => {
      this.#waiting.push({ request, hand, resolve, reject })
      this.#next()
    }) as Promise<T> // the module answers each request in its shape
  }

  #next(): void {
    if (this.#task !== null) return
    const task = this.#waiting.shift()
    if (task === undefined) return this.#worker?.unref()
    this.#task = task
    this.#worker ??= this.#start()
    this.#worker.ref()
    this.#deadline = setTimeout(() => this.#fall('It took too long'), this.#limits.deadlineMs)
    this.#worker.postMessage(task.request, [...task.hand])
  }

  #start(): Worker {
    const workerData: ThreadData = { module: this.#module.href }
    const resourceLimits = { maxOldGenerationSizeMb: this.#limits.heapMegabytesMax }
    const worker = new Worker(new URL('./thread-work.ts', import.meta.url), { workerData, resourceLimits })
    const fallen = (why: string) => (): void => {
      if (this.#worker === worker) this.#fall(why)
    }
    worker.on('message', (answer: ThreadAnswer) => this.#settle(answer))
    worker.on('error', fallen('It needed too much memory, or its thread ended'))
    worker.on('exit', fallen('Its thread ended'))
    return worker
  }

  #settle(answer: ThreadAnswer): void {
    clearTimeout(this.#deadline)
    const task = this.#task
    this.#task = null
    if ('problem' in answer) task?.reject(new ThreadError(answer.problem))
    else task?.resolve(answer.value)
    this.#next()
  }

  #fall(why: string): void {
    const worker = this.#worker
    this.#worker = null
    void worker?.terminate()
    if (this.#task !== null) this.#settle({ problem: why })
  }
}
