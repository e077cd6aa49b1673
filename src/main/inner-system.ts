// A whole mail system inside this one, on a temporary folder that goes with it and on free ports of the loopback: what the
// tutorial plays in. Made by main, which hands in how a system is assembled.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MailResolver } from '#/dns/resolver.ts'
import type { Context } from '#/operations/context.ts'
import type { OpenSystem } from '#/tutorial/practice-world.ts'
import type { Listener, World } from '#/world/world.ts'

/** In place of what the machine and the settings say. */
export type Instead = { readonly resolver: MailResolver; readonly hostname: string }
type At = { readonly address: string; readonly port: number }
type Assembled = {
  readonly context: Context
  readonly smtp: { listen(options: At & { readonly listener: 'smtp' }): Promise<Listener> }
  readonly pop3: { listen(options: At & { readonly implicitTls: boolean }): Promise<Listener> }
  readonly relay: { start(): Promise<unknown> }
  readonly listening: { push(one: { component: 'smtp'; address: string; problem: null }): unknown }
  readonly stop: () => Promise<void>
}
type Assemble = (folder: string, world: World, instead: Instead) => Promise<Assembled>

export function innerSystems(assemble: Assemble): OpenSystem {
  return async ({ world, ...instead }) => {
    const folder = mkdtempSync(join(tmpdir(), 'netcruiser-tutorial-'))
    let stop = (): Promise<void> => Promise.resolve()
    const close = (): Promise<void> => stop().finally(() => rmSync(folder, { recursive: true, force: true }))
    try {
      const system = await assemble(folder, world, instead)
      stop = system.stop
      const ports = await openPorts(system)
      await system.relay.start()
      return { context: system.context, ports, close }
    } catch (error) {
      await close()
      throw error
    }
  }
}

async function openPorts({ smtp, pop3, listening }: Assembled): Promise<{ smtp: number; pop3: number }> {
  const at = { address: '127.0.0.1', port: 0 }
  const mail = await smtp.listen({ ...at, listener: 'smtp' })
  const box = await pop3.listen({ ...at, implicitTls: false })
  listening.push({ component: 'smtp', address: `127.0.0.1:${mail.port}`, problem: null })
  return { smtp: mail.port, pop3: box.port }
}
