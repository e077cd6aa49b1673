// Figures and health for machines, on localhost only: GET /metrics (Prometheus), GET /health (200 or 503, JSON in words).
import { createServer, type ServerResponse } from 'node:http'
import type { AccountStatus } from '#/config/remote-accounts.ts'
import type { Store } from '#/storage/store.ts'
import type { Instant } from '#/world/world.ts'

export type Sources = {
  readonly store: Store
  readonly now: () => Instant
  readonly sessions: () => { readonly smtp: number; readonly pop3: number }
  readonly problems: () => readonly string[]
  readonly accounts: () => readonly { readonly paused: boolean; readonly status: AccountStatus }[]
  readonly collected: () => { readonly collected: number; readonly removed: number }
}
export type Monitor = { readonly address: string; readonly port: number; close(): Promise<void> }

/** @throws when the port is busy. */
export function monitor(sources: Sources, listenOn: { address: string; port: number }): Promise<Monitor> {
  let registry: Opening | null = null // when somebody asks: a home server has nobody who does
  const server = createServer({ maxHeaderSize: 8192, requestTimeout: 10_000 }, (request, response) => {
    if (request.method !== 'GET') return answer(response, { status: 405, type: 'text/plain', text: 'GET only\n' })
    if (request.url === '/metrics') return void metrics((registry ??= openRegistry(sources)), response)
    if (request.url === '/health') return answer(response, health(sources))
    answer(response, { status: 404, type: 'text/plain', text: 'Here are /metrics and /health\n' })
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(listenOn.port, listenOn.address, () => {
      const at = server.address() as { address: string; port: number } // a TCP server has one
      const close = (): Promise<void> =>
        new Promise((done) => {
          server.close(() => done())
          server.closeAllConnections()
        })
      resolve({ address: at.address, port: at.port, close })
    })
  })
}

type Answer = { status: number; type: string; text: string }

function answer(response: ServerResponse, { status, type, text }: Answer): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text)
}

type Opening = ReturnType<typeof openRegistry>

async function openRegistry(sources: Sources) {
  const { registryOf } = await import('./figures.ts')
  return registryOf(sources)
}

async function metrics(opening: Opening, response: ServerResponse): Promise<void> {
  try {
    const registry = await opening
    answer(response, { status: 200, type: registry.contentType, text: await registry.metrics() })
  } catch (error) {
    answer(response, { status: 500, type: 'text/plain', text: `${String(error)}\n` })
  }
}

function health({ store, problems }: Sources): Answer {
  const storage = store.canAccept()
  const words = [...problems()]
  if (storage === 'full') words.push('The disk is nearly full: no new mail is taken until space is free.')
  if (storage === 'failed')
    words.push('The store reported a disk error: restart after checking the disk, then run verify.')
  const ok = words.length === 0
  const text = `${JSON.stringify({ ok, storage, problems: words })}\n`
  return { status: ok ? 200 : 503, type: 'application/json', text }
}
