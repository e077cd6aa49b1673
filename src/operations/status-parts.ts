// What each part is doing, of facts that status.ts has gathered. Pure: a table of states tests it.
import type { ListenerShown, PartCode, State, Values } from './status-shapes.ts'

export type Says = { readonly state: State; readonly says: { readonly code: PartCode; readonly values: Values } }
type Listening = { readonly running: boolean; readonly listens: readonly ListenerShown[] }

const says = (state: State, code: PartCode, values: Values = {}): Says => ({ state, says: { code, values } })

/** What a part that listens says before anything else; null: it is all right. */
function ofListeners({ running, listens }: Listening): Says | null {
  if (!running) return says('off', 'stopped')
  if (listens.length === 0) return says('off', 'not-asked')
  const broken = listens.filter(({ problem }) => problem !== null)
  const [first] = broken
  if (!first) return null
  const values = { address: first.address, problem: first.problem ?? '', broken: broken.length, of: listens.length }
  return says('problem', broken.length === listens.length ? 'nothing-listens' : 'some-listen', values)
}

export type MailServerFacts = Listening & {
  readonly store: 'yes' | 'full' | 'failed'
  readonly forwarding: boolean
  readonly domains: number
  readonly entries: number
}
export function mailServerSays(facts: MailServerFacts): Says {
  const { store, forwarding, domains, entries } = facts
  if (facts.running && store !== 'yes') return says('problem', store === 'full' ? 'disk-full' : 'store-failed')
  return (
    ofListeners(facts) ??
    (forwarding ? says('ok', 'taking', { domains, entries }) : says('ok', 'taking-only', { domains }))
  )
}

export type MailRelayFacts = {
  readonly running: boolean
  readonly paused: boolean
  readonly routes: number
  readonly problems: number
  readonly open: number
  readonly deferredDestinations: number
}
export function mailRelaySays(facts: MailRelayFacts): Says {
  const { running, paused, routes, problems, open, deferredDestinations: destinations } = facts
  if (!running) return says('off', 'stopped')
  if (paused) return says('held', 'paused', { open })
  if (routes === 0) return says('problem', 'no-route', { open })
  if (problems > 0) return says('problem', 'trouble', { problems, open })
  if (destinations > 0) return says('wait', 'asked-to-wait', { destinations })
  return open > 0 ? says('ok', 'delivering', { open }) : says('ok', 'idle')
}

export type Pop3ServerFacts = Listening & { readonly mailboxes: number; readonly of: number }
export const pop3ServerSays = (facts: Pop3ServerFacts): Says =>
  ofListeners(facts) ?? says('ok', 'access', { mailboxes: facts.mailboxes, of: facts.of })

export type Pop3ClientFacts = {
  readonly running: boolean
  readonly enabled: boolean
  readonly accounts: readonly {
    readonly state: 'idle' | 'busy' | 'failing' | 'stopped' | 'paused'
    readonly everyMs: number
  }[]
}
export function pop3ClientSays({ running, enabled, accounts }: Pop3ClientFacts): Says {
  const count = (state: string): number => accounts.filter((one) => one.state === state).length
  const [of, paused, stopped, failing] = [accounts.length, count('paused'), count('stopped'), count('failing')]
  const atWork = accounts.filter(({ state }) => state !== 'paused').map(({ everyMs }) => everyMs)
  if (!running) return says('off', 'stopped')
  if (!enabled) return says('off', 'disabled', { of })
  if (of === 0) return says('off', 'no-accounts')
  if (atWork.length === 0) return says('held', 'accounts-paused', { of })
  const values = { of, collecting: of - paused - stopped, ...every(atWork) }
  if (stopped > 0) return says('problem', 'needs-you', { ...values, stopped })
  return failing > 0 ? says('wait', 'failing', { ...values, failing }) : says('ok', 'collecting', values)
}

/** Shortest and longest interval, in minutes. */
function every(intervalsMs: readonly number[]): { everyMin: number; everyMax: number } {
  const minutes = intervalsMs.map((ms) => Math.round(ms / 60_000))
  return { everyMin: Math.min(...minutes), everyMax: Math.max(...minutes) }
}

export function consoleSays(facts: Listening): Says {
  const { listens } = facts
  const here = listens.every(({ address }) => /^(?:127\.|\[?::1\]?)/.test(address))
  return ofListeners(facts) ?? says('ok', here ? 'open-here' : 'open-network')
}
