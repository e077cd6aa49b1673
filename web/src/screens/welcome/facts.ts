// What is set up already, as the first set-up needs to know it.
import { call } from '../../app/api.ts'

export type Facts = {
  readonly hostname: string
  /** As the machine calls itself now. */
  readonly called: string
  readonly welcome: readonly string[]
  readonly domains: readonly string[]
  readonly mailboxes: readonly string[]
  readonly mx: boolean
  readonly alternate: string
  readonly alternateHost: string
  readonly forwarding: boolean
  readonly patterns: readonly string[]
  readonly networks: readonly string[]
  readonly advice: readonly string[]
}

/** @throws ApiError */
export async function loadFacts(): Promise<Facts> {
  const [lines, domains, mailboxes, alternates, access, found] = await Promise.all([
    call('settings.show'),
    call('domain.list'),
    call('mailbox.list', {}),
    call('alternate.list'),
    call('access.list'),
    call('doctor'),
  ])
  const value = (name: string): unknown => lines.find((line) => line.name === name)?.value
  const alternate = String(value('mailRelay.alternate'))
  return {
    hostname: String(value('server.hostname')),
    called: found.hostname,
    welcome: value('console.welcome') as string[], // its schema
    domains: domains.map(({ name }) => name),
    mailboxes: mailboxes.rows.map(({ name }) => name),
    mx: value('mailRelay.mx') === true,
    alternate,
    alternateHost: alternates.find(({ name }) => name === alternate)?.hosts[0] ?? '',
    forwarding: value('mailServer.forwarding') === true,
    patterns: access.filter(({ action }) => action === 'allow').map(({ pattern }) => pattern),
    networks: found.networks,
    advice: found.advice,
  }
}

export const keepAnswers = (welcome: readonly string[]): Promise<unknown> =>
  call('settings.set', { name: 'console.welcome', value: welcome })
