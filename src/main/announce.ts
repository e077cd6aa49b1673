// What the server says when it is ready: a line for programs, or words for who started it, with the link that sets the
// administrator. Called by main.
import { resolve } from 'node:path'
import type { Component } from '#/config/listeners.ts'
import { setupLink } from '#/operations/administrators.ts'

export type Listening = { readonly component: Component; readonly address: string; readonly problem: string | null }
export type Announced = {
  readonly json: boolean
  readonly folder: string
  readonly listening: readonly Listening[]
  /** Empty when there is an administrator. */
  readonly setupToken: string
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

export const announce = (announced: Announced): void =>
  void process.stdout.write(`${announced.json ? forPrograms(announced) : forPeople(announced)}\n`)

function forPrograms({ folder, listening }: Announced): string {
  const open = listening.filter(({ problem }) => problem === null)
  const addresses = Object.fromEntries(open.map(({ component, address }) => [component, address]))
  const failed = Object.fromEntries(listening.filter((l) => l.problem !== null).map((l) => [l.component, l.problem]))
  return JSON.stringify({ ready: true, data: folder, listening: addresses, failed, pid: process.pid })
}

function forPeople({ folder, listening, setupToken }: Announced): string {
  const rows = listening.map(({ component, address, problem }) =>
    problem === null
      ? `  ${names[component].padEnd(34)}${address}`
      : `  ${names[component].padEnd(34)}NOT LISTENING: ${problem}`,
  )
  const open = listening.filter(({ problem }) => problem === null)
  const head = `NetCruiser Mail is running. Mail is kept in ${folder}\n\n${rows.join('\n')}`
  return `${head}\n\n${firstStep(setupLink(setupToken, open))}${nextSteps(folder)}`
}

/** Told where whoever started the server can read it, and never in a log. WEB-07 */
const firstStep = (link: string | null): string =>
  link === null ? '' : `Set the administrator of the console, once, with this link:\n  ${link}\n\n`

/** As they are to be typed: a service has its mail elsewhere than where the commands look for it by themselves. */
function nextSteps(folder: string): string {
  const data = folder === resolve('data') ? '' : ` --data ${folder}`
  const steps = [
    ['mailbox add ann --pop3 --password', 'makes a mailbox and asks for its password'],
    ['domain add example.org --catch ann', 'takes mail for a domain'],
    ['trace ann', 'tells where mail went, and why'],
  ].map(([command, what]) => `  ${`./netcruiser ${command}${data}`.padEnd(56 + data.length)}${what}`)
  const stops = process.stdin.isTTY ? ['Ctrl-C stops the server.'] : []
  return ['What to do next, in another terminal:', ...steps, ...stops].join('\n')
}
