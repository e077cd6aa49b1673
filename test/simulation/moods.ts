// What hosts and names are like from time to time: drawn once from the seed, asked at each contact. Pure. Used by scenario.ts,
// host.ts, names.ts.
import type { Dice } from './dice.ts'

export type Stage = 'greeting' | 'ehlo' | 'starttls' | 'mail' | 'rcpt' | 'data' | 'dot'
const stages: readonly Stage[] = ['greeting', 'ehlo', 'mail', 'rcpt', 'data', 'dot']

export type Mood =
  | { readonly is: 'fine' | 'dead' | 'refusing' | 'unreachable' | 'tls-broken' }
  | { readonly is: 'slow'; readonly thinkMs: number }
  | { readonly is: 'mute' | 'busy' | 'rude' | 'dropping'; readonly at: Stage } // no word; 4yz; 5yz; hangs up
  | { readonly is: 'forgetful'; readonly keeps: boolean; readonly says: '' | '25' } // hangs up behind the dot
  | { readonly is: 'cutting'; readonly afterBytes: number }
  | { readonly is: 'full'; readonly share: number } // some messages get a 452 at the dot
export type NameMood =
  { readonly is: 'fine' | 'trouble' | 'missing' } | { readonly is: 'slow'; readonly thinkMs: number }

/** A mood until a moment; the last one lasts. */
export type Weather<M> = readonly { readonly until: number; readonly mood: M }[]

export const moodAt = <M>(weather: Weather<M>, now: number): M =>
  (weather.find(({ until }) => now < until) ?? weather.at(-1)!).mood

export const always = <M>(mood: M): Weather<M> => [{ until: Infinity, mood }]

/** Bad times of minutes to hours, until `end`; fine from then on. */
export function changing<M>(dice: Dice, end: number, draw: (dice: Dice) => M): { until: number; mood: M | null }[] {
  const weather: { until: number; mood: M | null }[] = []
  for (let at = 0; at < end;) {
    at += Math.round(20_000 * 1000 ** dice.next()) // 20 s to 5.5 h
    weather.push({ until: Math.min(at, end), mood: dice.chance(0.25) ? null : draw(dice) })
  }
  return [...weather, { until: Infinity, mood: null }]
}

export function anyMood(dice: Dice): Mood {
  const at = dice.pick(stages)
  switch (
    dice.pick(['away', 'tls-broken', 'slow', 'said', 'dropping', 'forgetful', 'forgetful', 'cutting', 'full'] as const)
  ) {
    case 'away':
      return { is: dice.pick(['dead', 'refusing', 'unreachable']) }
    case 'tls-broken':
      return { is: 'tls-broken' }
    case 'slow':
      return { is: 'slow', thinkMs: dice.whole(500, 40_000) }
    case 'said':
      return { is: dice.pick(['mute', 'busy', 'busy', 'busy', 'rude']), at }
    case 'dropping':
      return { is: 'dropping', at }
    case 'forgetful':
      return { is: 'forgetful', keeps: dice.chance(0.6), says: dice.pick(['', '25']) }
    case 'cutting':
      return { is: 'cutting', afterBytes: dice.whole(0, 3000) }
    case 'full':
      return { is: 'full', share: 0.5 }
  }
}

/** Of a host that never comes back. */
export function deadMood(dice: Dice): Mood {
  const at = dice.pick(stages)
  return { is: dice.pick(['dead', 'refusing', 'mute', 'busy', 'dropping']), at } as Mood // `at` is more than some moods need
}

export function anyNameMood(dice: Dice): NameMood {
  const is = dice.pick(['trouble', 'trouble', 'missing', 'slow'] as const)
  return is === 'slow' ? { is, thinkMs: dice.whole(500, 8000) } : { is }
}
