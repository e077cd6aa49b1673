// DNS in the simulation: what each domain says, with its moods. Used by program.ts.
import type { Answer, MailResolver, MxAnswer, NoAnswer } from '#/dns/resolver.ts'
import type { Life } from './life.ts'
import { moodAt, type NameMood, type Weather } from './moods.ts'
import type { Time } from './time.ts'

export type Zone = {
  readonly domain: string
  /** `null-mx`: takes no mail, and says so. No hosts: the name does not exist. */
  readonly is: 'mx' | 'null-mx' | 'address'
  readonly hosts: readonly {
    readonly name: string
    readonly preference: number
    readonly addresses: readonly string[]
  }[]
  readonly weather: Weather<NameMood>
}
export type NamesParts = {
  readonly time: Time
  readonly life: Life
  readonly zones: readonly Zone[]
  /** Hears when a domain was said not to take mail or not to exist. */
  readonly refused: (domain: string) => void
}

const answerMs = 20
const troubleMs = 6_000

export function simulatedNames({ time, life, zones, refused }: NamesParts): MailResolver {
  const answer = <T>(zone: Zone | undefined, tell: (zone: Zone) => T): Promise<T | NoAnswer> => {
    const mood = zone ? moodAt(zone.weather, time.now) : ({ is: 'fine' } as const)
    if (mood.is === 'trouble') return life.wait(troubleMs, () => ({ is: 'trouble', why: 'no server answers' }) as const)
    const missing =
      zone === undefined || zone.hosts.length + Number(zone.is === 'null-mx') === 0 || mood.is === 'missing'
    return life.wait(mood.is === 'slow' ? mood.thinkMs : answerMs, () => {
      if (zone && (missing || zone.is === 'null-mx')) refused(zone.domain)
      return missing ? { is: 'no-such-name' } : tell(zone)
    })
  }
  return {
    mx: (name) =>
      answer(
        zones.find(({ domain }) => domain === name),
        mxOf,
      ),
    addresses: (name) => {
      const zone = zones.find(({ domain, hosts }) => domain === name || hosts.some((host) => host.name === name))
      return answer(zone, (known) => addressesOf(known, name))
    },
    ptr: () => Promise.resolve({ is: 'no-data' }),
    oddAddresses: () => Promise.resolve({ is: 'no-data' }),
    txt: () => Promise.resolve({ is: 'no-data' }),
    confirmedName: () => null,
  }
}

function mxOf({ is, hosts }: Zone): MxAnswer {
  if (is === 'address') return { is: 'no-data' }
  return {
    is: 'found',
    nullMx: is === 'null-mx',
    ttlMs: 0,
    hosts: hosts.map(({ name, preference }) => ({ name, preference })),
  }
}

function addressesOf({ domain, is, hosts }: Zone, name: string): Answer {
  const there = hosts.filter((host) => host.name === name || (is === 'address' && domain === name))
  const records = there.flatMap(({ addresses }) => addresses)
  return records.length === 0 ? { is: 'no-data' } : { is: 'found', ttlMs: 0, records }
}
