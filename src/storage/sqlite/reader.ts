// The main thread's half of the reader: requests with numbers, answers in any order.
import { Worker } from 'node:worker_threads'
import { StoreError } from '../store.ts'
import type { ReaderData, ReadRequest } from './reader-thread.ts'

type OnShare = (share: number) => void
type Pending = { resolve: (value: unknown) => void; reject: (error: Error) => void; onShare: OnShare | undefined }
type Answer = { readonly id: number; readonly value?: unknown; readonly error?: string; readonly share?: number }

export class Reader {
  readonly #worker: Worker
  readonly #pending = new Map<number, Pending>()
  #next = 0

  constructor(data: ReaderData) {
    this.#worker = new Worker(new URL('./reader-thread.ts', import.meta.url), { workerData: data })
    this.#worker.on('message', (answer: Answer) => this.#settle(answer))
    this.#worker.on('error', (error) => this.#fail(String(error)))
    this.#worker.on('exit', () => this.#fail('the reader thread ended'))
    this.#worker.unref()
  }

  /** `onShare` is told how much of a long answer is done. @throws StoreError 'failed' when the database cannot be read. */
  ask<T>(request: ReadRequest, onShare?: OnShare): Promise<T> {
    return new Promise<unknown>((resolve, reject) => {
      const id = this.#next++
      if (this.#pending.size === 0) this.#worker.ref()
      this.#pending.set(id, { resolve, reject, onShare })
      this.#worker.postMessage({ id, request })
    }) as Promise<T> // the thread answers each kind of request in its shape
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#worker.once('exit', () => resolve())
      this.#worker.ref()
      this.#worker.postMessage('close')
    })
  }

  #settle({ id, value, error, share }: Answer): void {
    const pending = this.#pending.get(id)
    if (share !== undefined) return pending?.onShare?.(share)
    this.#pending.delete(id)
    if (this.#pending.size === 0) this.#worker.unref()
    if (error === undefined) pending?.resolve(value)
    else pending?.reject(new StoreError('failed', error))
  }

  #fail(message: string): void {
    for (const { reject } of this.#pending.values()) reject(new StoreError('failed', message))
    this.#pending.clear()
  }
}
