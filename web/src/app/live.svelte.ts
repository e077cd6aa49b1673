// What changed on the server, without asking for it: one line is open while the page is; screens load again what they show.
import { ApiError } from './api.ts'
import type { Topic, Versions } from '../../../src/storage/topics.ts'

let versions = $state<Versions | null>(null)
let since = $state<number | null>(null)

export const live = {
  /** When the connection was lost; null while it stands. */
  get lostAt() {
    return since
  },
}

/** Keeps the line open until the returned function is called. */
export function listen(): () => void {
  const source = new EventSource('/api/v1/events')
  source.addEventListener('open', () => (since = null))
  source.addEventListener('error', () => (since ??= Date.now()))
  source.addEventListener('changed', (event) => {
    versions = JSON.parse(String((event as MessageEvent).data)) as Versions // written by console/events.ts
  })
  return () => source.close()
}

const restMs = 1000
/** Nobody is signed in, or no connection: the page shows both already. */
const isShown = (error: unknown): boolean => error instanceof ApiError && (error.status === 401 || error.status === 0)

/** Runs `reload` at once and again when one of the topics changed: one at a time, at most once a second, and only while the
 *  page is looked at. Call it while a component is made. */
export function onChanged(topics: readonly Topic[], reload: () => unknown): void {
  let busy = false
  let again = false
  let gone = false // what is under way may end behind it, and somebody else may be signed in by then
  const work = async (): Promise<void> => {
    if (gone) return
    if (busy || document.hidden) {
      again = true
      return
    }
    busy = true
    again = false
    try {
      await reload()
    } catch (error) {
      if (!gone && !isShown(error)) throw error
    } finally {
      setTimeout(() => {
        busy = false
        if (again) void work()
      }, restMs)
    }
  }
  const seen = $derived(versions && topics.map((topic) => versions![topic]).join(' '))
  $effect(() => {
    void seen
    void work()
  })
  $effect(() => {
    const shown = (): void => void (!document.hidden && again && work())
    document.addEventListener('visibilitychange', shown)
    return () => {
      gone = true
      document.removeEventListener('visibilitychange', shown)
    }
  })
}
