// The access list as somebody looks at it, with what has just decided, and whether strangers could forward.
import { call, type Answer } from '../../app/api.ts'
import { count } from '../../app/format.ts'
import { language } from '../../app/texts.svelte.ts'
import { toast } from '../../app/toasts.svelte.ts'
import { accessTexts as t } from '../../texts/access.ts'

export type Entry = Answer<'access.list'>[number]
export type Meaning = Answer<'access.meaning'>

class AccessList {
  rows = $state.raw<readonly Entry[] | null>(null)
  openness = $state.raw<Answer<'access.openness'> | null>(null)
  /** The row that decided the tester's question; 0: everyone else. */
  picked = $state<number | null>(null)

  async load(): Promise<void> {
    const [rows, openness] = await Promise.all([call('access.list'), call('access.openness')])
    this.rows = rows
    this.openness = openness
  }
  placeOf = (id: number): number => this.rows?.find((row) => row.id === id)?.place ?? 0
}

export const accessList = new AccessList()

/** After a change: what became of the entry, and of the server's safety. */
export async function toastChanged(words: string): Promise<void> {
  await accessList.load()
  const open = accessList.openness?.strangers !== null
  toast({ shape: open ? 'problem' : 'ok', text: `${words} ${open ? t().openTitle : t().closed}.` })
}

/** In the language of the page. */
export function meaningWords(meaning: Meaning): string {
  if (!meaning.ok) return meaning.problem
  const { is, first, last, count: many, name } = meaning
  if (is === 'everyone') return t().everyone
  if (is === 'host') return t().host(name ?? '')
  if (is === 'under') return t().under(name ?? '')
  if (is === 'address') return t().one
  return (many ?? '').length > 12
    ? t().network(first ?? '', last ?? '')
    : t().many(count(Number(many), language()), first ?? '', last ?? '')
}
