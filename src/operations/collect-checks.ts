// What is looked at before a remote account is saved: what is refused, and what is said about it. Called by collect.ts.
import { wantedListeners } from '#/config/listeners.ts'
import type { RemoteAccount } from '#/config/remote-accounts.ts'
import { parseServer } from '#/dns/servers.ts'
import { targetProblem } from '#/dns/targets.ts'
import { asciiLower } from '#/message/address.ts'
import { parseIp } from '#/message/ip.ts'
import type { AccountRow } from '#/pop3-client/types.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'

/** @throws OperationError when mail would go round in a circle: out of a mailbox here and into it again. LP-06 */
export async function refuseOwnMailbox(context: Context, account: RemoteAccount): Promise<void> {
  const source = context.directory.mailbox(account.auth.user)
  if (source === undefined || !(await isOurs(context, account))) return
  if (source.id === account.mailbox || account.distribution !== null)
    throw new OperationError(
      `${account.host} is this server and ${account.auth.user} its mailbox ${source.name}: collecting that into itself would go on for ever`,
    )
}

async function isOurs(context: Context, { host, port }: RemoteAccount): Promise<boolean> {
  if (!ourPorts(context).includes(port)) return false
  const { hostname, settings, localAddresses, resolver } = context
  const name = asciiLower(host).replace(/\.$/, '')
  if (['localhost', hostname, ...settings.now().server.localNames].map(asciiLower).includes(name)) return true
  const found = parseIp(host) ? null : await resolver.addresses(name)
  const addresses = found === null ? [host] : found.is === 'found' ? found.records : []
  const local = new Set(localAddresses().map(keyOf))
  return addresses.some((address) => local.has(keyOf(address)) || leadsHere.has(targetProblem(address)))
}

/** An unspecified address connects to this machine. */
const leadsHere: ReadonlySet<string | null> = new Set(['loopback', 'no address of a host'])

function keyOf(address: string): string {
  const ip = parseIp(address)
  return ip === null ? address : `${ip.family} ${ip.value}`
}

/** A stopped server is taken to listen where it usually does. */
function ourPorts({ listening }: Context): number[] {
  const pop3 = ({ component }: { component: string }): boolean => component.startsWith('pop3')
  if (!listening)
    return [true, false].flatMap((lowPorts) =>
      wantedListeners([], lowPorts)
        .filter(pop3)
        .flatMap(({ ports }) => ports),
    )
  return listening()
    .filter(pop3)
    .flatMap(({ address }) => parseServer(address)?.port ?? [])
}

/** What the owner of a mailbox may not have: it would let them look around in this network, or read what is not theirs.
 *  PC-38, P3C-10 @throws OperationError */
export function refuseOwnersLimits({ settings }: Pick<Context, 'settings'>, account: RemoteAccount): void {
  const problem = ownersProblem(settings.now().pop3Client.ports, account)
  if (problem !== null) throw new OperationError(`${problem}: ask whoever runs this server`)
}

export function ownersProblem(ports: readonly number[], account: RemoteAccount): string | null {
  const { port, privateAllowed, anyCertificate, distribution } = account
  if (!ports.includes(port)) return `Port ${port} is not allowed, only ${ports.join(' and ')}`
  if (privateAllowed) return 'Addresses of this network are not allowed'
  if (anyCertificate) return 'A server must prove its name by a certificate'
  if (distribution !== null) return 'Mail is collected into your own mailbox only'
  return null
}

/** @throws OperationError where messages cannot be told apart, so that what is left would come again and again. PC-09 */
export function refuseLeaving(account: RemoteAccount, row: AccountRow | undefined): void {
  if (row?.status.identities === 'none' && row.settings.host === account.host && account.leave)
    throw new OperationError(
      `${account.host} tells its messages not apart, so what is left there would come again each time: use --no-leave`,
    )
}

/** Sentences about what should not stay as it is. PC-01, P3C-09 */
export function risksOf({ name, host, auth, tls, pin, ...account }: RemoteAccount): string[] {
  return applying([
    [tls === 'none', `${name}: mail comes from ${host} in clear, and everybody on the way can read it`],
    [tls === 'opportunistic' && pin === null, `${name}: mail comes from ${host} in clear when TLS is not offered`],
    [account.anyCertificate, `${name}: any certificate is taken, so somebody on the way can pass for ${host}`],
    [
      account.plainAuthAllowed,
      `${name}: the password may go to ${host} in clear, and everybody on the way can read it`,
    ],
    [
      auth.kind === 'password' && auth.secret === '',
      `${name} has no password: netcruiser collect set ${name} --password`,
    ],
    [
      auth.kind === 'oauth' && auth.refreshToken === null,
      `${name}: nobody has signed in yet: netcruiser collect sign-in ${name}`,
    ],
  ])
}

/** What somebody should know who has such an account; `others` are those that they may know of. PC-21, PC-31 */
export function warningsOf({ id, settings, status }: AccountRow, others: readonly AccountRow[]): string[] {
  const { name, host, auth, leave, deleteLargerBytes } = settings
  const twin = others.find((one) => one.id !== id && one.settings.host === host && one.settings.auth.user === auth.user)
  const { expireDays } = status
  return [
    ...risksOf(settings),
    ...applying([
      [
        twin !== undefined,
        `${name} and ${twin?.settings.name} collect the same box: each gets its own copy of what is left there`,
      ],
      [leave && expireDays === 0, `${name}: ${host} deletes by itself what was collected, whatever is said here`],
      [leave && (expireDays ?? 0) > 0, `${name}: ${host} deletes by itself what it has held for ${expireDays} days`],
      [
        deleteLargerBytes !== null,
        `${name}: messages larger than ${deleteLargerBytes} octets are deleted on ${host} without being collected`,
      ],
    ]),
  ]
}

const applying = (sentences: readonly (readonly [boolean, string])[]): string[] =>
  sentences.filter(([applies]) => applies).map(([, words]) => words)

/** For doctor: what stands still, or should not stay as it is. */
export const adviceOnCollecting = ({ accounts }: Pick<Context, 'accounts'>): string[] =>
  [
    ...accounts.problems(),
    ...accounts
      .all()
      .flatMap(({ settings, status }) => [
        ...(settings.paused || (status.is !== 'stopped' && status.alertedAt === null)
          ? []
          : [`The account ${settings.name} collects nothing: ${status.words} (see FAQ: account-stopped)`]),
        ...risksOf(settings),
      ]),
  ].map((words) => (/[.)]$/.test(words) ? words : `${words}.`))
