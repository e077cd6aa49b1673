// API tokens, for programs: a selector that finds the row, and a secret that is kept as a hash. Each has its scopes, perhaps a
// mailbox that it is confined to, perhaps an end. Used by people.ts and operations. SX-04
import { createHash, timingSafeEqual } from 'node:crypto'
import type { NewToken, PeopleRows, TokenRow } from '#/storage/people.ts'
import type { World } from '#/world/world.ts'
import { appSelectorChars, tokenSecretChars, tokensMax, useNotedEveryMs } from './limits.ts'
import { secretLetters } from './secret-letters.ts'

type Parts = { readonly rows: PeopleRows; readonly world: Pick<World, 'clock' | 'random'> }

/** So that a token which strayed into a file or a log is known for what it is. */
const mark = 'ncm_'
const form = new RegExp(`^${mark}([a-z2-7]{${appSelectorChars}})[a-z2-7]{${tokenSecretChars}}$`)
const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url')

export class ApiTokens {
  readonly #p: Parts
  readonly #noted = new Map<string, number>()
  #rows = new Map<string, TokenRow>()

  static async open(parts: Parts): Promise<ApiTokens> {
    const tokens = new ApiTokens(parts)
    await tokens.reload()
    return tokens
  }

  private constructor(parts: Parts) {
    this.#p = parts
  }

  all = (): TokenRow[] => [...this.#rows.values()]

  async reload(): Promise<void> {
    this.#rows = new Map((await this.#p.rows.tokens()).map((row) => [row.selector, row]))
  }

  /** The text of the token, which is told once. @throws StoreError 'conflict' when the label is taken or there are too many */
  async add(token: Omit<NewToken, 'selector' | 'hash' | 'createdAt'>): Promise<string> {
    const { random, clock } = this.#p.world
    const selector = secretLetters(random, appSelectorChars)
    const text = mark + selector + secretLetters(random, tokenSecretChars)
    await this.#p.rows.addToken({ ...token, selector, hash: hashOf(text), createdAt: clock.now() }, tokensMax)
    await this.reload()
    return text
  }

  async remove(label: string): Promise<boolean> {
    const row = this.all().find((token) => token.label === label)
    if (!row) return false
    const removed = await this.#p.rows.removeToken(row.selector)
    await this.reload()
    return removed
  }

  /** The row of what a program shows, used now; null when it is none, or past its end. */
  find(text: string, from: string): TokenRow | null {
    const row = this.#rows.get(form.exec(text)?.[1] ?? '')
    if (!row || !timingSafeEqual(Buffer.from(row.hash), Buffer.from(hashOf(text)))) return null
    const now = this.#p.world.clock.now()
    if (row.expiresAt !== null && row.expiresAt <= now) return null
    this.#note(row, { now, from })
    return row
  }

  #note({ selector, ...row }: TokenRow, { now, from }: { now: number; from: string }): void {
    if (now - (this.#noted.get(selector) ?? 0) < useNotedEveryMs) return
    this.#noted.set(selector, now)
    this.#rows.set(selector, { selector, ...row, lastUsedAt: now, lastUsedFrom: from })
    this.#p.rows.noteToken(selector, now, from).catch(() => undefined) // a note, not a promise
  }
}
