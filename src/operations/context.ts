// What operations work on. Opened by the running server, or by the command line on a stopped one.
import type { EveryPerson } from '#/accounts/people.ts'
import type { Ban } from '#/accounts/throttle.ts'
import type { Secrets } from '#/accounts/secrets.ts'
import type { Actor, Directory } from '#/accounts/types.ts'
import type { MailResolver } from '#/dns/resolver.ts'
import type { Answering } from '#/intake/types.ts'
import type { AlternateCredentials } from '#/mail-relay/credentials.ts'
import type { Relay } from '#/mail-relay/server.ts'
import type { RelayTables } from '#/mail-relay/tables.ts'
import type { RemoteAccounts } from '#/pop3-client/accounts.ts'
import type { RemoteSignIn } from '#/pop3-client/sign-in.ts'
import type { Collector } from '#/pop3-client/types.ts'
import type { Reading } from '#/mailboxes/reading/open.ts'
import type { Store } from '#/storage/store.ts'
import type { World } from '#/world/world.ts'
import type { Jobs } from './backup-jobs.ts'
import type { RestoredHolder } from './restored.ts'
import type { Running } from './running.ts'
import type { SettingsHolder } from './settings.ts'
import type { Tutorial } from './tutorial.ts'

export type OnShare = (share: number, words?: string) => void

export type Context = {
  readonly store: Store
  /** Who asks; absent: this program itself, or the command line on a stopped server. */
  readonly actor?: Actor
  readonly people: EveryPerson
  readonly directory: Directory
  readonly settings: SettingsHolder
  readonly resolver: MailResolver
  readonly relay: RelayTables
  /** The relay at work; absent on a stopped server. */
  readonly outgoing?: Pick<
    Relay,
    'wake' | 'queued' | 'claim' | 'flush' | 'problems' | 'standing' | 'around' | 'sizeBytesMaxOf'
  >
  /** For owners who are away. */
  readonly answering?: Answering
  /** Takes messages apart for people. */
  readonly reading: Reading
  readonly secrets: Secrets
  readonly credentials: AlternateCredentials
  readonly accounts: RemoteAccounts
  /** Collects on a stopped server too, when asked. */
  readonly collector: Collector
  readonly signIn: RemoteSignIn
  /** Of all interfaces of the machine. */
  readonly localAddresses: () => readonly string[]
  /** The one long work on backups. */
  readonly backups: Jobs
  /** Whether all of it came out of a backup. */
  readonly restored: RestoredHolder
  readonly world: World
  readonly hostname: string
  readonly folder: string
  /** Absent on a stopped server. */
  readonly tutorial?: Tutorial
  /** Told how much of a long operation is done, from 0 to 1, and of what in words; absent when nobody looks. */
  readonly onShare?: OnShare
  /** Absent on a stopped server. */
  readonly listening?: () => readonly {
    readonly component: string
    readonly address: string
    readonly problem: string | null
  }[]
  /** What runs, as it is at this moment; absent on a stopped server. */
  readonly running?: Running
  /** Absent on a stopped server: nobody is banned there. */
  readonly logins?: { bans(): Ban[]; unban(client: string): boolean }
}
