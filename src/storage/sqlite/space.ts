// Looks each second whether the disk has room above the reserve, and says in the log when that changes.
import { statfsSync } from 'node:fs'
import type { World } from '#/world/world.ts'

export type Space = Disposable & { hasRoom(): boolean }
type Parts = {
  readonly folder: string
  readonly world: Pick<World, 'clock' | 'log'>
  readonly reserveBytes: () => number
}

const lookEveryMs = 1000

export function watchSpace({ folder, world, reserveBytes }: Parts): Space {
  let room = true
  const look = (): void => {
    const freeBytes = freeOf(folder)
    const now = freeBytes > reserveBytes()
    if (room && !now) world.log.error('store.full', { freeBytes })
    if (!room && now) world.log.info('store.room', { freeBytes })
    room = now
  }
  look()
  const timer = world.clock.every(lookEveryMs, look)
  return { hasRoom: () => room, [Symbol.dispose]: () => timer[Symbol.dispose]() }
}

/** Endless on a file system that does not tell. */
function freeOf(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
