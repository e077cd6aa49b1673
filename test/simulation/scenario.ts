// What is going to happen, drawn from the seed before anything does: settings, destinations, messages, misfortunes. Pure.
// Read by simulation.ts; printed with a failing seed.
import { settingsSchema, type Settings } from '#/config/settings.ts'
import type { Notify } from '#/message/envelope.ts'
import type { Dice } from './dice.ts'
import type { HostOptions } from './host.ts'
import { always, anyMood, anyNameMood, changing, deadMood, type Mood, type NameMood, type Weather } from './moods.ts'
import type { Zone } from './names.ts'

/** `live`: always well. `changing`: well in the end. `dead`: never again. `closed`: says that it takes no mail. */
export type Kind = 'live' | 'changing' | 'dead' | 'closed'
export type Destination = { readonly kind: Kind; readonly zone: Zone; readonly hosts: readonly HostOptions[] }
export type Letter = {
  readonly from: string | null
  readonly to: readonly { readonly address: string; readonly notify: Notify | null }[]
  readonly octets: string
  /** Sent on by a mapping of ours: its owner hears of a failure. AD-14 */
  readonly forwarded: boolean
}
export type Happening = { readonly at: number } & (
  | { readonly do: 'send'; readonly letter: Letter }
  | { readonly do: 'kill'; readonly restMs: number }
  | { readonly do: 'kill-at-write'; readonly nth: number; readonly when: 'before' | 'after'; readonly restMs: number }
  | { readonly do: 'kill-at-arrival'; readonly nth: number; readonly times: number; readonly restMs: number }
  | { readonly do: 'stop'; readonly restMs: number }
  | { readonly do: 'freeze'; readonly secondMs: number; readonly forMs: number }
  | { readonly do: 'set-clock'; readonly byMs: number; readonly back: SetBack | null }
  | { readonly do: 'fill-disk'; readonly forMs: number }
)
/** Somebody sees that the clock is wrong, and mends it: in operation, or by booting anew. */
type SetBack = { readonly afterMs: number; readonly whileDown: boolean }
export type Scenario = {
  readonly settings: Settings
  readonly destinations: readonly Destination[]
  readonly happenings: readonly Happening[]
  readonly hasAlternate: boolean
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
export const hostname = 'us.example'
export const alternateName = 'smart.example'

export function drawScenario(dice: Dice): Scenario {
  const hasAlternate = dice.chance(0.2)
  const settings = drawSettings(dice, hasAlternate)
  const destinations = Array.from({ length: dice.whole(1, 5) }, (_, i) => drawDestination(dice.fork(), i, settings))
  const letters = drawLetters(dice, destinations)
  return { settings, destinations, hasAlternate, happenings: [...letters, ...misfortunes(dice.fork())] }
}

function drawSettings(dice: Dice, hasAlternate: boolean): Settings {
  const lifetimeMs = dice.pick([5 * dayMs, dayMs, ...Array<number>(8).fill(6 * hourMs)])
  return settingsSchema.parse({
    server: { hostname },
    mailRelay: {
      lifetimeMs,
      noticeLifetimeMs: Math.round(lifetimeMs / 2.5),
      ...(dice.chance(0.5) && { delayNoticeMs: 40 * minuteMs }),
      ...(dice.chance(0.1) && { sendFailureNotices: false }),
      ...(dice.chance(0.4) && { confirmLate: true }),
      ...(dice.chance(0.2) && { postmasterCopies: true }),
      ...(dice.chance(0.3) && { perDestinationMax: 1, connectionsMax: 12 }),
      ...(dice.chance(0.2) && { messagesPerConnectionMax: 2 }),
      ...(hasAlternate && { alternate: 'smart' }),
      ...(hasAlternate && dice.chance(0.3) && { mx: false }),
    },
  })
}

function drawDestination(dice: Dice, number: number, { mailRelay }: Settings): Destination {
  const kind = dice.pick<Kind>(['live', 'live', 'changing', 'changing', 'changing', 'dead', 'dead', 'closed'])
  const domain = `${kind}${number}.example`
  const count = kind === 'closed' ? 0 : dice.whole(1, 2)
  const end = Math.min(0.6 * mailRelay.lifetimeMs, dayMs) * dice.next()
  const hosts = Array.from({ length: count }, (_, i): HostOptions => ({
    name: `mx${i}.${domain}`,
    addresses: Array.from({ length: dice.whole(1, 2) }, (_, n) => `203.0.113.${number * 10 + i * 2 + n + 1}`),
    weather: hostWeather(dice, kind, end),
    extensions: ['8BITMIME', ...extensions.filter(() => dice.chance(0.7))], // conversions have tests of their own
    recipientsMax: dice.chance(0.3) ? 2 : 100,
  }))
  const is =
    kind === 'closed'
      ? dice.pick(['mx', 'null-mx'] as const)
      : count === 1
        ? dice.pick(['mx', 'address'] as const)
        : 'mx'
  const named = hosts.map(({ name, addresses }, i) => ({ name, addresses, preference: 10 * i * dice.whole(0, 1) }))
  return { kind, hosts, zone: { domain, is, hosts: named, weather: nameWeather(dice, kind, end) } }
}

const extensions = ['PIPELINING', 'STARTTLS', 'DSN', 'ENHANCEDSTATUSCODES', 'SMTPUTF8']

function hostWeather(dice: Dice, kind: Kind, end: number): Weather<Mood> {
  const fine: Mood = { is: 'fine' }
  if (kind === 'dead') return always(dice.chance(0.85) ? deadMood(dice) : fine) // then its name is dead
  if (kind !== 'changing') return always(fine)
  return changing(dice, end, anyMood).map(({ until, mood }) => ({ until, mood: mood ?? fine }))
}

function nameWeather(dice: Dice, kind: Kind, end: number): Weather<NameMood> {
  const fine: NameMood = { is: 'fine' }
  if (kind === 'dead' && dice.chance(0.3)) return always({ is: 'trouble' })
  if (kind !== 'changing' || dice.chance(0.6)) return always(fine)
  return changing(dice, end, anyNameMood).map(({ until, mood }) => ({ until, mood: mood ?? fine }))
}

function drawLetters(dice: Dice, destinations: readonly Destination[]): Happening[] {
  const count = dice.whole(5, 30)
  const spanMs = dice.pick([minuteMs, hourMs, 6 * hourMs])
  return Array.from({ length: count }, (_, i) => {
    const at = Math.floor(dice.next() * spanMs)
    return { at, do: 'send', letter: drawLetter(dice, i, destinations) }
  })
}

const tempers = ['ok', 'ok', 'ok', 'ok', 'ok', 'nobody', 'grey'] as const
const notifies: readonly (Notify | null)[] = [
  null,
  null,
  null,
  null,
  'NEVER',
  ['FAILURE'],
  ['SUCCESS', 'DELAY'],
  ['FAILURE', 'DELAY'],
]

function drawLetter(dice: Dice, number: number, destinations: readonly Destination[]): Letter {
  const to = Array.from({ length: dice.chance(0.6) ? 1 : dice.whole(2, 5) }, (_, i) => ({
    address: `${dice.pick(tempers)}-${number}-${i}@${dice.pick(destinations).zone.domain}`,
    notify: dice.pick(notifies),
  }))
  const stranger = `ok-sender-${number}@${dice.pick(destinations).zone.domain}`
  const from = dice.pick([`ann@${hostname}`, `ann@${hostname}`, stranger, null])
  return { from, to, octets: drawOctets(dice, number), forwarded: dice.chance(0.1) }
}

function drawOctets(dice: Dice, number: number): string {
  const lines = Array.from({ length: dice.chance(0.1) ? 300 : dice.whole(0, 12) }, () => dice.pick(bodyLines))
  const end = dice.chance(0.9) ? '\r\n' : ''
  return `Message-ID: <letter-${number}@sim>\r\nSubject: letter ${number}\r\n\r\n${['body', ...lines].join('\r\n')}${end}`
}

const bodyLines = ['.', '..', '', 'a line of text', 'gr\xfc\xdfe', '.hidden', 'From here']

function misfortunes(dice: Dice): Happening[] {
  const when = (): number => Math.floor(8 * hourMs * dice.next() ** 3)
  const restMs = (): number => dice.pick([1000, 20_000, 10 * minuteMs, hourMs, dice.chance(0.2) ? 8 * dayMs : 5000])
  return Array.from({ length: dice.pick([0, 1, 1, 2, 3]) }, (): Happening => {
    const at = when()
    switch (
      dice.pick(['write', 'write', 'arrival', 'arrival', 'kill', 'stop', 'freeze', 'clock', 'disk', 'disk'] as const)
    ) {
      case 'write':
        return {
          at,
          do: 'kill-at-write',
          nth: dice.whole(1, 40),
          when: dice.pick(['before', 'after']),
          restMs: restMs(),
        }
      case 'arrival':
        return { at, do: 'kill-at-arrival', nth: dice.whole(1, 10), times: dice.pick([1, 1, 4]), restMs: restMs() }
      case 'kill':
        return { at, do: 'kill', restMs: restMs() }
      case 'stop':
        return { at, do: 'stop', restMs: restMs() }
      case 'freeze':
        return { at, do: 'freeze', secondMs: dice.whole(1000, hourMs), forMs: dice.whole(1000, 3 * hourMs) }
      case 'clock':
        return {
          at,
          do: 'set-clock',
          byMs: dice.pick([-1, 1]) * dice.pick([2 * minuteMs, hourMs, dayMs, 3650 * dayMs]),
          back: dice.chance(0.7) ? { afterMs: restMs(), whileDown: dice.chance(0.5) } : null,
        }
      case 'disk':
        return { at, do: 'fill-disk', forMs: dice.whole(1000, 10 * minuteMs) }
    }
  })
}
