// Acts on what is selected. Single ones go by their ids, whole groups by their name and the number that was seen: when a group
// has more or fewer by then, nothing of it is done.
import { call, type Answer } from '../../app/api.ts'
import { toast, toastError } from '../../app/toasts.svelte.ts'
import { queueTexts as t } from '../../texts/queue.ts'
import { countOf, type Selection } from './selection.ts'

export type Verb = 'retry' | 'hold' | 'release' | 'reroute' | 'drop' | 'bounce' | 'edit'
type Done = Answer<'queue.retry'>
export type By = 'destination' | 'reason'
export type More = { readonly route?: string; readonly lifetimeMs?: number }

const idsAtOnce = 1000

function asked(verb: Verb, target: object, more: More): Promise<Done> {
  const parameters = { ...target, ...more }
  if (verb === 'reroute') return call('queue.reroute', { route: '', ...parameters })
  if (verb === 'edit') return call('queue.edit', parameters)
  return call(`queue.${verb}`, target)
}

function targets({ ids, groups }: Selection, by: By): object[] {
  const all = [...ids]
  const found: object[] = []
  for (let i = 0; i < all.length; i += idsAtOnce) found.push({ ids: all.slice(i, i + idsAtOnce), yes: true })
  for (const [key, expected] of groups) found.push({ [by === 'destination' ? 'destination' : 'group']: key, expected })
  return found
}

/** Says what was done, with a way back where there is one. True when all of it was. */
export async function act(
  verb: Verb,
  selection: Selection,
  given: { by: By; more?: More; after: () => unknown },
): Promise<boolean> {
  const sum = { changed: 0, busy: 0, held: 0, ids: [] as string[] }
  let isWhole = true
  for (const target of targets(selection, given.by))
    try {
      const done = await asked(verb, target, given.more ?? {})
      sum.changed += done.changed
      sum.busy += done.busy
      sum.held += done.held
      sum.ids.push(...done.ids)
    } catch (error) {
      isWhole = false
      toastError(error)
    }
  if (sum.changed > 0) tell(verb, sum, given)
  await given.after()
  return isWhole
}

const words = {
  retry: 'didRetry',
  hold: 'didHold',
  release: 'didRelease',
  reroute: 'didReroute',
  drop: 'didDrop',
  bounce: 'didBounce',
  edit: 'didEdit',
} as const
const back: Partial<Record<Verb, Verb>> = { hold: 'release', release: 'hold' }

function tell(
  verb: Verb,
  { changed, busy, held, ids }: { changed: number; busy: number; held: number; ids: readonly string[] },
  given: { by: By; after: () => unknown },
): void {
  const undo = ids.length === changed ? back[verb] : undefined // more than the answer names cannot be taken back
  const run = (): unknown => undo && act(undo, { ids: new Set(ids), groups: new Map() }, given)
  const did = changed > held ? t()[words[verb]](changed - held) : ''
  const text = did + (held > 0 ? t().stillHeld(held) : '') + (busy > 0 ? t().busy(busy) : '')
  toast({ text, ...(undo && { act: { label: t().undo, run } }) })
}

export const isEmpty = (selection: Selection): boolean => countOf(selection) === 0
