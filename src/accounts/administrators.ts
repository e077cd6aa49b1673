// The administrators, in memory and in the store; their names and passwords. Used by people.ts and operations.
import type { AdministratorRow, PeopleRows } from '#/storage/people.ts'
import type { World } from '#/world/world.ts'
import { administratorNameCharsMax, administratorPasswordCharsMin } from './limits.ts'
import { argon2Of, passwordProblem } from './passwords.ts'

export type NamedPassword = { readonly name: string; readonly password: string }
type Parts = { readonly rows: PeopleRows; readonly world: Pick<World, 'clock'> }

const nameForm = new RegExp(`^[\\p{L}\\p{N}][\\p{L}\\p{M}\\p{N}._@-]{0,${administratorNameCharsMax - 1}}$`, 'u')

/** As it is kept, however it is typed. */
export const administratorName = (typed: string): string => typed.normalize('NFC').trim().toLowerCase()

/** What is wrong with a name or a password of an administrator, or null. */
export function administratorProblem({ name, password }: NamedPassword): string | null {
  if (!nameForm.test(administratorName(name)))
    return `A name has letters, digits and . _ @ -, at most ${administratorNameCharsMax} of them`
  const chars = Array.from(password.normalize('NFC'))
  if (chars.length < administratorPasswordCharsMin)
    return `The password of an administrator has at least ${administratorPasswordCharsMin} characters: four words are better than one with digits`
  const besideName = password.toLowerCase().replaceAll(administratorName(name), '')
  if (new Set(chars).size < 4 || besideName.length < administratorPasswordCharsMin / 2)
    return 'This password is guessed at once: take several words that have nothing to do with the name'
  return passwordProblem(password)
}

export class Administrators {
  readonly #p: Parts
  #rows = new Map<string, AdministratorRow>()

  static async open(parts: Parts): Promise<Administrators> {
    const administrators = new Administrators(parts)
    await administrators.reload()
    return administrators
  }

  private constructor(parts: Parts) {
    this.#p = parts
  }

  all = (): AdministratorRow[] => [...this.#rows.values()]
  find = (typed: string): AdministratorRow | undefined => this.#rows.get(administratorName(typed))

  async reload(): Promise<void> {
    this.#rows = new Map((await this.#p.rows.administrators()).map((row) => [row.name, row]))
  }

  /** `only: 'first'`: unless there is one already. @throws StoreError 'conflict' */
  async add({ name, password }: NamedPassword, only: 'first' | 'more'): Promise<void> {
    const { rows, world } = this.#p
    const row = { name: administratorName(name), argon2: await argon2Of(password), createdAt: world.clock.now() }
    await (only === 'first' ? rows.addFirstAdministrator(row) : rows.addAdministrator(row))
    await this.reload()
  }

  /** The new hash. @throws StoreError 'conflict' when there is none of this name */
  async setPassword({ name, password }: NamedPassword): Promise<string> {
    const argon2 = await argon2Of(password)
    await this.#p.rows.setAdministratorPassword(administratorName(name), argon2)
    await this.reload()
    return argon2
  }

  async remove(name: string): Promise<boolean> {
    const removed = await this.#p.rows.removeAdministrator(administratorName(name))
    await this.reload()
    return removed
  }

  async noteLogin(name: string, from: string): Promise<void> {
    await this.#p.rows.noteAdministrator(name, this.#p.world.clock.now(), from)
    await this.reload()
  }
}
