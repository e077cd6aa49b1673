// Intake over a real store in a folder of its own: mailboxes ann and bob at example.org. For tests of this room only.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDirectory } from '#/accounts/directory.ts'
import type { Directory } from '#/accounts/types.ts'
import { defaultSettings, type Settings } from '#/config/settings.ts'
import type { Answer, Resolver } from '#/dns/resolver.ts'
import { parseAddress, type Address } from '#/message/address.ts'
import { noMailParameters, type Recipient } from '#/message/envelope.ts'
import { openStore, type OpenOptions } from '#/storage/open.ts'
import type { AccessRow, Store, TraceEvent } from '#/storage/store.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { silentLog } from '#/world/node/log.ts'
import type { World } from '#/world/world.ts'
import { openIntake, type OpenIntake } from './open.ts'
import type { Accepted, BodyFacts, Client } from './types.ts'

export const stranger: Client = {
  address: '192.0.2.1',
  listener: 'smtp',
  ehlo: 'client.example',
  protocol: 'ESMTP',
  tls: null,
  user: null,
  userName: null,
}
export const plain = noMailParameters
const facts: BodyFacts = { sizeBytes: 0, strayLineEnds: false, nul: false, eightBit: false, tooBig: false }

export function address(text: string): Address {
  const parsed = parseAddress(text)
  if (!parsed.ok) throw new Error(`${text}: ${parsed.problem}`)
  return parsed.value
}
export const recipient = (text: string): Recipient => ({
  address: address(text),
  parameters: { notify: null, orcpt: null },
})

export type Rig = AsyncDisposable & {
  readonly store: Store
  readonly directory: Directory
  readonly intake: OpenIntake
  readonly ann: number
  readonly bob: number
  set(changes: Partial<Settings['mailServer']>): void
  allow(pattern: string, more?: Partial<AccessRow>): Promise<number>
  /** Says one message and resolves with the final reply as text. */
  send(
    chunks: readonly string[],
    to: readonly string[],
    more?: { client?: Client; facts?: Partial<BodyFacts> },
  ): Promise<string>
  read(mailbox: number, uid?: number): Promise<string>
  trace(): Promise<TraceEvent[]>
}

export async function intakeRig(
  answers: ReadonlyMap<string, Answer> = new Map(),
  extra: Partial<OpenOptions> = {},
): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'netcruiser-intake-'))
  const notHere = (): Promise<never> => Promise.reject(new Error('not here'))
  const net = { listen: notHere, connect: notHere }
  const world: World = { clock, random: randomPool(), net, log: silentLog }
  const store = await openStore({ folder, world, reserveBytes: () => 0, ...extra })
  let settings = defaultSettings
  const settingsNow = (): Settings => settings
  const hostname = 'mx.example.org'
  const [ann, bob] = [await store.addMailbox('ann', 1), await store.addMailbox('bob', 1)]
  await store.putDomain({ name: 'example.org', mode: 'by-name', target: null })
  const directory = await openDirectory({ store, settingsNow, hostname, now: () => clock.now() })
  const look = async (name: string): Promise<Answer> => Promise.resolve(answers.get(name) ?? { is: 'no-such-name' })
  const confirmedName = (client: string): string | null => {
    const known = answers.get(`confirmed ${client}`)
    return known?.is === 'found' ? known.records[0]! : null
  }
  const resolver: Resolver = { ptr: look, addresses: look, confirmedName }
  const intake = openIntake({ store, directory, resolver, settingsNow, world, hostname })
  let position = 0
  return {
    store,
    directory,
    intake,
    ann: ann.id,
    bob: bob.id,
    set(changes) {
      settings = { ...settings, mailServer: { ...settings.mailServer, ...changes } }
    },
    async allow(pattern, more = {}) {
      position++
      const id = await store.putAccess({
        position,
        pattern,
        action: 'allow',
        note: '',
        expiresAt: null,
        senders: [],
        ...more,
      })
      await directory.reload()
      return id
    },
    send: (chunks, to, more = {}) => send(intake, { chunks, to, ...more }),
    async read(mailbox, uid = 1) {
      const parts: Uint8Array[] = []
      for await (const part of store.openMessage(mailbox, uid)) parts.push(part)
      return Buffer.concat(parts).toString('latin1')
    },
    trace: () => store.trace({ limit: 1000 }),
    async [Symbol.asyncDispose]() {
      await intake.close()
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

type Sending = {
  readonly chunks: readonly string[]
  readonly to: readonly string[]
  readonly client?: Client
  readonly facts?: Partial<BodyFacts>
}

async function send(intake: OpenIntake, { chunks, to, client = stranger, facts: more = {} }: Sending): Promise<string> {
  const from = address('x@sender.example')
  const accepted: Accepted[] = []
  for (const text of to) {
    const verdict = await intake.judgeRecipient(client, { from, sizeBytes: null }, recipient(text), accepted)
    if (verdict.accept) accepted.push({ recipient: recipient(text), route: verdict.route })
  }
  const envelope = { from, parameters: plain, to: accepted.map((one) => one.recipient) }
  const receiving = intake.begin(client, envelope, accepted)
  for (const chunk of chunks) await receiving.write(Buffer.from(chunk, 'latin1'))
  const { code, status, lines } = await receiving.finish({ ...facts, ...more })
  return `${code} ${status} ${lines.join(' ')}`
}
