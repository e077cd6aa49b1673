// Exceptions to the default routes, as an operator changes them. Numbers count from 1, in the order of the list.
import { z } from 'zod'
import { routeSchema, type AlternateRow, type RouteRow } from '#/config/relay-tables.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'

export const routeRequest = z.strictObject({
  recipient: z.string().optional(),
  sender: z.string().optional(),
  client: z.string().optional(),
  routes: z.array(z.string()),
})
export type RouteRequest = z.infer<typeof routeRequest>

export type ShownRoute = RouteRow['match'] & { readonly number: number; readonly routes: readonly string[] }

export const listRoutes = ({ relay }: Context): Promise<readonly ShownRoute[]> =>
  Promise.resolve(relay.routes().map(shownRoute))

export const shownRoute = ({ match, routes }: RouteRow, i: number): ShownRoute => ({ number: i + 1, ...match, routes })

export async function addRoute({ relay }: Context, request: RouteRequest): Promise<ShownRoute> {
  const row = completeRoute(request, relay.alternates())
  const rows = relay.routes()
  const same = rows.findIndex((one) => matchKey(one) === matchKey(row))
  if (same >= 0) throw new OperationError(`Route ${same + 1} is for the same mail: remove it first`)
  await relay.putRoutes([...rows, row])
  return shownRoute(row, rows.length)
}

export async function removeRoute({ relay }: Context, { number }: { number: number }): Promise<{ removed: number }> {
  const rows = relay.routes()
  checkNumber(rows, number)
  await relay.putRoutes(rows.filter((_row, i) => i !== number - 1))
  return { removed: number }
}

export async function moveRoute(
  { relay }: Context,
  { number, to }: { number: number; to: number },
): Promise<readonly ShownRoute[]> {
  const rows = relay.routes()
  checkNumber(rows, number)
  checkNumber(rows, to)
  const others = rows.filter((_row, i) => i !== number - 1)
  await relay.putRoutes(others.toSpliced(to - 1, 0, rows[number - 1]!))
  return relay.routes().map(shownRoute)
}

function checkNumber(rows: readonly RouteRow[], number: number): void {
  if (number > rows.length) throw new OperationError(`There is no route ${number}; route list numbers them`)
}

/** What tells one exception from another. */
export const matchKey = ({ match: { recipient, sender, client } }: RouteRow): string =>
  JSON.stringify([recipient, sender, client])

/** The row as it is kept. @throws OperationError saying what is wrong */
export function completeRoute(
  { routes, ...parties }: RouteRequest,
  alternates: ReadonlyMap<string, AlternateRow>,
): RouteRow {
  const match = Object.entries(parties).flatMap(([side, text]) =>
    text === undefined ? [] : [[side, side === 'client' ? text : text.toLowerCase()]],
  )
  const result = routeSchema.safeParse({ match: Object.fromEntries(match) as object, routes })
  if (!result.success) throw new OperationError(result.error.issues.map(({ message }) => message).join('; '))
  for (const route of routes) {
    const name = route.startsWith('alternate:') ? route.slice('alternate:'.length) : null
    if (name !== null && !alternates.has(name))
      throw new OperationError(`There is no alternate server ${name}; alternate list shows them`)
  }
  return result.data
}
