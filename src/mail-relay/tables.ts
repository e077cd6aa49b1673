// The alternate servers and the exceptions to the default routes as they are now, read from the store once per change.
// Opened by main and the command line; read by the engine at each attempt, changed by operations and by renewed tokens.
import type { z } from 'zod'
import { alternateSchema, routeSchema, type AlternateRow, type RouteRow } from '#/config/relay-tables.ts'
import type { Store } from '#/storage/store.ts'

export interface RelayTables {
  alternates(): ReadonlyMap<string, AlternateRow>
  routes(): readonly RouteRow[]
  /** Sentences about rows that cannot be read, which are left out. */
  problems(): readonly string[]
  /** These resolve when the change is durable and seen. */
  putAlternate(row: AlternateRow): Promise<void>
  removeAlternate(name: string): Promise<boolean>
  putRoutes(rows: readonly RouteRow[]): Promise<void>
}

type RelayStore = Pick<Store, 'alternates' | 'putAlternate' | 'removeAlternate' | 'routes' | 'putRoutes'>

/** @throws StoreError when they cannot be read. */
export async function openRelayTables(store: RelayStore): Promise<RelayTables> {
  let now = await read(store)
  const changed = async <T>(change: Promise<T>): Promise<T> => {
    const result = await change
    now = await read(store)
    return result
  }
  return {
    alternates: () => now.alternates,
    routes: () => now.routes,
    problems: () => now.problems,
    putAlternate: (row) => changed(store.putAlternate(row.name, JSON.stringify(row))),
    removeAlternate: (name) => changed(store.removeAlternate(name)),
    putRoutes: (rows) => changed(store.putRoutes(rows.map((row) => JSON.stringify(row)))),
  }
}

type Tables = {
  readonly alternates: ReadonlyMap<string, AlternateRow>
  readonly routes: readonly RouteRow[]
  readonly problems: readonly string[]
}

async function read(store: RelayStore): Promise<Tables> {
  const problems: string[] = []
  const parsed = <T>(schema: z.ZodType<T>, json: string, what: string): T[] => {
    const row = schema.safeParse(JSON.parse(json))
    if (row.success) return [row.data]
    problems.push(`${what} cannot be read and is not used: ${row.error.issues[0]?.message ?? ''}`)
    return []
  }
  const servers = (await store.alternates()).flatMap(({ name, value }) =>
    parsed(alternateSchema, value, `The alternate server ${name}`),
  )
  const routes = (await store.routes()).flatMap((json, i) => parsed(routeSchema, json, `Route ${i + 1}`))
  return { alternates: new Map(servers.map((row) => [row.name, row])), routes, problems }
}
