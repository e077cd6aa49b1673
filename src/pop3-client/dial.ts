// Opens the mailbox of a remote account: finds where it is, connects, signs in. Given to the collector by main. Its address,
// port and certificate are judged before any secret is said. Never retries: it says what happened.
import type { RemoteAccount } from '#/config/remote-accounts.ts'
import type { Settings } from '#/config/settings.ts'
import type { Resolver } from '#/dns/resolver.ts'
import type { Credentials } from '#/wire/sasl-client.ts'
import type { ClientTls, Connected, World } from '#/world/world.ts'
import type { OpenBox, RemoteTrouble } from './box.ts'
import { PopBox, type BoxOptions } from './pop-box.ts'
import { isOurs, targetsOf, type Own } from './targets.ts'
import { trouble } from './troubles.ts'

export type DialParts = {
  readonly world: Pick<World, 'clock' | 'net' | 'random'>
  readonly resolver: Pick<Resolver, 'addresses'>
  readonly settingsNow: () => Settings
  readonly own: () => Own
}
type Opening = ReturnType<OpenBox>
type Session = {
  readonly account: RemoteAccount
  readonly credentials: Credentials
  readonly options: Parameters<OpenBox>[2]
}

export function openBoxes(parts: DialParts): OpenBox {
  return (account, credentials, options) => {
    const opening = open(parts, { account, credentials, options })
    return options.signal ? orStopped(options.signal, opening) : opening
  }
}

async function open(parts: DialParts, session: Session): Opening {
  const { account, options } = session
  const settings = parts.settingsNow().pop3Client
  const addresses = await targetsOf(account, { resolver: parts.resolver, settings })
  if ('words' in addresses) return { is: 'failed', trouble: addresses }
  const reached = await connect(parts, account, addresses)
  if (!reached.ok) return { is: 'failed', trouble: reached.trouble }
  const box = new PopBox(reached.connection, boxOptions(parts, session, reached))
  const stop = (): void => box.destroy(stopped)
  if (options.signal?.aborted) stop()
  options.signal?.addEventListener('abort', stop)
  const failed = await box.ready.finally(() => options.signal?.removeEventListener('abort', stop))
  return failed ? { is: 'failed', trouble: failed } : { is: 'open', box }
}

const stopped = trouble('stopped', 'It was stopped')

/** At once: what is under way then, a look-up or a connection, ends by itself. */
function orStopped(signal: AbortSignal, opening: Opening): Opening {
  const { promise, resolve } = Promise.withResolvers<Awaited<Opening>>()
  const stop = (): void => resolve({ is: 'failed', trouble: stopped })
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop)
  return Promise.race([promise, opening]).finally(() => signal.removeEventListener('abort', stop))
}

type Reached = Extract<Connected, { ok: true }>

/** One address after the other. A certificate that proves nothing is the host's, whatever its address. */
async function connect(
  { world, settingsNow }: DialParts,
  account: RemoteAccount,
  addresses: readonly string[],
): Promise<Reached | { readonly ok: false; readonly trouble: RemoteTrouble }> {
  const { host, port } = account
  const tls = account.tls === 'implicit' ? clientTls(account) : undefined
  let failed = trouble('unreachable', `${host} has no address`)
  for (const address of addresses) {
    const connected = await world.net.connect({ address, port, timeoutMs: settingsNow().pop3Client.connectMs, tls })
    if (connected.ok) return connected
    failed = trouble(connected.why === 'tls' ? 'tls' : 'unreachable', `${host}: ${connected.text}`)
    if (connected.why === 'tls') break
  }
  return { ok: false, trouble: failed }
}

/** A pin is meant: nothing else will do. P3C-09 */
const takesAny = ({ anyCertificate, pin }: RemoteAccount): boolean => anyCertificate && pin === null

function clientTls(account: RemoteAccount): ClientTls {
  const { host, tls, ca, pin } = account
  return {
    servername: host,
    verify: tls === 'opportunistic' || takesAny(account) ? 'none' : 'name',
    ca: ca ?? undefined,
    pinSha256: pin ?? undefined,
  }
}

function boxOptions(parts: DialParts, { account, credentials, options }: Session, reached: Reached): BoxOptions {
  const { connectMs, replyMs, loginReplyMs, rateMin, lineBytesMax, messagesListedMax } = parts.settingsNow().pop3Client
  const plan = {
    host: account.host,
    tls: account.tls,
    clientTls: clientTls(account),
    alreadyTls: reached.tls,
    anyCertificate: takesAny(account),
    plainAuthAllowed: account.plainAuthAllowed,
    credentials,
    address: reached.connection.remote.address,
    ourselves: isOurs(reached.connection.remote, parts.own()),
    times: { tlsMs: connectMs, replyMs, loginReplyMs },
    lineBytesMax,
    messagesListedMax,
    nonce: () => Buffer.from(parts.world.random.bytes(18)).toString('base64'),
    note: options.note,
  }
  return { clock: parts.world.clock, plan, limits: { idleMs: replyMs, rateMin } }
}
