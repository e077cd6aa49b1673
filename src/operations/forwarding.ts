// Where a mailbox sends what it gets: checked before it is kept. Called by the mailbox operations and the world file. AD-14
import { formatAddress, parseAddress, type Address } from '#/message/address.ts'
import type { Forward, MailboxRow } from '#/storage/store.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'

/** As it is kept. @throws OperationError naming what is no address */
export const checkedForward = ({ to, keep }: Forward): Forward => ({
  to: [...new Set(to.map((text) => formatAddress(checkedTarget(text))))],
  keep,
})

function checkedTarget(text: string): Address {
  const parsed = parseAddress(text.trim())
  if (!parsed.ok) throw new OperationError(`${text} is no address to send mail on to: ${parsed.problem}`)
  return parsed.value
}

/** What would come back to the mailbox is no forwarding. @throws OperationError */
export function refuseReturning({ directory }: Context, mailbox: MailboxRow, { to }: Forward): void {
  const back = to.find((text) => directory.owns(mailbox, checkedTarget(text)))
  if (back !== undefined) throw new OperationError(`Mail for ${back} comes back to ${mailbox.name}`)
}
