// Signing in at the provider of a remote account, in two steps with a sealed ticket between them, so that whoever shows the code
// or the address may be another process. PC-03
import { z } from 'zod'
import type { BrowserBegun } from '#/accounts/oauth-browser.ts'
import type { DeviceBegun } from '#/accounts/oauth-device.ts'
import type { NotBegun } from '#/accounts/oauth-sign-in.ts'
import type { SignInDone } from '#/pop3-client/sign-in.ts'
import { revive } from './collect-change.ts'
import { ownedBy, whose, type Named } from './collect-find.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'

/** With `redirectUri` by a browser that comes back there, otherwise with a code for another device. */
export const beginRequest = z.strictObject({
  name: z.string(),
  redirectUri: z.string().nullable().default(null),
  ...whose,
})
export const finishRequest = z.strictObject({
  name: z.string(),
  ticket: z.string().max(65_536),
  /** The address that the browser was sent to; null: with a device. */
  cameBack: z.string().max(16_384).nullable().default(null),
  ...whose,
})

export type Begun = BrowserBegun | DeviceBegun
export type Finished = Exclude<SignInDone, NotBegun>

export async function beginSignIn(context: Context, request: z.infer<typeof beginRequest>): Promise<Begun> {
  const { settings } = ownedBy(context, request)
  const { redirectUri } = request
  const begun =
    redirectUri === null ? await context.signIn.device(settings) : context.signIn.browser(settings, redirectUri)
  if (!('ticket' in begun)) throw failed(request, begun.why)
  return begun
}

export async function finishSignIn(context: Context, request: z.infer<typeof finishRequest>): Promise<Finished> {
  const { id } = ownedBy(context, request)
  const { ticket, cameBack } = request
  const done = await context.signIn.finish(id, { ticket, cameBack })
  if (isOver(done)) throw failed(request, done.why)
  if (done.is === 'signed-in') await revive(context, id)
  context.collector.wake()
  return done
}

const isOver = (done: SignInDone): done is NotBegun => done.is === 'refused' || done.is === 'later'

const failed = ({ name }: Named, why: string): OperationError => new OperationError(`${name} is not signed in: ${why}`)
