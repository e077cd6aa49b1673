// A remote account as people and programs see it: without secrets, with the name of its mailbox, its state in a word.
// Called by the collect operations. PC-37, PC-39
import type { RemoteAccount } from '#/config/remote-accounts.ts'
import { runsByItself } from '#/pop3-client/status.ts'
import type { AccountRow, RunReport } from '#/pop3-client/types.ts'
import type { Context } from './context.ts'

export type ShownAccount = {
  readonly name: string
  readonly mailbox: string
  readonly host: string
  readonly port: number
  readonly tls: string
  readonly user: string
  readonly signsIn: 'password' | 'token'
  readonly state: 'idle' | 'busy' | 'failing' | 'stopped' | 'paused'
  readonly lastRunAt: number | null
  readonly lastGoodAt: number | null
  readonly nextRunAt: number | null
  readonly left: number
  readonly leftBytes: number
  readonly because: string | null
  readonly byOwner: boolean
} & Pick<RemoteAccount, 'first' | 'duplicates' | 'distribution'>

export function shownAccount(
  { directory, settings }: Context,
  { settings: account, status }: AccountRow,
): ShownAccount {
  const { name, host, port, tls, auth, paused, byOwner, first, duplicates, distribution } = account
  const rests = paused || !runsByItself(status) || !settings.now().pop3Client.enabled
  return {
    name,
    mailbox: directory.mailboxById(account.mailbox)?.name ?? '(gone)',
    host,
    port,
    tls,
    user: auth.user,
    signsIn: auth.kind === 'password' ? 'password' : 'token',
    state: paused ? 'paused' : status.is,
    lastRunAt: status.lastRunAt,
    lastGoodAt: status.lastGoodAt,
    nextRunAt: rests ? null : status.nextRunAt,
    left: status.left,
    leftBytes: status.leftBytes,
    because: status.words === '' ? null : status.words,
    byOwner,
    first,
    duplicates,
    distribution,
  }
}

/** Every choice of the account. */
export type Choices = Omit<RemoteAccount, 'auth' | 'ca' | 'mailbox' | 'deletesFrom'> & {
  readonly ownAuthority: boolean
  readonly keepsEarlier: boolean
  readonly begun: boolean // the first run is over: what it takes is no longer asked
}

export function choicesOf({ settings, status }: AccountRow): Choices {
  const { auth: _auth, ca, mailbox: _mailbox, deletesFrom, ...choices } = settings
  return { ...choices, ownAuthority: ca !== null, keepsEarlier: deletesFrom > 0, begun: status.begun }
}

export const counted = (messages: number): string => (messages === 1 ? '1 message' : `${messages} messages`)

/** As the collector wrote it. */
export const readReport = (json: string): RunReport => JSON.parse(json) as RunReport // storage keeps what the collector gave
