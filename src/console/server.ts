// The console's listeners: the page, the API and the events over HTTP. On this machine plain, elsewhere over TLS. WEB-18
import type { Identity } from '#/world/node/tls.ts'
import type { Peer } from '#/world/node/http.ts'
import type { Listener } from '#/world/world.ts'
import { loadTable } from '#/operations/load-table.ts'
import type { AppParts } from './app.ts'
import { openEars } from './events.ts'
import { headerBytesMax, headersMs, requestMs } from './limits.ts'

export type Console = {
  /** `tls`: over TLS. @throws when the port is busy, or when a plain listener would be open to other machines */
  listen(on: { address: string; port: number; tls: boolean }): Promise<Listener>
  /** Pages that are open and listen. */
  readonly pages: () => number
  close(): void
}

export function consoleServer({
  identity,
  ...parts
}: Omit<AppParts, 'files' | 'ears'> & { readonly identity: Identity | null }): Console {
  const { store, world, settings } = parts.context
  const ears = openEars(() => store.versions, world.clock)
  let app: ReturnType<typeof openApp> | null = null // when somebody asks: many servers run for months without a page
  return {
    pages: ears.count,
    close: () => ears.close(),
    async listen({ address, port, tls }) {
      if (tls && !identity) throw new Error('there is no certificate')
      if (!tls && !isLoopback(address) && !settings.now().console.plainHttp)
        throw new Error('without TLS the console listens only on this machine; use consoles=, or set console.plainHttp')
      const answer = async (request: Request, peer: Peer): Promise<Response> =>
        (await (app ??= openApp({ ...parts, ears }))).fetch(request, { peer })
      const { listenHttp } = await import('#/world/node/http.ts')
      return listenHttp(answer, {
        address,
        port,
        identity: tls ? identity : null,
        headerBytesMax,
        headersMs,
        requestMs,
      })
    },
  }
}

/** What answers, with every operation and the files of the page. One import after the other: mail goes on between them. */
async function openApp(parts: Omit<AppParts, 'files'>): Promise<{ fetch: Fetch }> {
  await loadTable(parts.context.world.clock)
  const { consoleApp } = await import('./app.ts')
  const { readPageFiles } = await import('#/world/node/page-files.ts')
  return consoleApp({ ...parts, files: readPageFiles() })
}

type Fetch = (request: Request, env: { peer: Peer }) => Response | Promise<Response>

const isLoopback = (address: string): boolean =>
  address.startsWith('127.') || address === '::1' || address === 'localhost'
