// SIGKILL while mail is collected, again and again: `npm run torture -- --collect --kills 2000`. The remote server (remote.ts)
// says when a conversation has come to a step, and there the kill falls, or a moment later. Afterwards all is collected, and
// each message that ever was in a remote box is here once: what went from there is here, what is here is whole.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { cli, dataFolder, start, type Served } from '../serve.ts'
import { accountsOf, collectEntry, collectHead, type Account } from './collect-accounts.ts'
import { byHand, runOf, untilIdle } from './collect-calls.ts'
import { heldIn, type Held } from './copies.ts'
import { orphans } from './orphans.ts'
import { steps, TortureRemote, type Step } from './remote.ts'

/** At no step, at any time. */
type Place = Step | 'anywhere'
export type CollectFigures = {
  readonly kills: number
  readonly at: ReadonlyMap<Place, number>
  readonly came: number // to the remote boxes
  readonly removed: number // from them
  readonly here: number
  readonly lost: readonly string[] // gone from there, and not here
  readonly doubled: readonly string[]
  readonly torn: readonly string[]
  readonly left: readonly string[] // still there though all was let be collected, and not here
  readonly misjudged: readonly string[] // boxes that do not hold what their account says
  readonly orphans: readonly string[]
  readonly verify: string
}

export type Wanted = { readonly kills: number; readonly secondsMax?: number; readonly places?: readonly Place[] }
type Rig = {
  readonly folder: string
  readonly accounts: readonly Account[]
  readonly remotes: readonly TortureRemote[]
}

export async function tortureCollect({
  kills: killsMax,
  secondsMax = Infinity,
  places,
}: Wanted): Promise<CollectFigures> {
  const aims = places ?? [...steps, 'anywhere']
  using folder = dataFolder()
  const sides = [await opened('row', { pipelining: true }), await opened('one', { pipelining: false })] as const
  await using first = sides[0].remote
  await using second = sides[1].remote
  const imported = cli(
    folder.path,
    ['settings', 'import', '-'],
    collectHead + sides.map(({ entries }) => entries).join(''),
  )
  assert.equal(imported.status, 0, imported.stderr)
  const rig: Rig = {
    folder: folder.path,
    accounts: sides.flatMap(({ accounts }) => accounts),
    remotes: [first, second],
  }
  const at = new Map<Place, number>()
  const stopAt = Date.now() + secondsMax * 1000
  let kills = 0
  for (; kills < killsMax && Date.now() < stopAt; kills++) {
    const place = await killed(rig, aims[kills % aims.length]!, kills)
    at.set(place, (at.get(place) ?? 0) + 1)
    if (kills % 100 === 99) console.log(`${kills + 1} kills, ${cameTo(rig)} messages`)
  }
  return reconcile(rig, at, await collected(rig))
}

type Side = { readonly remote: TortureRemote; readonly accounts: readonly Account[]; readonly entries: string }

async function opened(kind: string, options: ConstructorParameters<typeof TortureRemote>[1]): Promise<Side> {
  const accounts = accountsOf(kind)
  const remote = new TortureRemote(accounts.map(({ box }) => box), options) // prettier-ignore
  const port = await remote.listen()
  return { remote, accounts, entries: accounts.map((one) => collectEntry(one, port)).join('') }
}

const cameTo = ({ accounts }: Rig): number => accounts.reduce((sum, { box }) => sum + box.came.size, 0)

const patienceMs = 3000

/** One life of the server: it collects until it dies. Resolves with where that was. */
async function killed(rig: Rig, aim: Place, number: number): Promise<Place> {
  const server = await start(rig.folder, ['pop3'])
  const hit = aimed(rig, aim, { server, number })
  void keepAsking(rig, server)
  const place = await hit
  for (const remote of rig.remotes) remote.reached = () => false
  return place
}

/** The kill falls when the conversations have come to a step so many times, at once or up to 12 ms later. */
async function aimed(
  { remotes }: Rig,
  aim: Place,
  { server, number }: { server: Served; number: number },
): Promise<Place> {
  const ended = once(server.child, 'exit')
  const spread = (number * 2_654_435_761) % 4_294_967_296
  const delayMs = number % 2 === 0 ? 0 : spread % 13
  let count = 1 + (spread % (aim.startsWith('quit') ? 3 : 40))
  let place: Place = 'anywhere'
  const kill = (): boolean => server.child.kill('SIGKILL')
  for (const remote of remotes)
    remote.reached = (step) => {
      if (step !== aim || --count !== 0) return false
      place = aim
      if (delayMs === 0) return kill()
      setTimeout(kill, delayMs)
      return false
    }
  const late = setTimeout(kill, aim === 'anywhere' ? spread % 400 : patienceMs)
  await ended
  clearTimeout(late)
  return place
}

/** One run of an account after the other, all accounts side by side. */
async function keepAsking({ folder, accounts }: Rig, { child }: Served): Promise<void> {
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null
  const ask = async (account: Account): Promise<void> => {
    while (!isOver()) await asked(folder, account).catch(() => sleep(5))
  }
  await Promise.all(accounts.map(ask))
}

async function asked(folder: string, account: Account): Promise<void> {
  if (account.byHand) await byHand(folder, account.box, 3)
  await runOf(folder, account.box.name)
}

const actsMax = 20

/** Nothing new comes; runs until they find nothing to do. */
async function collected({ folder, accounts, remotes }: Rig): Promise<Held> {
  for (const remote of remotes) remote.arriving = false
  const server = await start(folder, ['pop3'])
  try {
    for (const { box } of accounts) await untilIdle(folder, box.name)
    for (const { box } of accounts.filter((one) => one.byHand))
      for (let act = 0; act < actsMax && box.there.length > 0; act++) await byHand(folder, box, 1000)
    return await heldIn(Number(server.listening['pop3']?.split(':').at(-1)), 'ann')
  } finally {
    await server.stop()
  }
}

function reconcile({ folder, accounts }: Rig, at: ReadonlyMap<Place, number>, held: Held): CollectFigures {
  const here = new Set(held.names)
  const boxes = accounts.map(({ box }) => box)
  const missing = (names: Iterable<string>): string[] => [...names].filter((name) => !here.has(name))
  return {
    kills: [...at.values()].reduce((sum, count) => sum + count, 0),
    at,
    came: boxes.reduce((sum, { came }) => sum + came.size, 0),
    removed: boxes.reduce((sum, { removed }) => sum + removed.size, 0),
    here: held.names.length,
    lost: boxes.flatMap(({ removed }) => missing(removed)),
    doubled: twice(held.names),
    torn: held.torn,
    left: boxes.flatMap(({ there }) => missing(there)),
    misjudged: accounts
      .filter(({ box, stays }) => box.there.length !== stays(box.came.size))
      .map(({ box }) => `${box.name} holds ${box.there.length} of ${box.came.size}`),
    orphans: orphans(folder),
    verify: cli(folder, ['verify']).stdout.trim(),
  }
}

function twice(names: readonly string[]): string[] {
  const seen = new Set<string>()
  return names.filter((name) => seen.size === seen.add(name).size)
}

/** Each of these lists is empty, or something is wrong. */
export const faultsOf = ({ lost, doubled, torn, left, misjudged, orphans: files }: CollectFigures) => ({
  lost,
  doubled,
  torn,
  left,
  misjudged,
  orphans: files,
})

export function collectSentence(f: CollectFigures): string {
  const at = Array.from(f.at, ([place, count]) => `${place} ${count}`).join(', ')
  return (
    `${f.kills} kills (${at}), ${f.came} messages came to the remote boxes, ${f.here} are here, ${f.removed} removed there, ` +
    `${f.lost.length} lost, ${f.doubled.length} doubled, ${f.torn.length} torn, ${f.left.length} left, ` +
    `${f.misjudged.length} boxes misjudged, ${f.orphans.length} orphans; verify: ${f.verify}`
  )
}
