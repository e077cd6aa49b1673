// Removing a mailbox: first what that breaks, then the removal, with what becomes of the addresses that led there. AD-11, MB-02
import { z } from 'zod'
import type { MailboxRow } from '#/storage/store.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { accountsInto, existing } from './mailboxes.ts'
import { reach, reachers } from './reach.ts'

export const consequences = z.strictObject({
  name: z.string(),
  messages: z.int(),
  bytes: z.int(),
  graceDays: z.int(),
  addresses: z.array(reach),
  mapped: z.array(z.string()).describe('Mapped addresses, and domains as *@domain, that name this mailbox.'),
  collectors: z.array(z.string()),
})

/** What breaks when this mailbox goes. */
export async function mailboxConsequences(
  context: Context,
  request: { name: string },
): Promise<z.infer<typeof consequences>> {
  const { id } = existing(context, request.name)
  const row = (await context.store.mailboxes()).find((one) => one.id === id)! // as it is this moment
  return {
    name: row.name,
    messages: row.messages,
    bytes: row.bytes,
    graceDays: context.settings.now().mailboxes.graceDays,
    addresses: reachers(context)(row),
    mapped: pointing(context, row).map(({ shown }) => shown),
    collectors: accountsInto(context, id).map(({ settings }) => settings.name),
  }
}

export type Removal = { readonly name: string; readonly force: boolean; readonly mailTo?: string | null | undefined }
export const removed = z.strictObject({
  removed: z.string(),
  restoreAs: z.string(),
  messages: z.int(),
  moved: z.array(z.string()).optional().describe('Addresses that go elsewhere now.'),
})

/** Soft: mail stays until it is purged. What points here is named first, or goes where `mailTo` says; null: nowhere. */
export async function removeMailbox(context: Context, request: Removal): Promise<z.infer<typeof removed>> {
  const { store, directory, world } = context
  const mailbox = existing(context, request.name)
  const moves = request.mailTo !== undefined
  const heir = request.mailTo ? existing(context, request.mailTo).name : null
  if (heir === mailbox.name) throw new OperationError(`${heir} is the mailbox that goes`)
  if (!request.force) refuseBreaking(context, mailbox, moves)
  const moved = moves ? await pointElsewhere(context, mailbox, heir) : undefined
  const at = world.clock.now()
  const restoreAs = `${mailbox.name} deleted ${at}`
  await store.changeMailbox(mailbox.id, { deletedAt: at, name: restoreAs })
  await directory.reload()
  return { removed: mailbox.name, restoreAs, messages: mailbox.messages, ...(moved && { moved }) }
}

/** @throws OperationError naming what would break */
function refuseBreaking(context: Context, mailbox: MailboxRow, moves: boolean): void {
  const left = moves ? [] : pointing(context, mailbox).map(({ said }) => said)
  if (left.length > 0)
    throw new OperationError(
      `${left.length} addresses point here: ${left.join(', ')}. Change them first, or use --force.`,
    )
  const collecting = accountsInto(context, mailbox.id)
  if (collecting.length > 0)
    throw new OperationError(
      `Mail is collected into it by ${collecting.map(({ settings }) => settings.name).join(', ')}. Say another one with collect set NAME --into, or use --force.`,
    )
}

type Pointing = {
  readonly shown: string
  readonly said: string
  readonly move: (heir: string | null) => Promise<unknown>
}

/** Each row of the tables that names the mailbox, and how it is made to name another one, or nobody. */
function pointing({ store, directory }: Context, { name }: MailboxRow): Pointing[] {
  const { addresses, domains } = directory.all()
  const mapped = addresses
    .filter(({ targets }) => targets.includes(name))
    .map((row): Pointing => {
      const move = (heir: string | null): Promise<unknown> => {
        const targets = [...new Set(row.targets.flatMap((one) => (one !== name ? [one] : heir === null ? [] : [heir])))]
        return targets.length === 0 ? store.removeAddress(row.address) : store.putAddress({ ...row, targets })
      }
      return { shown: row.address, said: row.address, move }
    })
  const rest = domains
    .filter(({ mode, target }) => mode !== 'alias' && target === name)
    .map((row): Pointing => {
      const mode = row.mode === 'one-mailbox' ? 'addresses-only' : row.mode // it takes nothing any more
      const move = (heir: string | null): Promise<unknown> =>
        store.putDomain(heir === null ? { ...row, mode, target: null } : { ...row, target: heir })
      return { shown: `*@${row.name}`, said: `the rest of ${row.name}`, move }
    })
  return [...mapped, ...rest]
}

/** What was reached by its name gets a mapping, or its mail would be the rest of the domain. */
async function pointElsewhere(context: Context, mailbox: MailboxRow, heir: string | null): Promise<string[]> {
  const rows = pointing(context, mailbox)
  const named = heir === null ? [] : reachers(context)(mailbox).filter(({ kind }) => kind === 'named')
  for (const { move } of rows) await move(heir)
  const note = `was the mailbox ${mailbox.name}`
  for (const { address } of named) await context.store.putAddress({ address, targets: [heir!], note, expiresAt: null }) // none without an heir
  return [...rows.map(({ shown }) => shown), ...named.map(({ address }) => address)]
}
