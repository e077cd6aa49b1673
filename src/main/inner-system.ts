// A whole mail system inside this one, on a folder of its own that goes with it and on free ports of the loopback: what the
// tutorial plays in. Made by main, which hands in how a system is assembled.
import { rmSync } from 'node:fs'
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

/** One at a time. In a data folder that is ours by its lock: whatever stands there was left by a server that was killed. */
export function innerSystems(assemble: Assemble, dataFolder: string): OpenSystem {
  const folder = join(dataFolder, '.tutorial') // with a dot: a restore does not take it for data
  const clear = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    clear()
  } catch {
    // no reason not to start: whoever opens a practice world hears of it
  }
  return async ({ world, ...instead }) => {
    clear()
    let stop = (): Promise<void> => Promise.resolve()
    const close = (): Promise<void> => stop().finally(clear)
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
