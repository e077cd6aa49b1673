// The keys of the queue: j k next and previous, x select, Shift+x range, Enter open, r retry, h hold or release.
import { onKeys } from '../../app/keys.ts'
import { act, isEmpty, type By, type Verb } from './acts.ts'
import type { Selection } from './selection.ts'

export type KeyParts = {
  readonly table: () => HTMLTableElement | undefined
  readonly pick: (id: string, range: boolean) => void
  readonly selection: () => Selection
  readonly by: () => By
  readonly after: () => unknown
}

/** Call what it gives when the table goes. */
export function queueKeys({ table, pick, selection, by, after }: KeyParts): () => void {
  const rows = (): HTMLElement[] => [...(table()?.querySelectorAll<HTMLElement>('tr[data-row]') ?? [])]
  const current = (): HTMLElement | null => document.activeElement?.closest<HTMLElement>('tr[data-row]') ?? null
  const move = (by_: number): void => {
    const all = rows()
    const here = current()
    const at = here ? all.indexOf(here) + by_ : 0
    all[Math.max(0, Math.min(all.length - 1, at))]?.querySelector<HTMLElement>('[data-open]')?.focus()
  }
  const select = (range: boolean): void => {
    const id = current()?.dataset['row']
    if (id !== undefined) pick(id, range)
  }
  /** What is selected, or the row with the focus. */
  const run = (verb: Verb): void => {
    const id = current()?.dataset['row']
    const chosen = selection()
    if (!isEmpty(chosen)) void act(verb, chosen, { by: by(), after })
    else if (id !== undefined) void act(verb, { ids: new Set([id]), groups: new Map() }, { by: by(), after })
  }
  const isHeld = (): boolean => current()?.querySelector('.pill')?.getAttribute('data-st') === 'held'
  return onKeys({
    j: () => move(1),
    k: () => move(-1),
    x: () => select(false),
    X: () => select(true),
    r: () => run('retry'),
    h: () => run(isHeld() ? 'release' : 'hold'),
  })
}
