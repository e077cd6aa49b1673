// `collect sign-in`: shows a code for another device and waits, or an address for a browser whose last address is pasted. PC-03
import { resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Command } from 'commander'
import type { Begun, Finished } from '#/operations/collect-sign-in.ts'
import { call } from './call.ts'
import { named, ownerFlag } from './collect-options.ts'
import { nearTime, visible } from './print.ts'
import { answer } from './terminal.ts'
import { defined, verb, type Options } from './verb.ts'

/** Nobody listens there: the browser shows the address that it could not open, and it is pasted. RFC 8252 §7.3 would have
 *  127.0.0.1, but Microsoft knows programs by this name. */
const redirectUri = 'http://localhost'

export function addSignIn(noun: Command): void {
  verb(noun, 'sign-in <name>', {
    about: 'sign in at the provider of an account with tokens: a code is shown, which you type on any device',
    does: 'collect.list',
    example: 'collect sign-in old --browser',
    ask: async (args, o) => {
      await signIn(named(args, o), o)
      return defined({ owner: o['owner'] })
    },
    show: () => 'Signed in. Mail is collected from now on.',
  })
    .option('--browser', 'with an address to open here, and the address that it leads to')
    .option(...ownerFlag)
}

async function signIn(parameters: Options, o: Options): Promise<void> {
  const folder = resolve(String(o['data']))
  const asked = o['browser'] ? { ...parameters, redirectUri } : parameters
  const begun = (await call(folder, { name: 'collect.sign-in-begin', parameters: asked })) as Begun // its answer
  const finish = async (ticket: string, cameBack: string | null): Promise<Finished> =>
    (await call(folder, {
      name: 'collect.sign-in-finish',
      parameters: { ...parameters, ticket, cameBack },
    })) as Finished // its answer
  if (begun.is === 'device') return elsewhere(begun, (ticket) => finish(ticket, null))
  process.stderr.write(`Open this address, and sign in:\n\n  ${visible(begun.address)}\n\n`)
  process.stderr.write('In the end the browser shows a page that it cannot open. Copy its whole address to here.\n')
  await finish(begun.ticket, await answer('Address: '))
}

type Device = Begun & { readonly is: 'device' }

/** The provider is asked again and again, as often as it allows, until the ticket is refused as over. RFC 8628 §3.5 */
async function elsewhere(begun: Device, ask: (ticket: string) => Promise<Finished>): Promise<void> {
  const { userCode, address, addressComplete, expiresAt } = begun
  process.stderr.write(visible(`Open ${address} on any device and type ${userCode}, until ${nearTime(expiresAt)}.\n`))
  if (addressComplete !== null) process.stderr.write(visible(`Or open ${addressComplete}\n`))
  let [ticket, waitMs] = [begun.ticket, begun.waitMs]
  for (;;) {
    await wait(waitMs)
    const asked = await ask(ticket)
    if (asked.is === 'signed-in') return
    ;[ticket, waitMs] = [asked.ticket, asked.waitMs]
    if (asked.why !== null) process.stderr.write(visible(`${asked.why}\n`))
  }
}
