// How far the heap grows before all of it is collected: by itself to three times what is alive. Called by main. Decision 18.
import v8 from 'node:v8'

const byItself = 0
const asked = new Map<object, number>() // by who asks: a system may run inside another

/** By so much of what is alive; by itself again where `percent` is null. Of several who ask the least counts: little memory is held
 *  for later, and more time is spent on looking. An engine that does not know the flag goes on as before. */
export function growHeap(who: object, percent: number | null): void {
  if (percent === null) asked.delete(who)
  else asked.set(who, percent)
  v8.setFlagsFromString(`--heap-growing-percent=${asked.size > 0 ? Math.min(...asked.values()) : byItself}`)
}
