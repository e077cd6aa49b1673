// Signing in and out, and setting the first administrator: the only questions that nobody needs to be somebody for.
import { Hono } from 'hono'
import { z } from 'zod'
import type { Actor, People, SessionShown } from '#/accounts/types.ts'
import { foreign, jsonOf, type Env } from './asked.ts'
import { bodyBytesMax, userAgentCharsMax } from './limits.ts'
import { ProblemError } from './problem.ts'
import { bearerOf, cookieOf, fromOurPage, setCookie } from './who.ts'

const sessionSeconds = 30 * 86_400
const signInRequest = z.strictObject({
  name: z.string().max(320),
  password: z.string().max(1024),
  code: z.string().max(64).optional(),
})
const setupRequest = z.strictObject({
  token: z.string().max(200),
  name: z.string().max(64),
  password: z.string().max(1024),
})

export function sessionRoutes(people: People): Hono<Env> {
  const routes = new Hono<Env>()
  const shown = (actor: Actor | null): SessionShown => ({
    actor: actor && { role: actor.role, name: actor.name, mailbox: actor.mailbox },
    setupNeeded: people.setupNeeded(),
  })
  routes.use(async (call, next) => {
    if (call.req.method !== 'GET' && bearerOf(call.var.asked) === undefined && !fromOurPage(call.var.asked))
      throw foreign
    await next()
  })
  routes.get('/', (call) => {
    const session = cookieOf(call.var.asked)
    return call.json(shown(people.identify({ session, bearer: bearerOf(call.var.asked), from: call.var.from })))
  })
  routes.post('/sign-in', async (call) => {
    const asked = parsed(signInRequest, await jsonOf(call, bodyBytesMax))
    const agent = (call.req.header('user-agent') ?? '').slice(0, userAgentCharsMax)
    const result = await people.signIn({ ...asked, from: call.var.from, agent })
    if (!result.ok) return call.json({ reason: result.reason, waitMs: result.waitMs ?? 0 }, 401)
    const old = cookieOf(call.var.asked)
    if (old !== undefined) await people.signOut(old)
    const { secure } = call.env.peer
    call.header('set-cookie', setCookie(result.session, { secure, maxAgeSeconds: sessionSeconds }))
    return call.json(shown(result.actor))
  })
  routes.post('/sign-out', async (call) => {
    const session = cookieOf(call.var.asked)
    if (session !== undefined) await people.signOut(session)
    call.header('set-cookie', setCookie('', { secure: call.env.peer.secure, maxAgeSeconds: 0 }))
    return call.json(shown(null))
  })
  routes.post('/setup', async (call) => {
    const made = await people.setup(parsed(setupRequest, await jsonOf(call, bodyBytesMax)))
    if (!made.ok) throw new ProblemError(422, 'The administrator was not made', made.problem)
    return call.json(shown(null))
  })
  return routes
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (!result.success) throw new ProblemError(422, 'This cannot be used', z.prettifyError(result.error))
  return result.data
}
