// Which routes of its ladder a delivery takes in this attempt. Pure. Of walk.ts, and of batches.ts, which puts together only
// what walks the same way.
import type { Memo } from '#/storage/queue.ts'
import type { RelayRoute } from './routes.ts'
import { routeName } from './walk-types.ts'

/** From the rung where it stands; what was chosen by hand or may have arrived goes nowhere else. RO-17. A rung that the
 *  operator took away counts as none. RO-34 */
export function rungsOf(routes: readonly RelayRoute[], memo: Memo): readonly RelayRoute[] {
  if (memo.route === undefined && memo.onceRoute === undefined && memo.uncertain === undefined) return routes
  const at = (name: string | undefined): number => routes.findIndex((route) => routeName(route) === name)
  const sole = [at(memo.onceRoute), at(memo.uncertain?.route)].find((index) => index >= 0)
  return sole === undefined ? routes.slice(Math.max(0, at(memo.route))) : [routes[sole]!]
}
