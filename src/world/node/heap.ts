// How far the heap grows before all of it is collected: by itself to three times what is alive. Called by main. Decision 18.
import v8 from 'node:v8'
import vm from 'node:vm'

const byItself = 0
const againMs = 600_000
const quickBytesMax = 67_108_864 // 20 ms for 20 MB here: what is larger would keep everybody waiting for longer than 50 ms
const asked = new Map<object, number>() // by who asks: a system may run inside another
let collectedAt = -Infinity

/** By so much of what is alive; by itself again where `percent` is null. Of several who ask the least counts: little memory is held
 *  for later, and more time is spent on looking. An engine that does not know the flag goes on as before. */
export function growHeap(who: object, percent: number | null): void {
  const before = least()
  if (percent === null) asked.delete(who)
  else asked.set(who, percent)
  const now = least()
  if (now === before) return
  v8.setFlagsFromString(`--heap-growing-percent=${now === Infinity ? byItself : now}`)
  if (now < before) setImmediate(collectNow)
}

/** Infinity where nobody asks. */
const least = (): number => Math.min(...asked.values())

/** How far it may grow is reckoned when all of it was collected: the heap of before would first grow to three times its size. */
function collectNow(): void {
  if (performance.now() < collectedAt + againMs || v8.getHeapStatistics().used_heap_size > quickBytesMax) return
  collectedAt = performance.now()
  collectAll()
}

/** Now, in one piece. */
export function collectAll(): void {
  v8.setFlagsFromString('--expose-gc') // a context that is made from now on has it
  const collect = vm.runInNewContext('gc') as () => void
  collect()
}
