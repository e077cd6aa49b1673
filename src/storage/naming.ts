// A finished file gets its name. Whoever looks at files, a virus scanner say, may hold one for a moment, and some systems then
// refuse to rename it: it is tried again shortly. Called by content.ts, when the file is closed and no row names it. QU-04
import { rename } from 'node:fs/promises'
import { clock } from '#/world/node/clock.ts'
import { nameAgainMs } from './limits.ts'
import { StoreError } from './store.ts'

export type Rename = (from: string, to: string) => Promise<void>

const passing: ReadonlySet<string | undefined> = new Set(['EPERM', 'EACCES', 'EBUSY'])

/** @throws StoreError when somebody holds the file for too long: this message is not taken, and the disk is as it should be. */
export async function nameFile(from: string, to: string, again: Rename = rename): Promise<void> {
  for (const waitMs of [...nameAgainMs, null])
    try {
      return await again(from, to)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (!passing.has(code)) throw error
      if (waitMs === null) throw new StoreError('failed', message, { cause: error })
      await clock.sleep(waitMs)
    }
}
