// Browsers that are signed in. What a browser shows is 256 random bits, kept as a hash; a session is bound to the password
// that began it, ends when it is not used and at its last day, and the store of them is bounded. Used by people.ts. WEB-05
import { createHash } from 'node:crypto'
import type { PeopleRows, SessionRow } from '#/storage/people.ts'
import type { World } from '#/world/world.ts'
import { agentCharsMax, sessionBytes, sessionIdleMs, sessionLifeMs, sessionsMax, sessionsOfOneMax } from './limits.ts'
import { useNotedEveryMs } from './limits.ts'

type Holder = Pick<SessionRow, 'administrator' | 'mailbox'>
type Parts = { readonly rows: PeopleRows; readonly world: Pick<World, 'clock' | 'random'> }

/** What a session remembers of a password: of another one it is another. */
export const credentialOf = (argon2: string): string => sha256(`credential ${argon2}`)
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

export class ConsoleSessions {
  readonly #p: Parts
  readonly #sessions = new Map<string, SessionRow>() // the one used least lately first
  readonly #noted = new Map<string, number>()

  static async open(parts: Parts): Promise<ConsoleSessions> {
    const sessions = new ConsoleSessions(parts)
    for (const row of (await parts.rows.sessions()).toReversed()) sessions.#sessions.set(row.id, row)
    await sessions.#drop(sessions.all().filter((row) => !sessions.#isAlive(row)))
    return sessions
  }

  private constructor(parts: Parts) {
    this.#p = parts
  }

  /** Latest first. */
  all = (): SessionRow[] => [...this.#sessions.values()].toReversed()

  /** `text` is for the browser, and nowhere else. */
  async begin(
    who: Holder & Pick<SessionRow, 'credential'>,
    { from, agent }: Pick<SessionRow, 'from' | 'agent'>,
  ): Promise<{ text: string; row: SessionRow }> {
    const text = Buffer.from(this.#p.world.random.bytes(sessionBytes)).toString('base64url')
    const now = this.#p.world.clock.now()
    const row = { ...who, id: sha256(text), createdAt: now, seenAt: now, from, agent: agent.slice(0, agentCharsMax) }
    await this.#drop(this.#leaving(who))
    await this.#p.rows.addSession(row)
    this.#sessions.set(row.id, row)
    return { text, row }
  }

  /** The session of what a browser shows, used now; null when it is none. */
  find(text: string, from: string): SessionRow | null {
    const known = this.#sessions.get(sha256(text))
    if (!known || !this.#isAlive(known)) return null
    const row = { ...known, seenAt: this.#p.world.clock.now(), from }
    this.#sessions.delete(row.id)
    this.#sessions.set(row.id, row)
    this.#note(row)
    return row
  }

  async end(ids: readonly string[]): Promise<boolean> {
    const rows = ids.flatMap((id) => this.#sessions.get(id) ?? [])
    await this.#drop(rows)
    return rows.length > 0
  }

  /** Of what a browser shows. */
  endShown = (text: string): Promise<boolean> => this.end([sha256(text)])

  /** The session that changed its person's password stays. */
  async rebind(id: string, credential: string): Promise<void> {
    const row = this.#sessions.get(id)
    if (!row) return
    await this.#p.rows.rebindSession(id, credential)
    this.#sessions.set(id, { ...row, credential })
  }

  /** Those that make room for one more of this person. */
  #leaving(who: Holder): SessionRow[] {
    const dead = this.all().filter((row) => !this.#isAlive(row))
    const theirs = this.all().filter((row) => row.administrator === who.administrator && row.mailbox === who.mailbox)
    const leaving = new Set([...dead, ...theirs.slice(sessionsOfOneMax - 1)])
    if (this.#sessions.size - leaving.size >= sessionsMax) leaving.add(this.all().at(-1)!)
    return [...leaving]
  }

  async #drop(rows: readonly SessionRow[]): Promise<void> {
    if (rows.length === 0) return
    for (const { id } of rows) {
      this.#sessions.delete(id)
      this.#noted.delete(id)
    }
    await this.#p.rows.removeSessions(rows.map(({ id }) => id))
  }

  #isAlive({ createdAt, seenAt }: SessionRow): boolean {
    const now = this.#p.world.clock.now()
    return now < seenAt + sessionIdleMs && now < createdAt + sessionLifeMs
  }

  #note({ id, seenAt, createdAt, from }: SessionRow): void {
    if (seenAt - (this.#noted.get(id) ?? createdAt) < useNotedEveryMs) return
    this.#noted.set(id, seenAt)
    this.#p.rows.noteSession(id, seenAt, from).catch(() => undefined) // a note, not a promise
  }
}
