// What will happen on Send as stations: recipients that share a way stand together. Pure.
import type { Recipient } from './writing.svelte.ts'

export type Stop =
  | { readonly is: 'here'; readonly whom: readonly string[]; readonly mailboxes: readonly string[] }
  | { readonly is: 'discarded'; readonly whom: readonly string[] }
  | {
      readonly is: 'out'
      readonly whom: readonly string[]
      readonly ways: Recipient['ways']
      readonly host: string | null
    }
  | { readonly is: 'waits'; readonly whom: readonly string[]; readonly why: string }
  | { readonly is: 'problem'; readonly whom: readonly string[]; readonly why: string }

export function stopsOf(recipients: readonly Recipient[]): Stop[] {
  const alike = Map.groupBy(recipients, kindOf)
  return [...alike.values()]
    .map((group) => stopOf(group[0]!, namesOf(group), group))
    .toSorted((a, b) => rank(a) - rank(b))
}

const kindOf = ({ is, problem, waits, ways, host }: Recipient): string =>
  JSON.stringify(is === 'local' ? [is, problem] : [is, problem, waits, ways, host])

/** Each address once, whatever fields it stands in. */
const namesOf = (group: readonly Recipient[]): string[] => [
  ...new Set(group.map(({ address, text }) => (address ?? text).toLowerCase())),
]

function stopOf(one: Recipient, whom: readonly string[], group: readonly Recipient[]): Stop {
  const { is, problem, waits, ways, host } = one
  if (problem !== null) return { is: 'problem', whom, why: problem }
  if (waits !== null) return { is: 'waits', whom, why: waits }
  if (is === 'local') return { is: 'here', whom, mailboxes: [...new Set(group.flatMap(({ mailboxes }) => mailboxes))] }
  if (is === 'discarded') return { is, whom }
  return { is: 'out', whom, ways, host }
}

const order = ['here', 'discarded', 'out', 'waits', 'problem']
const rank = ({ is }: Stop): number => order.indexOf(is)
