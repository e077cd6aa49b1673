// The program that is tested, as far as mail goes through it: intake and relay as they are, on simulated doors. One for each
// run; opened by simulation.ts.
import { openDirectory } from '#/accounts/directory.ts'
import type { Settings } from '#/config/settings.ts'
import type { MailResolver } from '#/dns/resolver.ts'
import { openIntake } from '#/intake/open.ts'
import type { Intake } from '#/intake/types.ts'
import { parseAddress, type Address } from '#/message/address.ts'
import type { Reply } from '#/message/reply.ts'
import { mailRelay, type Relay } from '#/mail-relay/server.ts'
import { openRelayTables } from '#/mail-relay/tables.ts'
import type { Store } from '#/storage/store.ts'
import type { World } from '#/world/world.ts'
import { hostname, type Letter } from './scenario.ts'

export type ProgramParts = {
  readonly store: Store
  readonly world: World
  readonly resolver: MailResolver
  readonly settings: Settings
}

export type Program = {
  readonly relay: Relay
  /** What the client hears in the end. */
  send(letter: Letter): Promise<Reply>
}

export async function startProgram({ store, world, resolver, settings }: ProgramParts): Promise<Program> {
  const settingsNow = (): Settings => settings
  const directory = await openDirectory({ store, settingsNow, hostname, now: () => world.clock.now() })
  const tables = await openRelayTables(store)
  const own = { listeners: [], addresses: [], names: [hostname] }
  const credentials = { of: () => Promise.resolve({ is: 'ready', credentials: null } as const) }
  const secret = Buffer.alloc(32, 1)
  const shared = { store, directory, resolver, settingsNow, world, hostname }
  const relay = mailRelay({ ...shared, tables, credentials, secret, own: () => own })
  const intake = openIntake({ ...shared, outbound: relay })
  await relay.start()
  return { relay, send: (letter) => send(letter, intake, directory.mailbox('ann')!.id) }
}

/** As the session does after RCPT. Here everybody may send everywhere. */
async function send(letter: Letter, intake: Intake, ann: number): Promise<Reply> {
  const accepted = letter.to.map(({ address, notify }) => ({
    recipient: { address: addressOf(address), parameters: { notify, orcpt: null } },
    route: {
      mailboxes: letter.forwarded ? [ann] : [],
      outside: [addressOf(address)],
      allowedBy: letter.forwarded ? 'local' : 'simulation',
    },
  }))
  const envelope = {
    from: letter.from === null ? null : addressOf(letter.from),
    parameters,
    to: accepted.map(({ recipient }) => recipient),
  }
  const octets = Buffer.from(letter.octets, 'latin1')
  const receiving = intake.begin(client, envelope, accepted)
  await receiving.write(octets)
  const eightBit = octets.some((octet) => octet > 127)
  return receiving.finish({ sizeBytes: octets.length, strayLineEnds: false, nul: false, eightBit, tooBig: false })
}

const parameters = { sizeBytes: null, body: null, smtputf8: false, ret: null, envid: null, auth: null }
const client = {
  address: '192.0.2.7',
  listener: 'smtp',
  ehlo: 'client.example',
  protocol: 'ESMTP',
  tls: null,
  user: null,
  userName: null,
} as const

export function addressOf(text: string): Address {
  const parsed = parseAddress(text)
  if (!parsed.ok) throw new Error(`${text}: ${parsed.problem}`)
  return parsed.value
}
