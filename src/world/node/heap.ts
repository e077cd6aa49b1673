// How far the heap grows before all of it is collected: by itself to three times what is alive. Called by main. Decision 18.
import v8 from 'node:v8'

const slowPercent = 25
const byItself = 0

let slowOnes = 0 // who asked for it and has not ended: a system may run inside another

/** Slowly: by a quarter of what is alive, so that little memory is held for later and more time is spent on looking. An engine
 *  that does not know the flag goes on as before. */
export function growHeap({ slowly }: { readonly slowly: boolean }): void {
  slowOnes += slowly ? 1 : -1
  v8.setFlagsFromString(`--heap-growing-percent=${slowOnes > 0 ? slowPercent : byItself}`)
}
