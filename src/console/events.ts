// Tells pages what changed, a few times a second at most: they ask again for what they show. Server-sent events.
import type { Actor } from '#/accounts/types.ts'
import type { Versions } from '#/storage/topics.ts'
import type { Clock } from '#/world/world.ts'
import { eventsEveryMs, keepAliveMs, listenersMax } from './limits.ts'
import { ProblemError } from './problem.ts'

type Ear = { readonly say: (text: string) => void; readonly still: () => boolean; readonly close: () => void }
export type Ears = {
  add(ear: Ear): Disposable
  readonly count: () => number
  close(): void
}

/** One look at the versions serves all pages; nobody listening costs nothing. */
export function openEars(versions: () => Readonly<Versions>, clock: Clock): Ears {
  const ears = new Set<Ear>()
  let watch: Disposable | null = null
  let last = ''
  let saidAt = 0
  const look = (): void => {
    const now = JSON.stringify(versions())
    const quiet = now === last
    if (quiet && clock.now() - saidAt < keepAliveMs) return
    last = now
    saidAt = clock.now()
    for (const ear of ears)
      if (ear.still()) ear.say(quiet ? ': still here\n\n' : `event: changed\ndata: ${now}\n\n`)
      else ear.close()
  }
  return {
    count: () => ears.size,
    add(ear) {
      if (ears.size >= listenersMax)
        throw new ProblemError(503, 'Too many pages are open', `At most ${listenersMax} are kept up to date at once`)
      ears.add(ear)
      watch ??= clock.every(eventsEveryMs, look)
      last ||= JSON.stringify(versions())
      ear.say(`retry: 2000\nevent: changed\ndata: ${JSON.stringify(versions())}\n\n`)
      return {
        [Symbol.dispose]() {
          ears.delete(ear)
          if (ears.size > 0) return
          watch?.[Symbol.dispose]()
          watch = null
        },
      }
    },
    close() {
      for (const ear of ears) ear.close()
    },
  }
}

/** `still`: throws once the person may listen no more; asked before each word. */
export function changesStream(ears: Ears, { still, signal }: { still: () => Actor; signal: AbortSignal }): Response {
  const encoder = new TextEncoder()
  let listening: Disposable | null = null
  const mayListen = (): boolean => {
    try {
      still()
      return true
    } catch {
      return false
    }
  }
  still()
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const close = (): void => {
        if (!listening) return
        listening[Symbol.dispose]()
        listening = null
        controller.close()
      }
      const say = (text: string): void => controller.enqueue(encoder.encode(text))
      listening = ears.add({ say, still: mayListen, close })
      signal.addEventListener('abort', close, { once: true })
    },
    cancel() {
      listening?.[Symbol.dispose]()
      listening = null
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' } })
}
