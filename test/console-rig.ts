// A running server with an administrator of its console, spoken to over HTTP.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dataFolder, start, type Served } from './serve.ts'

export type Administered = AsyncDisposable & {
  readonly served: Served
  readonly data: string
  readonly address: string
  readonly password: string
  /** The field of somebody signed in as `admin`; empty while nobody is there. */
  readonly cookie: string
  /** The field of somebody who signs in. */
  signIn(name: string, password: string): Promise<string>
  /** An operation as the page asks for it. @throws what the server said when it refuses */
  call(name: string, parameters?: object, cookie?: string): Promise<unknown>
}

/** The administrator that the rigs make by the one-time link. */
export const administrator = { name: 'admin', password: 'four plain words here' } as const

const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' }

/** `there`: whether the administrator exists already. @throws when the server does not start. */
export async function administer(
  components = ['smtp', 'pop3', 'submission', 'console'],
  there: 'admin' | 'nobody' = 'admin',
): Promise<Administered> {
  const folder = dataFolder()
  const served = await start(folder.path, components)
  const address = `http://${served.listening['console']}`
  const { name, password } = administrator
  const post = async (path: string, body: object, cookie = ''): Promise<Response> => {
    const response = await fetch(address + path, {
      method: 'POST',
      headers: { ...headers, cookie },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return response
  }
  const signIn = async (name: string, secret: string): Promise<string> => {
    const response = await post('/api/v1/session/sign-in', { name, password: secret })
    return response.headers.get('set-cookie')!.split(';')[0]! // signing in sets one
  }
  const setUp = async (): Promise<string> => {
    const token = readFileSync(join(folder.path, 'setup-token'), 'latin1').trim()
    await post('/api/v1/session/setup', { token, name, password })
    return signIn(name, password)
  }
  const cookie = there === 'admin' ? await setUp() : ''
  return {
    served,
    data: folder.path,
    address,
    password,
    cookie,
    signIn,
    call: async (name, parameters = {}, as = cookie) =>
      (await post(`/api/v1/${name.replace('.', '/')}`, parameters, as)).json(),
    async [Symbol.asyncDispose]() {
      await served.stop()
      folder[Symbol.dispose]()
    },
  }
}

/** What did not listen, with the reason, of a server started with these listeners. */
export async function spawnServe(listen: readonly string[]): Promise<Record<string, string>> {
  using folder = dataFolder()
  const args = [
    'bin/netcruiser.ts',
    'serve',
    '--data',
    folder.path,
    '--json',
    ...listen.flatMap((one) => ['--listen', one]),
  ]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    said += String(chunk)
    if (said.includes('"ready"') && said.endsWith('\n')) break
  }
  child.kill()
  await once(child, 'exit')
  const line = said.split('\n').find((one) => one.startsWith('{"ready"')) ?? '{}'
  return (JSON.parse(line) as { failed?: Record<string, string> }).failed ?? {}
}
