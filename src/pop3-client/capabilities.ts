// What a POP3 server says that it can. Pure; used by session.ts. RFC 2449 §6
import { readable } from '#/message/printable.ts'
import { lineCharsMax, loginDelaySecondsMax } from './limits.ts'

export type Capabilities = {
  readonly stls: boolean
  readonly top: boolean
  readonly pipelining: boolean
  readonly sasl: ReadonlySet<string>
  readonly expireDays: number | null // null: for ever, or it does not say. RFC 2449 §6.7
  readonly loginDelaySeconds: number
  /** Some of it is different for each user, and told after the login. RFC 2449 §6.5, §6.7 */
  readonly perUser: boolean
  readonly implementation: string | null
}

export function parseCapabilities(lines: readonly string[]): Capabilities {
  const offered = new Map<string, readonly string[]>()
  for (const line of lines) {
    const [keyword = '', ...parameters] = line.split(/[ \t]+/)
    offered.set(keyword.toUpperCase(), parameters)
  }
  const expire = offered.get('EXPIRE')
  const delay = offered.get('LOGIN-DELAY')
  const implementation = offered.get('IMPLEMENTATION')?.join(' ')
  return {
    stls: offered.has('STLS'),
    top: offered.has('TOP'),
    pipelining: offered.has('PIPELINING'),
    sasl: new Set(offered.get('SASL')?.map((name) => name.toUpperCase())),
    expireDays: numberOf(expire?.[0]),
    loginDelaySeconds: Math.min(numberOf(delay?.[0]) ?? 0, loginDelaySecondsMax),
    perUser: [expire, delay].some((parameters) => parameters?.[1]?.toUpperCase() === 'USER'),
    implementation: implementation ? readable(implementation, lineCharsMax) : null,
  }
}

const numberOf = (text = ''): number | null => (/^[0-9]{1,9}$/.test(text) ? Number(text) : null)

/** Of a server that answers no CAPA: what is optional is tried. */
export const unknownCapabilities: Capabilities = { ...parseCapabilities([]), stls: true, top: true }
