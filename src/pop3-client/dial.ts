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
type Options = Parameters<OpenBox>[2]

export function openBoxes(parts: DialParts): OpenBox {
  return async (account, credentials, options) => {
    const settings = parts.settingsNow().pop3Client
    const addresses = await targetsOf(account, { resolver: parts.resolver, settings })
    if ('words' in addresses) return { is: 'failed', trouble: addresses }
    const reached = await connect(parts, account, addresses)
    if (!reached.ok) return { is: 'failed', trouble: reached.trouble }
    const box = new PopBox(reached.connection, boxOptions(parts, { account, credentials, options }, reached))
    const failed = await readyUnless(options.signal, box)
    return failed ? { is: 'failed', trouble: failed } : { is: 'open', box }
  }
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

type Session = { readonly account: RemoteAccount; readonly credentials: Credentials; readonly options: Options }

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

async function readyUnless(signal: AbortSignal | undefined, box: PopBox): Promise<RemoteTrouble | null> {
  const stop = (): void => box.destroy(trouble('stopped', 'It was stopped'))
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop)
  try {
    return await box.ready
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}
