// Remote accounts of a file of a world: checked with the file, written after the mailboxes that they are for. Secrets are sealed.
import type { Secrets } from '#/accounts/secrets.ts'
import type { RemoteAccount } from '#/config/remote-accounts.ts'
import type { AccountRow } from '#/pop3-client/types.ts'
import { ownersProblem, refuseLeaving, refuseOwnMailbox } from './collect-checks.ts'
import { completeAccount } from './collect-request.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import type { WorldFile } from './world-file.ts'

export type CollectPlan = {
  /** Its mailbox may not be there yet: `into` names it, null is the one that it has. */
  readonly account: RemoteAccount
  readonly into: string | null
  readonly before: AccountRow | undefined
}
type Known = {
  readonly accounts: readonly AccountRow[]
  readonly secrets: Secrets
  readonly hasMailbox: (name: string) => boolean
}

/** @throws OperationError saying what is wrong */
export function planAccount(row: WorldFile['collect'][number], { accounts, secrets, hasMailbox }: Known): CollectPlan {
  const { mailbox, byOwner, ...request } = row
  const before = accounts.find(({ settings }) => settings.name === row.name)
  if (mailbox === undefined && !before) throw new OperationError(`${row.name}: say for which mailbox it is`)
  if (mailbox !== undefined && !hasMailbox(mailbox)) throw new OperationError(`There is no mailbox ${mailbox}`)
  const account = completeAccount(request, {
    before: before?.settings,
    mailbox: before?.settings.mailbox ?? 0,
    byOwner: byOwner ?? before?.settings.byOwner ?? false,
    secrets,
  })
  return { account, into: mailbox ?? null, before }
}

/** The row as it is to be, when the mailboxes are there. @throws OperationError as when it is changed by hand */
export async function placed(context: Context, { account, into, before }: CollectPlan): Promise<RemoteAccount> {
  const mailbox = into === null ? account.mailbox : (context.directory.mailbox(into)?.id ?? 0)
  const row = { ...account, mailbox }
  await refuseOwnMailbox(context, row)
  refuseLeaving(row, before)
  const { ports } = context.settings.now().pop3Client
  return { ...row, byOwner: row.byOwner && ownersProblem(ports, row) === null }
}
