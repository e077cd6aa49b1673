// Octets that pass through a thread are garbage soon, but outside the heap, where the engine hardly sees them: it lets tens of
// megabytes gather before it looks. Who passes many says so here, and now and then the young ones are collected at once: a
// millisecond, and the same warm memory is used again. See decision 11.
import v8 from 'node:v8'
import vm from 'node:vm'

/** Octets after which the young are collected. */
const everyBytes = 16_777_216

type Collect = (options: { readonly type: 'minor' }) => void

const collect = exposed()
let passedBytes = 0

/** Counts for the calling thread. Cheap. */
export function noteOctets(bytes: number): void {
  passedBytes += bytes
  if (passedBytes < everyBytes) return
  passedBytes = 0
  collect?.({ type: 'minor' })
}

/** Node has no other door to it than the flag, which is seen by new contexts only. */
function exposed(): Collect | null {
  v8.setFlagsFromString('--expose-gc')
  const found: unknown = vm.runInNewContext('globalThis.gc')
  return typeof found === 'function' ? (found as Collect) : null // the engine's own
}
