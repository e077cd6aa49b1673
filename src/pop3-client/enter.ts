// Opens the remote box of an account with what the account shows there. Called by run.ts, visit.ts and test-account.ts. A token
// that the server refuses before its time (it was withdrawn, a clock is wrong) is renewed and shown once more. PC-03
import type { RemoteAccount } from '#/config/remote-accounts.ts'
import type { AccountId } from '#/storage/collected.ts'
import type { OpenBox, RemoteTrouble } from './box.ts'
import type { RemoteCredentials, RemoteCredentialsNow } from './credentials.ts'

export type EnterParts = { readonly openBox: OpenBox; readonly credentials: RemoteCredentials }
export type Entered = Awaited<ReturnType<OpenBox>>

/** @throws StoreError when a renewed token could not be saved */
export async function enter(
  { openBox, credentials }: EnterParts,
  account: { readonly id: AccountId | null; readonly settings: RemoteAccount },
  options: Parameters<OpenBox>[2],
): Promise<Entered> {
  const shown = await credentials.of(account)
  if (shown.is !== 'ready') return notShown(shown)
  const opened = await openBox(account.settings, shown.credentials, options)
  if (opened.is === 'open' || !('accessToken' in shown.credentials) || !refusals.has(opened.trouble.is)) return opened
  const again = await credentials.of(account, { refused: shown.credentials.accessToken })
  return again.is === 'ready' ? openBox(account.settings, again.credentials, options) : notShown(again)
}

const refusals: ReadonlySet<RemoteTrouble['is']> = new Set(['auth', 'refused'])

const notShown = ({ is, words }: Exclude<RemoteCredentialsNow, { is: 'ready' }>): Entered => ({
  is: 'failed',
  trouble: { is: is === 'sign-in' ? 'sign-in' : 'temporary', words },
})
