// What is going to happen to the collector, drawn from the seed before anything does: settings, remote mailboxes, accounts,
// mail that arrives there, misfortunes. Pure. Read by simulation.ts.
import { remoteAccountSchema, type RemoteAccount } from '#/config/remote-accounts.ts'
import { settingsSchema, type Settings } from '#/config/settings.ts'
import type { RemoteAction } from '#/pop3-client/types.ts'
import type { Dice } from '../dice.ts'
import { always, changing, type Weather } from '../moods.ts'
import { hostname } from '../scenario.ts'
import type { FarOptions } from './far.ts'
import { anyFarMood, deadFarMood, type FarMood } from './moods.ts'

/** `well`: always. `changing`: well in the end. `slow` and `dead`: for ever. */
export type Kind = 'well' | 'changing' | 'slow' | 'dead'
export type FarPlan = FarOptions & {
  readonly kind: Kind
  readonly accounts: number
  readonly arrivals: readonly number[]
}
export type Hand = RemoteAction | 'run' | 'cancel' | 'browse' | 'test'
export type Happening = { readonly at: number } & (
  | { readonly do: 'kill' | 'stop'; readonly restMs: number }
  | {
      readonly do: 'kill-at'
      readonly what: 'write' | 'step'
      readonly nth: number
      readonly when: 'before' | 'after'
      readonly restMs: number
    }
  | { readonly do: 'set-clock'; readonly byMs: number }
  | { readonly do: 'fill-disk'; readonly forMs: number }
  | { readonly do: 'hand'; readonly account: string; readonly what: Hand }
)
export type Scenario = {
  readonly settings: Settings
  readonly fars: readonly FarPlan[]
  readonly accounts: readonly RemoteAccount[]
  readonly happenings: readonly Happening[]
  /** From then on nothing bad happens by itself. */
  readonly calmAt: number
  readonly endAt: number
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** Every so many seeds one has as many accounts as a large server. */
const crowdEvery = 200
const crowd = 500

export function drawScenario(seed: number, dice: Dice): Scenario {
  const isCrowd = seed % crowdEvery === 0
  const calmAt = (isCrowd ? 1.5 : dice.whole(4, 12)) * hourMs
  const count = isCrowd ? crowd : dice.whole(1, 8)
  const settings = drawSettings(dice, isCrowd)
  const isJam = dice.chance(0.1)
  const fars = Array.from({ length: isJam ? count + 8 : count }, (_, i) =>
    drawFar(dice.fork(), i, { calmAt, isCrowd, isJam }),
  )
  const accounts = fars.flatMap((far, i) => drawAccounts(dice.fork(), { far, i, isCrowd }))
  const gentle = accounts.filter(({ host }) => fars.some((far) => far.host === host && far.kind !== 'dead'))
  const byHand = gentle.length === 0 ? [] : handWork(dice, { accounts: gentle, calmAt })
  const happenings = [...misfortunes(dice.fork(), calmAt), ...byHand]
  return { settings, fars, accounts, happenings, calmAt, endAt: calmAt + (isCrowd ? 2.5 : 9) * hourMs }
}

function drawSettings(dice: Dice, isCrowd: boolean): Settings {
  return settingsSchema.parse({
    server: { hostname },
    pop3Client: {
      connectionsMax: isCrowd ? 20 : dice.pick([2, 4, 6, 20]),
      jitterShare: dice.pick([0, 0.1, 0.5]),
      backoffMaxMs: isCrowd ? hourMs : dice.pick([hourMs, 4 * hourMs, 14 * hourMs]),
      alertAfterMs: dice.pick([4, 24]) * hourMs,
      alertAfterFailures: dice.pick([3, 10]),
      commitEvery: dice.pick([2, 2000]),
    },
  })
}

const mixed: readonly Kind[] = ['well', 'well', 'well', 'changing', 'changing', 'changing', 'dead', 'slow']
/** More of them are slow than there are places. */
const jammed: readonly Kind[] = ['well', 'slow', 'slow', 'slow']
type Around = { readonly calmAt: number; readonly isCrowd: boolean; readonly isJam: boolean }

function drawFar(dice: Dice, i: number, { calmAt, isCrowd, isJam }: Around): FarPlan {
  const kind = dice.pick(isJam ? jammed : mixed)
  const accounts = kind !== 'dead' && dice.chance(0.1) ? 2 : 1
  return {
    host: `${kind}${i}.example`,
    kind,
    accounts,
    weather: weatherOf(dice, kind, calmAt),
    loginDelaySeconds: accounts === 1 ? dice.pick([0, 0, 0, 300]) : 0,
    lockMs: accounts === 1 ? dice.pick([0, 0, 3000]) : 0,
    pipelining: dice.chance(0.8),
    arrivals: Array.from({ length: dice.whole(0, isCrowd ? 3 : isJam ? 70 : 25) }, () => Math.floor(dice.next() ** (isJam ? 9 : 2) * calmAt)), // prettier-ignore
  }
}

function weatherOf(dice: Dice, kind: Kind, calmAt: number): Weather<FarMood> {
  const fine: FarMood = { is: 'fine' }
  if (kind === 'dead') return always(deadFarMood(dice))
  if (kind === 'slow') return always({ is: 'slow', thinkMs: dice.whole(5000, 50_000) })
  if (kind === 'well') return always(fine)
  return changing(dice, calmAt * dice.next(), anyFarMood).map(({ until, mood }) => ({ until, mood: mood ?? fine }))
}

type Drawn = { readonly far: FarPlan; readonly i: number; readonly isCrowd: boolean }

/** Some mailboxes are collected by two accounts. */
function drawAccounts(dice: Dice, { far: { host, kind, accounts }, i, isCrowd }: Drawn): RemoteAccount[] {
  return Array.from({ length: accounts }, (_, n) => {
    const intervalMs = isCrowd ? dice.pick([30, 60]) * minuteMs : dice.pick([10, 20, 30, 60, 240]) * minuteMs
    return remoteAccountSchema.parse({
      name: `${kind}${i}-${n}`,
      mailbox: 1,
      host,
      port: 995,
      auth: { kind: 'password', user: 'ann', secret: '' },
      intervalMs,
      first: 'everything',
      ...keeping(dice),
      ...(intervalMs < hourMs && dice.chance(0.3) && { messagesMax: 3 }),
      minutesMax: dice.pick([2, 60]),
    })
  })
}

const keeping = (dice: Dice): Partial<RemoteAccount> =>
  dice.pick([{ leave: true }, { leave: false }, { leave: false }, { deleteAfterDays: 0 }, { keepNewest: 3 }])

const hands: readonly Hand[] = ['run', 'run', 'cancel', 'cancel', 'browse', 'test', 'fetch', 'fetch-delete', 'delete', 'again'] // prettier-ignore

function handWork(
  dice: Dice,
  { accounts, calmAt }: { accounts: readonly RemoteAccount[]; calmAt: number },
): Happening[] {
  const count = dice.chance(0.5) ? 0 : dice.whole(1, 30)
  const at = (): number => Math.floor(dice.next() * calmAt)
  return Array.from({ length: count }, () => ({ at: at(), do: 'hand', account: dice.pick(accounts).name, what: dice.pick(hands) })) // prettier-ignore
}

function misfortunes(dice: Dice, calmAt: number): Happening[] {
  const restMs = (): number => dice.pick([1000, 20_000, 10 * minuteMs, hourMs])
  return Array.from({ length: dice.pick([0, 1, 2, 3, 6]) }, (): Happening => {
    const at = Math.floor(calmAt * dice.next() ** 2)
    switch (dice.pick(['write', 'write', 'step', 'step', 'step', 'kill', 'stop', 'stop', 'clock', 'disk'] as const)) {
      case 'write':
        return { at, do: 'kill-at', what: 'write', nth: dice.whole(1, 30), when: dice.pick(['before', 'after']), restMs: restMs() } // prettier-ignore
      case 'step':
        return { at, do: 'kill-at', what: 'step', nth: dice.whole(1, 30), when: dice.pick(['before', 'after']), restMs: restMs() } // prettier-ignore
      case 'kill':
        return { at, do: 'kill', restMs: restMs() }
      case 'stop':
        return { at, do: 'stop', restMs: restMs() }
      case 'clock':
        return { at, do: 'set-clock', byMs: dice.pick([-1, 1]) * dice.pick([2 * minuteMs, hourMs, 5 * hourMs]) }
      case 'disk':
        return { at, do: 'fill-disk', forMs: dice.whole(1000, 10 * minuteMs) }
    }
  })
}
