// The network of the simulation as one run of the program sees it: connects to simulated hosts by address. It listens nowhere:
// mail comes in through intake.
import type { Connected, ConnectOptions, ConnectTrouble, Net } from '#/world/world.ts'
import type { Dice } from './dice.ts'
import type { Host } from './host.ts'
import type { Life } from './life.ts'
import { Line } from './line.ts'
import type { Time } from './time.ts'

export type NetParts = {
  readonly time: Time
  readonly life: Life
  readonly dice: Dice
  readonly hostAt: (address: string) => Host | undefined
}

export function simulatedNet(parts: NetParts): Net {
  return {
    connect: (options) => connect(options, parts),
    listen: () => Promise.reject(new Error('nobody listens here')),
  }
}

function connect({ address, timeoutMs }: ConnectOptions, parts: NetParts): Promise<Connected> {
  const { life, dice, hostAt } = parts
  const latencyMs = dice.whole(1, 120)
  const host = hostAt(address)
  const mood = host?.mood() ?? { is: 'unreachable' }
  if (mood.is === 'dead') return life.wait(timeoutMs, () => trouble('timeout'))
  if (mood.is === 'refusing') return life.wait(latencyMs, () => trouble('refused'))
  if (mood.is === 'unreachable') return life.wait(latencyMs, () => trouble('unreachable'))
  const breaksAfterBytes = mood.is === 'cutting' ? mood.afterBytes : Infinity
  return life.wait(2 * latencyMs, () => {
    const line = new Line({ ...parts, latencyMs, breaksAfterBytes }, address)
    host!.greet(line)
    return { ok: true, connection: line.near, tls: null }
  })
}

const trouble = (why: ConnectTrouble): Connected => ({ ok: false, why, text: why })
