// The file that holds the token of the one-time set-up link: of this user only, in the data folder. Opened by main and the
// command line.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type SetupFileOnDisk = { read(): string | null; write(text: string): void; remove(): void }

export function setupFile(folder: string): SetupFileOnDisk {
  const file = join(folder, 'setup-token')
  return {
    read() {
      try {
        return readFileSync(file, 'latin1').trim()
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
        throw error
      }
    },
    write(text) {
      rmSync(file, { force: true }) // a file of another mode would keep it
      writeFileSync(file, `${text}\n`, { mode: 0o600, flag: 'wx' })
    },
    remove: () => rmSync(file, { force: true }),
  }
}
