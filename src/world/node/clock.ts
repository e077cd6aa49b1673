// The real clock and randomness. Timers never hold the process open and never overflow.
import { randomFillSync } from 'node:crypto'
import type { Clock, Instant, Random } from '../world.ts'

const timerMaxMs = 2_147_483_647 // a longer setTimeout fires after 1 ms: CLK-04

export const clock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    for (let rest = ms; rest > 0 || rest === ms; rest -= timerMaxMs) await nap(Math.min(rest, timerMaxMs), signal)
  },
  every: (ms, work) => {
    const timer = setInterval(work, Math.min(ms, timerMaxMs))
    timer.unref()
    return { [Symbol.dispose]: () => clearInterval(timer) }
  },
}

function nap(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(reasonOf(signal))
    const stop = (): void => {
      clearTimeout(timer)
      reject(reasonOf(signal))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    timer.unref()
    signal?.addEventListener('abort', stop, { once: true })
  })
}

const reasonOf = (signal: AbortSignal | undefined): Error =>
  signal?.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal?.reason })

/** A pool, because a system call for ten octets costs more than the octets. */
export function randomPool(): Random {
  const pool = new Uint8Array(4096)
  let used = pool.length
  return {
    bytes: (count) => {
      if (count > pool.length) return randomFillSync(new Uint8Array(count))
      if (used + count > pool.length) {
        randomFillSync(pool)
        used = 0
      }
      used += count
      return pool.slice(used - count, used)
    },
  }
}

/** By the clock on the wall of this machine. */
export function minuteOfDay(at: Instant): number {
  const date = new Date(at)
  return date.getHours() * 60 + date.getMinutes()
}

/** In UTC, to the second: `2026-01-31T18:00:00Z`. */
export const isoTime = (at: Instant): string => `${new Date(at).toISOString().slice(0, 19)}Z`
