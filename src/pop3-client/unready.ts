// A collector that collects nothing yet.
import { CollectError, type Collector } from './types.ts'

const no = (): Promise<never> => Promise.reject(new CollectError('Nothing is collected yet'))
export const unready: Collector = {
  run: no,
  cancel: () => false,
  progress: () => [],
  test: no,
  browse: no,
  act: no,
  markAll: no,
  adopt: no,
  wake: () => undefined,
  start: () => undefined,
  drain: () => Promise.resolve(),
}
