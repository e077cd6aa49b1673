// The same Mail Server on a store that keeps nothing: what the protocol alone can do. `ceiling.ts PORT`. For measuring only.
import { crc32 } from 'node:zlib'
import { openIntake } from '../src/intake/open.ts'
import { openDirectory } from '../src/accounts/directory.ts'
import { mailServer } from '../src/mail-server/server.ts'
import { settingsSchema } from '../src/config/settings.ts'
import type { Resolver } from '../src/dns/resolver.ts'
import type { MailboxRow, Spool, Store } from '../src/storage/store.ts'
import { clock, randomPool } from '../src/world/node/clock.ts'
import { silentLog } from '../src/world/node/log.ts'
import { nodeNet } from '../src/world/node/net.ts'

const many = 20_000
const settings = settingsSchema.parse({
  mailServer: { connectionsPerClientMax: many, connectionsMax: many, junkCommandsMax: many },
})
const world = { clock, random: randomPool(), net: nodeNet(clock), log: silentLog }
const mailboxes = Array.from({ length: 20 }, (_, i) => ({
  id: i + 1,
  name: `user${i + 1}`,
  deletedAt: null,
  disabled: null,
  quotaBytes: null,
  forward: null,
})) as unknown as MailboxRow[] // the columns that the directory reads

/** Does what a spool does with octets but keep them. */
function spool(): Spool {
  let [sizeBytes, crc] = [0, 0]
  return {
    write: (chunk) => {
      sizeBytes += chunk.length
      crc = crc32(chunk, crc)
      return undefined
    },
    finish: () => ({ sizeBytes, endsInCrlf: true, crc32: crc, chunks: [], file: null }),
    discard: () => undefined,
  }
}
const store = {
  spool,
  accept: () => Promise.resolve([]),
  canAccept: () => 'yes',
  mailboxes: () => Promise.resolve(mailboxes),
  domains: () => Promise.resolve([{ name: 'bench.test', mode: 'by-name', target: null }]),
  addresses: () => Promise.resolve([]),
  access: () => Promise.resolve([]),
} as unknown as Store // what intake and the directory ask for
const settingsNow = () => settings
const directory = await openDirectory({ store, settingsNow, hostname: 'mx.bench.test', now: () => clock.now() })
const intake = openIntake({
  store,
  directory,
  resolver: { confirmedName: () => null } as unknown as Resolver,
  settingsNow,
  world,
  hostname: 'mx.bench.test',
}) // nobody relays here
const server = mailServer({
  intake,
  logins: undefined as never,
  directory,
  settingsNow,
  world,
  identity: null,
  hostname: 'mx.bench.test',
}) // nobody signs in
await server.listen({ address: '127.0.0.1', port: Number(process.argv[2]), listener: 'smtp' })
