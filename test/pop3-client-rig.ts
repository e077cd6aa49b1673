// Short words for tests of the POP3 Client's conversation: an account for a scripted server, and its box opened on real
// sockets.
import assert from 'node:assert/strict'
import { remoteAccountSchema, type RemoteAccount } from '#/config/remote-accounts.ts'
import { defaultSettings, type Settings } from '#/config/settings.ts'
import type { Answer as Addresses } from '#/dns/resolver.ts'
import type { FetchAnswer, Listing, RemoteBox, RemoteTrouble, Sink } from '#/pop3-client/box.ts'
import { openBoxes, type DialParts } from '#/pop3-client/dial.ts'
import type { Credentials } from '#/wire/sasl-client.ts'
import type { Clock, ConnectOptions, Net } from '#/world/world.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { nodeNet } from '#/world/node/net.ts'

const random = randomPool()
const net = nodeNet(clock) // its sweep holds no process open
const waitMs = 5000
export const quick: Partial<Settings['pop3Client']> = { connectMs: waitMs, replyMs: waitMs, loginReplyMs: waitMs }

export type Opening = {
  readonly account?: Partial<RemoteAccount>
  readonly credentials?: Credentials
  readonly settings?: Partial<Settings['pop3Client']>
  /** What its host name leads to. */
  readonly addresses?: Addresses | readonly string[] | Promise<Addresses>
  readonly own?: DialParts['own']
  readonly clock?: Clock
  readonly signal?: AbortSignal
  readonly note?: (line: string) => void
  /** Hears where connections go. */
  readonly onConnect?: (options: ConnectOptions) => void
}

/** As an administrator makes it, without TLS, on the loopback, secrets in clear, unless `changes` say otherwise. */
export function accountAt(port: number, changes: Partial<RemoteAccount> = {}): RemoteAccount {
  return remoteAccountSchema.parse({
    name: 'far',
    mailbox: 1,
    host: 'pop.far.example',
    port,
    tls: 'none',
    auth: { kind: 'password', user: 'ann', secret: '' },
    plainAuthAllowed: true,
    privateAllowed: true,
    ...changes,
  })
}

export function open(
  { port }: { readonly port: number },
  opening: Opening = {},
): ReturnType<ReturnType<typeof openBoxes>> {
  // prettier-ignore
  const { addresses = ['127.0.0.1'], credentials = { user: 'ann', password: 'secret' }, signal, note } = opening
  const found =
    'is' in addresses || addresses instanceof Promise
      ? addresses
      : ({ is: 'found', records: addresses, ttlMs: 1000 } as const)
  const watched: Net = {
    listen: (options, onConnection) => net.listen(options, onConnection),
    connect: (options) => {
      opening.onConnect?.(options)
      return net.connect(options)
    },
  }
  const box = openBoxes({
    world: { clock: opening.clock ?? clock, random, net: watched },
    resolver: { addresses: async () => found },
    settingsNow: () => ({ ...defaultSettings, pop3Client: { ...defaultSettings.pop3Client, ...quick, ...opening.settings } }), // prettier-ignore
    own: opening.own ?? (() => ({ listeners: [], addresses: [] })),
  })
  return box(accountAt(port, opening.account), credentials, { ...(signal && { signal }), ...(note && { note }) })
}

export async function opened(remote: { readonly port: number }, opening: Opening = {}): Promise<RemoteBox> {
  const result = await open(remote, opening)
  assert.ok(result.is === 'open', result.is === 'failed' ? result.trouble.words : '')
  return result.box
}

export async function failure(remote: { readonly port: number }, opening: Opening = {}): Promise<RemoteTrouble> {
  const result = await open(remote, opening)
  if (result.is === 'failed') return result.trouble
  result.box.destroy({ is: 'stopped', words: 'by the test' })
  return assert.fail('it was opened')
}

export async function listed(box: RemoteBox): Promise<Listing> {
  const answer = await box.list()
  assert.ok(answer.is === 'listed', JSON.stringify(answer))
  return answer.listing
}

/** Keeps what a message holds, latin1. */
export class Kept implements Sink {
  readonly #parts: Buffer[] = []
  write(octets: Uint8Array): undefined {
    this.#parts.push(Buffer.from(octets))
  }
  get text(): string {
    return Buffer.concat(this.#parts).toString('latin1')
  }
}

export async function fetched(
  box: RemoteBox,
  number: number,
  bytesMax = 1_000_000,
): Promise<FetchAnswer & { readonly text: string }> {
  // prettier-ignore
  const kept = new Kept()
  return { ...(await box.fetch(number, kept, bytesMax)), text: kept.text }
}
