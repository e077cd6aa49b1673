// Who was answered while the owner of a mailbox is away, on SQLite.
import type { AwayAnswers } from '../away.ts'
import type { ReadName } from '../sql/reads.ts'
import type { Value } from '../work.ts'
import type { Raw } from './rows.ts'

type Rows = (run: ReadName, ...parameters: Value[]) => Promise<Raw[]>

export class SqliteAway implements AwayAnswers {
  readonly #rows: Rows

  constructor({ rows }: { readonly rows: Rows }) {
    this.#rows = rows
  }

  answered: AwayAnswers['answered'] = async (mailbox, sender, since) => {
    const [row] = await this.#rows('answered', mailbox, sender, since)
    return { lastAt: (row?.['last_at'] as number | null | undefined) ?? null, lately: Number(row?.['lately'] ?? 0) } // STRICT column
  }
}
