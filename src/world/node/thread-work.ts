// Inside the thread of thread.ts: loads the module that does the work and answers one request after the other.
import { parentPort, workerData } from 'node:worker_threads'

export type ThreadData = { readonly module: string }
/** What a module for such a thread exports as `work`. `hand`: buffers that are handed over and not copied. */
export type Work = (request: never) => Promise<{ readonly value: unknown; readonly hand?: ArrayBuffer[] }>
export type ThreadAnswer = { readonly value: unknown } | { readonly problem: string }

const { module } = workerData as ThreadData // given by thread.ts
const { work } = (await import(module)) as { work: Work }

parentPort?.on('message', (request: unknown) => {
  work(request as never).then(
    // thread.ts posts what the module takes
    ({ value, hand }) => parentPort?.postMessage({ value } satisfies ThreadAnswer, hand ?? []),
    (error: Error) => parentPort?.postMessage({ problem: error.message } satisfies ThreadAnswer),
  )
})
