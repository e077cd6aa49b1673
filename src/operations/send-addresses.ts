// The addresses that somebody may send as: an owner those that lead to their mailbox, who runs the server any of this server. SE-05
import { z } from 'zod'
import { formatAddress, parseAddress, type Address } from '#/message/address.ts'
import type { MailboxRow } from '#/storage/store.ts'
import type { Context } from './context.ts'
import { whose, type Whose } from './draft-fields.ts'
import { OperationError } from './errors.ts'
import { existing } from './mailboxes.ts'
import { reachers } from './reach.ts'

const shownMax = 1000
const namedMax = 10 // in an answer

export const addressesRequest = z.strictObject(whose)
export const ownAddresses = z.strictObject({
  addresses: z.array(z.string()),
  patterns: z.array(z.string()).describe('Any address of such a domain too'),
})

export function sendAddresses(context: Context, asked: Whose): Promise<z.infer<typeof ownAddresses>> {
  const reachOf = reachers(context)
  const reached = mailboxesOf(context, asked).flatMap((mailbox) => reachOf(mailbox).map(({ address }) => address))
  const all = [...new Set(reached)]
  return Promise.resolve({
    addresses: all.filter((address) => !address.includes('*') && mayUse(context, asked, address)).slice(0, shownMax),
    patterns: all.filter((address) => address.includes('*')).slice(0, shownMax),
  })
}

function mailboxesOf(context: Context, { mailbox }: Whose): MailboxRow[] {
  if (mailbox !== undefined) return [existing(context, mailbox)]
  const alive = context.directory.all().mailboxes.filter(({ deletedAt }) => deletedAt === null)
  return alive.slice(0, shownMax)
}

function mayUse(context: Context, asked: Whose, text: string): boolean {
  const address = parseAddress(text)
  return address.ok && maySendAs(context, asked, address.value)
}

function maySendAs(context: Context, { mailbox }: Whose, address: Address): boolean {
  if (mailbox !== undefined) return context.directory.owns(existing(context, mailbox), address)
  return context.directory.resolve(address).is === 'local'
}

/** @throws OperationError with the addresses that may be used */
export async function checkSender(context: Context, asked: Whose, from: Address): Promise<void> {
  if (maySendAs(context, asked, from)) return
  const { addresses, patterns } = await sendAddresses(context, asked)
  const allowed = [...addresses, ...patterns]
  const more = allowed.length > namedMax ? `, and ${allowed.length - namedMax} more` : ''
  const words =
    allowed.length === 0 ? 'No address leads here' : `Choose ${allowed.slice(0, namedMax).join(', ')}${more}`
  const whoseIs = asked.mailbox === undefined ? 'is no address of this server' : 'does not lead to your mailbox'
  throw new OperationError(`${formatAddress(from)} ${whoseIs}. ${words}.`)
}
