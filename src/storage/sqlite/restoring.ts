// What the store does for backups, on SQLite. See ../restoring.ts.
import type { ContentFolder } from '../content.ts'
import { pageRowsMax } from '../limits.ts'
import type { ContentSum, Restored, Restoring } from '../restoring.ts'
import type { ReadName } from '../sql/reads.ts'
import type { Unit, Value } from '../work.ts'
import type { Raw } from './rows.ts'

type Parts = {
  readonly contents: Pick<ContentFolder, 'keep'>
  readonly run: (unit: Unit) => Promise<void>
  readonly scan: (run: ReadName, ...values: Value[]) => Promise<Raw[]>
}

export class SqliteRestoring implements Restoring {
  readonly #p: Parts

  constructor(parts: Parts) {
    this.#p = parts
  }

  keepFiles = (): Disposable => this.#p.contents.keep()

  async sums(mailbox: number): Promise<ContentSum[]> {
    const all: ContentSum[] = []
    for (let after = 0; ;) {
      const rows = await this.#p.scan('contentSums', mailbox, after, pageRowsMax)
      for (const row of rows)
        all.push({ uid: Number(row['uid']), sizeBytes: Number(row['size']), crc32: Number(row['crc']) })
      if (rows.length < pageRowsMax) return all
      after = all.at(-1)!.uid
    }
  }

  async restored(): Promise<Restored | null> {
    const row = (await this.#p.scan('restored'))[0]
    if (!row) return null
    return { backupAt: Number(row['backup_at']), restoredAt: Number(row['restored_at']), held: Number(row['held']) }
  }

  forgetRestored = (): Promise<void> => this.#p.run([{ run: 'dropRestored', with: [] }])
}
