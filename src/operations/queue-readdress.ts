// Sends a delivery to another recipient: dropped here, and accepted anew for that one with the same octets, in one commit.
// Called by queue.ts. QU-11
import { parseAddress, formatAddress, type Address } from '#/message/address.ts'
import { about } from '#/mail-relay/events.ts'
import * as byHand from '#/mail-relay/by-hand.ts'
import { prepareOwn, type OwnMail } from '#/intake/own.ts'
import type { DeliveryRow, MovesUnit } from '#/storage/queue.ts'
import { whoIs } from './audit.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import type { Deed } from './queue-change.ts'

/** @throws OperationError when `text` is no address that mail can be sent to */
export function readdressing(context: Context, text: string): Deed {
  const parsed = parseAddress(text)
  if (!parsed.ok) throw new OperationError(`${text}: ${parsed.problem}`)
  const to = parsed.value
  return {
    from: ['waiting', 'held'],
    unit: ([row, ...others], at) => {
      if (!row || others.length > 0) throw new OperationError('Another recipient is for one delivery: name its key')
      return readdressed(context, row, { to, at })
    },
  }
}

async function readdressed(
  context: Context,
  row: DeliveryRow,
  { to, at }: { to: Address; at: number },
): Promise<MovesUnit> {
  const by = whoIs(context.actor)
  const mail = mailFor(row, { to, by, octets: await context.store.queue.content(row) })
  const { acceptance, refused } = await prepareOwn({ ...context, settingsNow: context.settings.now }, mail)
  if (acceptance === null)
    throw new OperationError(`Nothing was changed: ${refused[0]?.reply.lines[0] ?? `nobody is ${formatAddress(to)}`}`)
  const detail = { by, recipient: formatAddress(to), as: acceptance.key }
  const events = [
    { ...about(row, at), step: 'edited', detail },
    { ...about(row, at), step: 'dropped', detail: { by } },
  ]
  return { at, moves: [{ row, to: { ...byHand.dropped(row), lease: null } }], events, acceptances: [acceptance] }
}

type Given = { readonly to: Address; readonly by: string; readonly octets: OwnMail['octets'] }

/** What its sender asked for, and what was decided of it, stays; what was tried does not. */
function mailFor(row: DeliveryRow, { to, by, octets }: Given): OwnMail {
  const { owner, notice, stranger, byServer, lifetimeMs, laterAt, hold, released } = row.memo
  const kept = { owner, notice, stranger, byServer, lifetimeMs, laterAt, hold, released }
  const orcpt = row.rcpt.orcpt ?? `rfc822;${formatAddress(row.to)}` // notices name whom the sender wrote to. DS-06
  return {
    from: row.from,
    parameters: row.mail,
    to: [{ address: to, parameters: { ...row.rcpt, orcpt } }],
    octets,
    by: row.allowedBy,
    step: 'sent',
    detail: { by, about: row.message },
    priority: row.priority,
    memo: Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined)),
    ...(laterAt !== undefined && { dueAt: row.dueAt }),
    ...(row.state === 'held' && { held: true }),
  }
}
