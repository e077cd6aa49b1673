// SIGKILL under load, again and again: `npm run torture -- --kills 1000 --clients 50` (--relay: relay.ts,
// --collect: collect.ts). Afterwards every message that got its 250 and was not deleted is there exactly once, none that was deleted came back, and no content
// file is left over.
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { cli, dataFolder, start, world as oneMailbox } from '../serve.ts'
import { connect } from '../wire-client.ts'
import { collectSentence, faultsOf, tortureCollect } from './collect.ts'
import { orphans } from './orphans.ts'
import { relaySentence, tortureRelay } from './relay.ts'
import { mailboxes, type Ledger, type Round } from './load.ts'

export type Figures = {
  readonly kills: number
  readonly acknowledged: number
  readonly deleted: number
  readonly undecided: number
  readonly stored: number
  readonly lost: readonly string[]
  readonly doubled: readonly string[]
  readonly returned: readonly string[]
  readonly torn: readonly string[]
  readonly orphans: readonly string[]
  readonly verify: string
}

const others = mailboxes.slice(1).map((name) => `[[mailbox]]\nname = "${name}"\npassword = "secret"\npop3 = true\n`)
const world = `${oneMailbox}${others.join('')}`
const port = (address: string | undefined): number => Number(address?.split(':').at(-1))

type Wanted = { readonly kills: number; readonly clients: number; readonly secondsMax?: number }

export async function torture({ kills: killsMax, clients, secondsMax = Infinity }: Wanted): Promise<Figures> {
  const stopAt = Date.now() + secondsMax * 1000
  let kills = 0
  using folder = dataFolder()
  assert.equal(cli(folder.path, ['settings', 'import', '-'], world).status, 0)
  const load = fork('test/torture/load.ts')
  const all: Ledger = { acknowledged: [], deleted: [], undecided: [], torn: [] }
  try {
    for (; kills < killsMax && Date.now() < stopAt; kills++) {
      const server = await start(folder.path)
      const { smtp, pop3 } = server.listening
      const round: Round = { number: kills, smtp: port(smtp), pop3: port(pop3), clients }
      const ended = once(load, 'message')
      load.send(round)
      await sleep((kills % 4 === 3 ? 600 : 60) + ((kills * 97) % 240)) // each fourth round lets readers come far
      await server.stop('SIGKILL')
      const [ledger] = (await ended) as [Ledger] // what load.ts sends
      for (const key of ['acknowledged', 'deleted', 'undecided', 'torn'] as const)
        for (const name of ledger[key]) all[key].push(name)
      if (kills % 50 === 49) progress(kills + 1, all)
    }
  } finally {
    load.disconnect()
  }
  return await reconcile(folder.path, kills, all)
}

function progress(kills: number, { acknowledged, deleted }: Ledger): void {
  console.log(`${kills} kills, ${acknowledged.length} acknowledged, ${deleted.length} deleted`)
}

async function reconcile(data: string, kills: number, ledger: Ledger): Promise<Figures> {
  const server = await start(data) // takes up what the last kill left
  const names: string[] = []
  for (const mailbox of mailboxes) names.push(...(await subjects(port(server.listening['pop3']), mailbox)))
  await server.stop()
  const stored = new Set(names)
  const mayBeGone = new Set([...ledger.deleted, ...ledger.undecided])
  return {
    kills,
    acknowledged: ledger.acknowledged.length,
    deleted: ledger.deleted.length,
    undecided: ledger.undecided.length,
    stored: names.length,
    lost: ledger.acknowledged.filter((name) => !stored.has(name) && !mayBeGone.has(name)),
    doubled: stored.size === names.length ? [] : names.filter((name, i) => names.indexOf(name, i + 1) >= 0),
    returned: ledger.deleted.filter((name) => stored.has(name)),
    torn: ledger.torn,
    orphans: orphans(data),
    verify: cli(data, ['verify']).stdout.trim(),
  }
}

async function subjects(pop3: number, mailbox: string): Promise<string[]> {
  const client = await connect(pop3)
  await client.send(`USER ${mailbox}\r\nPASS secret\r\nSTAT\r\n`)
  for (let i = 0; i < 3; i++) await client.line()
  const count = Number((await client.line())?.split(' ')[1])
  const names: string[] = []
  for (let n = 1; n <= count; n++) {
    await client.send(`TOP ${n} 0\r\n`)
    for (let line = await client.line(); line !== null && line !== '.'; line = await client.line())
      if (line.startsWith('Subject: ')) names.push(line.slice(9))
  }
  client.destroy()
  assert.equal(names.length, count, 'each message has its subject')
  return names
}

export function sentence(f: Figures): string {
  return (
    `${f.kills} kills, ${f.acknowledged} acknowledged, ${f.deleted} deleted, ${f.undecided} undecided, ` +
    `${f.stored} stored, ${f.lost.length} lost, ${f.doubled.length} doubled, ${f.returned.length} came back, ` +
    `${f.torn.length} torn, ${f.orphans.length} orphans; verify: ${f.verify}`
  )
}

async function toldOfStore(wanted: Wanted): Promise<(readonly string[])[]> {
  const figures = await torture(wanted)
  console.log(sentence(figures))
  const { lost, doubled, returned, torn, orphans } = figures
  return [lost, doubled, returned, torn, orphans]
}

async function toldOfRelay(wanted: Wanted): Promise<(readonly string[])[]> {
  const figures = await tortureRelay(wanted)
  console.log(relaySentence(figures))
  return [figures.lost, figures.unmarked]
}

async function toldOfCollecting(wanted: Wanted): Promise<(readonly string[])[]> {
  const figures = await tortureCollect(wanted)
  console.log(collectSentence(figures))
  return Object.values(faultsOf(figures))
}

if (import.meta.main) {
  const option = (value: string): { type: 'string'; default: string } => ({ type: 'string', default: value })
  const numbers = { kills: option('100'), clients: option('50'), seconds: option('86400') }
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({ options: { ...numbers, relay: flag, collect: flag } })
  const { kills, clients, seconds, relay, collect } = values
  const wanted = { kills: Number(kills), clients: Number(clients), secondsMax: Number(seconds) }
  const told = relay ? toldOfRelay : collect ? toldOfCollecting : toldOfStore
  if ((await told(wanted)).some((list) => list.length > 0)) process.exitCode = 1
}
