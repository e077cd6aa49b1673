// What the owner of a mailbox may change of it: the password, by who knows the present one, and POP3 where that is allowed.
import { NotAllowed } from './errors.ts'
import type { Context } from './context.ts'
import { ownMailbox } from './authority.ts'
import { confirmPassword } from './administrators.ts'
import { setMailbox, type Changed, type MailboxRequest } from './mailboxes.ts'

export type OwnRequest = MailboxRequest & { readonly currentPassword?: string | undefined }

const ofAdministrators = ['newName', 'quotaBytes', 'disabled'] as const

/** @throws NotAllowed for another mailbox, and for what an administrator decides */
export function ownChange<P extends OwnRequest>(request: P, mailbox: string): P {
  if (ofAdministrators.some((key) => request[key] !== undefined))
    throw new NotAllowed('Name, quota and state of a mailbox are changed by an administrator')
  return ownMailbox(request, mailbox)
}

export async function setMailboxAsAsked(
  context: Context,
  { currentPassword, ...request }: OwnRequest,
): Promise<Changed> {
  const { actor, people, settings } = context
  if (actor?.role !== 'owner') return setMailbox(context, request)
  if (request.pop3 !== undefined && !settings.now().mailboxes.ownersSwitchPop3)
    throw new NotAllowed('POP3 is switched by an administrator')
  if (request.password !== undefined) await confirmPassword(context, currentPassword)
  const answer = await setMailbox(context, request)
  if (request.password !== undefined) await people.keepSession(actor)
  return answer
}
