// Remote accounts on a real store, and what is remembered of their messages: for the tests of the collect commands.
import { remoteRow } from '#/storage/collected-contract.ts'
import type { RemoteRow, RemoteState } from '#/storage/collected.ts'
import { operationsRig, type Operations } from './operations-rig.ts'

export type Shown = { readonly [key: string]: unknown; readonly warnings?: readonly string[] }
export const old = {
  name: 'old',
  mailbox: 'ann',
  host: 'pop.example.com',
  user: 'ann@example.com',
  password: 'hush-hush',
}

export async function rigWith(...mailboxes: string[]): Promise<Operations> {
  const rig = await operationsRig()
  for (const name of mailboxes) await rig.run('mailbox.add', { name })
  return rig
}
export const run = async (rig: Operations, name: string, parameters: object = {}): Promise<Shown> =>
  (await rig.run(`collect.${name}`, parameters)) as Shown // answers are objects
export const list = async (rig: Operations, view: object = {}): Promise<Shown[]> =>
  (await rig.run('collect.list', view)) as Shown[] // of shown accounts

/** As if these had been collected. */
export async function remember(
  rig: Operations,
  states: Readonly<Record<string, RemoteState>>,
  more: Partial<RemoteRow> = {},
): Promise<void> {
  const { id } = rig.context.accounts.byName('old')!
  const at = rig.context.world.clock.now()
  const rows = Object.entries(states).map(([uid, state]) =>
    remoteRow(uid, { state, headerHash: uid, sizeBytes: 1000, at, ...more }),
  )
  await rig.store.collected.mark(id, rows)
}
