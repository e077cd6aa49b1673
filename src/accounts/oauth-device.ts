// Signing in with a code that somebody types on another device: RFC 8628. Called by services whose accounts have tokens. Asks
// once a call; who calls waits between two.
import { z } from 'zod'
import type { Instant } from '#/world/world.ts'
import { deviceIntervalDefaultMs, deviceIntervalMaxMs, deviceLifeMaxMs, deviceSlowerMs } from './limits.ts'
import {
  complete,
  openable,
  opened,
  refused,
  scopeOf,
  sealed,
  shown,
  type NotBegun,
  type SignedIn,
  type SignInClient,
  type SignInParts,
} from './oauth-sign-in.ts'
import { askTokens, postAs } from './oauth.ts'

export type DeviceBegun = {
  readonly is: 'device'
  readonly ticket: string
  /** What somebody types at `address`; `addressComplete` has it in it. */
  readonly userCode: string
  readonly address: string
  readonly addressComplete: string | null
  readonly waitMs: number // until the first `finishDevice`
  readonly expiresAt: Instant
}
const deviceTicket = z.strictObject({
  kind: z.literal('device'),
  deviceCode: z.string(),
  waitMs: z.number(),
  expiresAt: z.number(),
})
/** RFC 8628 §3.1, §3.2 */
export async function beginDevice(client: SignInClient, parts: SignInParts): Promise<DeviceBegun | NotBegun> {
  const { deviceEndpoint, scopes } = client
  if (deviceEndpoint === null) return refused('This provider has no codes for devices: sign in with a browser')
  const answer = await postAs(client, { url: deviceEndpoint, form: scopeOf(scopes) }, parts.web)
  if (!answer.ok) return { is: 'later', why: answer.why }
  const { status, text, seconds, why } = answer.said
  if (status !== 200) return { is: text('error') === null ? 'later' : 'refused', why }
  const [deviceCode, userCode] = [text('device_code'), shown(text('user_code'))]
  const address = openable(text('verification_uri'))
  if (deviceCode === null || userCode === null || address === null)
    return refused('The provider answered with no code that could be shown')
  const waitMs = bounded(seconds('interval'), {
    least: 1000,
    most: deviceIntervalMaxMs,
    unsaid: deviceIntervalDefaultMs,
  })
  const lifeMs = bounded(seconds('expires_in'), { least: 60_000, most: deviceLifeMaxMs, unsaid: deviceLifeMaxMs })
  const expiresAt = parts.now + lifeMs
  const ticket = sealed({ kind: 'device', deviceCode, waitMs, expiresAt }, client, parts)
  const addressComplete = openable(text('verification_uri_complete'))
  return { is: 'device', ticket, userCode, address, addressComplete, waitMs, expiresAt }
}

function bounded(
  seconds: number | null,
  { least, most, unsaid }: { least: number; most: number; unsaid: number },
): number {
  return seconds === null ? unsaid : Math.min(Math.max(seconds * 1000, least), most)
}

/** Asks once whether somebody has signed in. RFC 8628 §3.4, §3.5 */
export async function finishDevice(client: SignInClient, ticket: string, parts: SignInParts): Promise<SignedIn> {
  const begun = opened(deviceTicket, { ticket, client }, parts)
  if ('is' in begun) return begun
  const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: begun.deviceCode }
  const answer = await askTokens(client, grant, parts)
  if (answer.is !== 'later') return complete(answer)
  const waitMs = Math.min(begun.waitMs + slower(answer.error), deviceIntervalMaxMs)
  const why = answer.error === 'authorization_pending' || answer.error === 'slow_down' ? null : answer.why
  return { is: 'waiting', ticket: sealed({ ...begun, waitMs }, client, parts), waitMs, why }
}

/** Whoever does not answer is asked more seldom as well. RFC 8628 §3.5 */
const slower = (error: string | null): number => (error === 'authorization_pending' ? 0 : deviceSlowerMs)
