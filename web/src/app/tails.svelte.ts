// What stands at the end of an entry of the sidebar: a count, or the shape of a state with its words.
import type { Shape } from '../parts/shapes.ts'

export type Tail = number | { readonly shape: Shape; readonly label: string }
let current = $state.raw<ReadonlyMap<string, Tail>>(new Map())

/** By the address of the entry. */
export const tails = (): ReadonlyMap<string, Tail> => current
export const setTails = (next: ReadonlyMap<string, Tail>): void => void (current = next)
