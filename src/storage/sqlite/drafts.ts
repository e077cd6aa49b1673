// Drafts, their attachments and the copies of sent messages, on SQLite. Files go when no row names their content any more; a
// crash in between leaves them to the sweep of the next start.
import type { MessageKey } from '#/message/key.ts'
import type { Content } from '#/message/content.ts'
import type { Draft, DraftFile, DraftRow, Drafts, Page, SentRow, Writer, WrittenMark } from '../drafts.ts'
import { contentsOfDraft } from '../draft-units.ts'
import type { ReadName } from '../sql/reads.ts'
import type { Unit, Value } from '../work.ts'
import * as rows from './rows.ts'

export type DraftParts = {
  /** False, and nothing is changed, when the unit breaks its expectations. */
  readonly held: (unit: Unit) => Promise<boolean>
  readonly rows: (run: ReadName, ...parameters: Value[]) => Promise<rows.Raw[]>
  readonly removeFile: (name: string) => void
  readonly contentId: () => number
}

export class SqliteDrafts implements Drafts {
  readonly #p: DraftParts

  constructor(parts: DraftParts) {
    this.#p = parts
  }

  add = ({ id, owner, at, fields }: Parameters<Drafts['add']>[0], max: number): Promise<boolean> =>
    this.#p.held([{ run: 'addDraft', with: [id, owner, at, fields, max], changes: 1 }])
  put = ({ id, version, at, fields }: Parameters<Drafts['put']>[0]): Promise<boolean> =>
    this.#p.held([{ run: 'putDraft', with: [id, version, at, fields], changes: 1 }])

  async find(id: string): Promise<Draft | undefined> {
    return (await this.#withFiles(await this.#drafts('draft', id)))[0]
  }

  list = async (owner: Writer, { after, limit }: Page): Promise<Draft[]> =>
    this.#withFiles(await this.#drafts('drafts', owner, after, limit))
  leaving = (owner: Writer, limit: number): Promise<DraftRow[]> => this.#drafts('leavingDrafts', owner, limit)
  ofMessage = async (message: string): Promise<DraftRow | undefined> =>
    (await this.#drafts('draftOfMessage', message))[0]

  async remove(id: string): Promise<boolean> {
    const files = await this.#files([id])
    const done = await this.#p.held([...contentsOfDraft(id), { run: 'dropDraft', with: [id], changes: 1 }])
    if (done) this.#removeFiles(files)
    return done
  }

  async attach(draft: string, { id, name, type }: Parameters<Drafts['attach']>[1], content: Content): Promise<boolean> {
    const { sizeBytes, crc32, file, chunks } = content
    const n = this.#p.contentId()
    const done = await this.#p.held([
      { run: 'countFile', with: [draft], changes: 1 },
      { run: 'addContent', with: [n, 1, sizeBytes, crc32, file, chunks?.[0] ?? null] },
      { run: 'addDraftFile', with: [draft, id, name, type, n, sizeBytes] },
    ])
    if (!done) this.#removeFiles([{ file }])
    return done
  }

  async detach(draft: string, file: string): Promise<boolean> {
    const gone = (await this.#files([draft])).filter(({ id }) => id === file)
    const done = await this.#p.held([
      { run: 'countFile', with: [draft], changes: 1 },
      { run: 'dropFileContent', with: [draft, file] },
      { run: 'dropDraftFile', with: [draft, file], changes: 1 },
    ])
    if (done) this.#removeFiles(gone)
    return done
  }

  async prune(): Promise<void> {
    for (const { id, message } of await this.#p.rows('leftDrafts')) {
      const files = await this.#files([String(id)])
      const left = { run: 'dropLeftDraft', with: [String(id), String(message)], changes: 1 } as const
      if (await this.#p.held([...contentsOfDraft(String(id)), left])) this.#removeFiles(files)
    }
  }

  sent = async (owner: Writer, { after, limit }: Page): Promise<SentRow[]> =>
    (await this.#p.rows('sent', owner, after, limit)).map(rows.sentOf)
  sentMessage = async (owner: Writer, message: string): Promise<SentRow | undefined> =>
    (await this.#p.rows('sentMessage', owner, message)).map(rows.sentOf)[0]
  messageOf = async (owner: Writer, draft: string): Promise<MessageKey | undefined> =>
    (await this.#p.rows('sentOfDraft', owner, draft)).map((row) => String(row['message']) as MessageKey)[0] // as written

  async removeSent(owner: Writer, message: string): Promise<boolean> {
    const [row] = await this.#p.rows('sentMessage', owner, message)
    if (!row) return false
    const done = await this.#p.held([
      { run: 'dropSentContent', with: [message] },
      { run: 'unrefSentContent', with: [message] },
      { run: 'dropSentOf', with: [message], changes: 1 },
    ])
    if (done && row['refs'] === 1) this.#removeFiles([rows.sentOf(row)])
    return done
  }

  async bytes(owner: Writer): Promise<number> {
    return Number((await this.#p.rows('writtenBytes', owner))[0]?.['bytes'])
  }

  /** What is to be done when the message of a draft has been accepted. */
  async behind(written: WrittenMark): Promise<() => void> {
    if (written.leavesAt !== null) return () => undefined
    const files = await this.#files([written.draft.id])
    return () => this.#removeFiles(files)
  }

  async #drafts(run: ReadName, ...parameters: Value[]): Promise<DraftRow[]> {
    return (await this.#p.rows(run, ...parameters)).map(rows.draftOf)
  }

  async #withFiles(drafts: readonly DraftRow[]): Promise<Draft[]> {
    const files = Map.groupBy(await this.#files(drafts.map(({ id }) => id)), ({ draft }) => draft)
    return drafts.map((row) => ({ ...row, attached: files.get(row.id) ?? [] }))
  }

  async #files(drafts: readonly string[]): Promise<(DraftFile & { draft: string })[]> {
    if (drafts.length === 0) return []
    return (await this.#p.rows('draftFiles', JSON.stringify(drafts))).map(rows.draftFileOf)
  }

  #removeFiles(files: readonly Pick<DraftFile, 'file'>[]): void {
    for (const { file } of files) if (file !== null) this.#p.removeFile(file)
  }
}
