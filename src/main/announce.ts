// What the server says when it has started: one line for programs, or words for whoever started it. Pure; main writes it.
import type { Component } from '#/config/listeners.ts'
import { setupLink } from '#/operations/administrators.ts'

export type Listening = {
  readonly component: Component
  readonly address: string
  readonly problem: string | null
}
/** `token`: of the one-time link; empty when an administrator exists. */
export type Told = { readonly folder: string; readonly listening: readonly Listening[]; readonly token: string }

export function asData({ folder: data, listening }: Told, pid: number): object {
  const addresses = Object.fromEntries(openOf(listening).map(({ component, address }) => [component, address]))
  const failed = Object.fromEntries(listening.filter((l) => l.problem !== null).map((l) => [l.component, l.problem]))
  return { ready: true, data, listening: addresses, failed, pid }
}

const names: Readonly<Record<Component, string>> = {
  smtp: 'Mail Server',
  submission: 'Mail Server, submission',
  submissions: 'Mail Server, submission over TLS',
  pop3: 'POP3 Server',
  pop3s: 'POP3 Server over TLS',
  metrics: 'Figures and health',
  console: 'Console',
  consoles: 'Console over TLS',
}

export function inWords({ folder, listening, token }: Told): string {
  const rows = listening.map(
    ({ component, address, problem }) =>
      `  ${names[component].padEnd(34)}${problem === null ? address : `NOT LISTENING: ${problem}`}`,
  )
  const link = setupLink(token, openOf(listening))
  return `NetCruiser Mail is running. Mail is kept in ${folder}\n\n${rows.join('\n')}\n\n${firstStep(link)}${nextSteps}`
}

const openOf = (listening: readonly Listening[]): Listening[] => listening.filter(({ problem }) => problem === null)

/** Told where whoever started the server can read it, and never in a log. WEB-07 */
const firstStep = (link: string | null): string =>
  link === null ? '' : `Set the administrator of the console, once, with this link:\n  ${link}\n\n`

const nextSteps = `What to do next, in another terminal:
  ./netcruiser mailbox add ann --pop3 --password          makes a mailbox and asks for its password
  ./netcruiser domain add example.org --catch ann         takes mail for a domain
  ./netcruiser trace ann                                  tells where mail went, and why
Ctrl-C stops the server.`
