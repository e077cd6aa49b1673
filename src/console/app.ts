// The console over HTTP: which path leads where. Hands on what rooms below decide; knows no rule of mail.
import { Hono, type Context as Call } from 'hono'
import type { Actor, People } from '#/accounts/types.ts'
import type { Context } from '#/operations/context.ts'
import type { PageFile } from '#/world/node/page-files.ts'
import { perform } from '#/operations/table.ts'
import { download, upload } from './octets.ts'
import { changesStream, type Ears } from './events.ts'
import { safeHeaders } from './headers.ts'
import { hostAllowed } from './hosts.ts'
import { bodyBytesMax, worldBytesMax } from './limits.ts'
import { openApiDocument } from './openapi.ts'
import { pageOf, servePage } from './pages.ts'
import { ProblemError, problemOf, problemResponse } from './problem.ts'
import { foreign, jsonOf, type Env } from './asked.ts'
import { sessionRoutes } from './session.ts'
import { bearerOf, clientOf, cookieOf, fromOurPage, type Asked } from './who.ts'

export type AppParts = {
  readonly context: Context
  readonly people: People
  readonly files: ReadonlyMap<string, PageFile>
  readonly ears: Ears
}

export function consoleApp({ context, people, files, ears }: AppParts): Hono<Env> {
  const app = new Hono<Env>()
  const api = new Hono<Env>()
  const actorOf = (call: Call<Env>, navigation = false): Actor => identified(people, call, navigation)
  const acting = (call: Call<Env>, navigation = false): Context => ({ ...context, actor: actorOf(call, navigation) })
  api.route('/session', sessionRoutes(people))
  api.get('/openapi.json', (call) => call.json(openApiDocument()))
  api.get('/events', (call) => changesStream(ears, { still: () => actorOf(call), signal: call.req.raw.signal }))
  api.get('/download/:name', (call) => download(acting(call, true), call.req.param('name'), call.req.query()))
  api.post('/upload/:name', async (call) =>
    call.json(await upload(acting(call), call.req.param('name'), { query: call.req.query(), body: call.req.raw.body })),
  )
  api.post('/:noun/:verb?', async (call) => {
    const { noun, verb } = call.req.param()
    const name = verb === undefined ? noun : `${noun}.${verb}`
    const within = acting(call)
    const parameters = await jsonOf(call, name === 'settings.import' ? worldBytesMax : bodyBytesMax)
    return call.json((await perform(within, { name, parameters })) ?? null)
  })
  api.all('*', () => {
    throw new ProblemError(404, 'There is no such address', 'What the API offers stands in /api/v1/openapi.json')
  })
  app.use(async (call, next) => {
    admit(context, call)
    await next()
    for (const [name, value] of Object.entries(safeHeaders(call.env.peer.secure)))
      if (!call.res.headers.has(name)) call.res.headers.set(name, value)
  })
  app.route('/api/v1', api)
  app.get('*', async (call) => {
    const found = pageOf(files, call.req.path)
    if (!found) return files.size > 0 ? call.text('There is no such file.\n', 404) : call.text(notBuilt, 503)
    const encodings = call.req.header('accept-encoding') ?? ''
    return servePage(found, { encodings, known: call.req.header('if-none-match') })
  })
  app.onError((error, call) => answerProblem(context, error, call))
  return app
}

const notBuilt = 'The page of the console is not built yet. `npm start` builds it.\n'

function answerProblem({ world }: Context, error: Error, call: Call<Env>): Response {
  const problem = problemOf(error)
  if (problem.status === 500) world.log.error('console', { path: call.req.path, error: String(error.stack ?? error) })
  return problemResponse(problem, safeHeaders(call.env.peer.secure))
}

function admit({ settings, hostname }: Context, call: Call<Env>): void {
  const { hosts, trustedProxies } = settings.now().console
  const { peer } = call.env
  if (!hostAllowed(call.req.header('host'), { hostname, hosts }))
    throw new ProblemError(
      421,
      'The console does not answer to this name',
      `Open it by its address, or allow the name: netcruiser settings set console.hosts`,
    )
  const asked: Asked = { header: (name) => call.req.header(name), peer: peer.address, secure: peer.secure }
  call.set('asked', asked)
  call.set('from', clientOf(asked, trustedProxies))
}

function identified(people: People, call: Call<Env>, navigation: boolean): Actor {
  const { asked, from } = call.var
  const bearer = bearerOf(asked)
  const session = bearer === undefined ? cookieOf(asked) : undefined
  const actor = people.identify({ session, bearer, from })
  if (!actor) throw new ProblemError(401, 'Nobody is signed in', 'Sign in, or send a token: Authorization: Bearer ...')
  if (session !== undefined && !fromOurPage(asked, { navigation })) throw foreign
  return actor
}
