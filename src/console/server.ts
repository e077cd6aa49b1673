// The console's listeners: the page, the API and the events over HTTP. On this machine plain, elsewhere over TLS. WEB-18
import type { Identity } from '#/world/node/tls.ts'
import { listenHttp } from '#/world/node/http.ts'
import { readPageFiles } from '#/world/node/page-files.ts'
import type { Listener } from '#/world/world.ts'
import { consoleApp, type AppParts } from './app.ts'
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
  let app: ReturnType<typeof consoleApp> | null = null // its files are read when somebody may ask for them
  return {
    pages: ears.count,
    close: () => ears.close(),
    listen({ address, port, tls }) {
      if (tls && !identity) throw new Error('there is no certificate')
      if (!tls && !isLoopback(address) && !settings.now().console.plainHttp)
        throw new Error('without TLS the console listens only on this machine; use consoles=, or set console.plainHttp')
      const { fetch } = (app ??= consoleApp({ ...parts, files: readPageFiles(), ears }))
      return listenHttp((request, peer) => fetch(request, { peer }), {
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

const isLoopback = (address: string): boolean =>
  address.startsWith('127.') || address === '::1' || address === 'localhost'
