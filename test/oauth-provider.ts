// A small provider of OAuth tokens on loopback: token, device and authorization endpoints, as RFC 6749, RFC 7636 and RFC 8628
// want them. Refresh tokens may rotate, die after a week, or be withdrawn; what a provider may do wrong is chosen by `mood`.
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type ProviderOptions = {
  readonly rotates?: boolean // each renewal gives a new refresh token, and the old one dies
  readonly refreshLifeMs?: number // seven days: an app in testing
  readonly accessLifeSeconds?: number
  readonly clientSecret?: string
  readonly intervalSeconds?: number
  /** Without this scope nobody gets a refresh token. */
  readonly offlineScope?: string
  /** The octets of each refusal, in place of its own. */
  readonly refusal?: Buffer
  /** What is wrong in the answers of the device endpoint. */
  readonly deviceLies?: object
  readonly now?: () => number
}
type Grant = { scope: string; challenge?: string; redirectUri?: string; is: 'asked' | 'approved' | 'denied' }

export class OauthProvider {
  static async open(options: ProviderOptions = {}): Promise<OauthProvider> {
    const provider = new OauthProvider(options)
    await new Promise<void>((done) => provider.#server.listen(0, '127.0.0.1', done))
    return provider
  }

  readonly clientId = 'our-client'
  /** Forms that were posted, by path. */
  readonly asked: { readonly path: string; readonly form: URLSearchParams }[] = []
  /** Access tokens that it gave, the newest last. */
  readonly given: string[] = []
  /** How it answers: as it should, not at all, with a server's error, too much, or only when `release` is called. */
  mood: 'well' | 'hangs up' | 'ill' | 'endless' | 'slow' = 'well'
  /** Runs while a token is being given. */
  meanwhile: () => Promise<void> | void = () => undefined
  slowDowns = 0 // of the next polls this many are answered with slow_down

  readonly #options: ProviderOptions
  readonly #server = createServer((request, response) => void this.#serve(request, response))
  readonly #codes = new Map<string, Grant>()
  readonly #devices = new Map<string, Grant & { readonly userCode: string; readonly until: number }>()
  readonly #refresh = new Map<string, { readonly scope: string; readonly until: number }>()
  #waiting: (() => void)[] = []

  private constructor(options: ProviderOptions) {
    this.#options = options
  }

  get base(): string {
    const { port } = this.#server.address() as AddressInfo // listening on TCP, so not a string
    return `http://127.0.0.1:${port}`
  }
  get endpoints() {
    const { base } = this
    return {
      tokenEndpoint: `${base}/token`,
      deviceEndpoint: `${base}/device`,
      authorizationEndpoint: `${base}/authorize?kept=1`,
    }
  }
  /** A refresh token of a sign-in that happened just now. */
  signedIn(): string {
    return this.#giveRefresh('mail')
  }
  isRefreshToken = (token: string): boolean => this.#refresh.has(token)
  isAccessToken = (token: string): boolean => this.given.includes(token)
  withdraw(): void {
    this.#refresh.clear()
  }
  /** Somebody types the code and says yes or no. */
  type(userCode: string, says: 'approved' | 'denied'): boolean {
    const device = this.#devices.values().find((one) => one.userCode === userCode)
    if (device) device.is = says
    return device !== undefined
  }
  /** Answers what is kept back while it is slow. */
  release(): void {
    this.mood = 'well'
    for (const go of this.#waiting.splice(0)) go()
  }
  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((done) => this.#server.close(done))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.base)
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += String(chunk)
    const form = new URLSearchParams(body)
    this.asked.push({ path: url.pathname, form })
    if (this.mood === 'slow') await new Promise<void>((done) => this.#waiting.push(done))
    if (this.mood === 'hangs up') return void response.destroy()
    if (this.mood === 'ill') return void response.writeHead(503).end('<html>')
    if (this.mood === 'endless') return void response.end('x'.repeat(100_000))
    if (url.pathname === '/authorize') return this.#authorize(url.searchParams, response)
    await this.meanwhile()
    const [status, answer] = url.pathname === '/device' ? this.#device(form) : this.#token(form)
    const octets = status === 200 ? JSON.stringify(answer) : (this.#options.refusal ?? JSON.stringify(answer))
    response.writeHead(status, { 'content-type': 'application/json' }).end(octets)
  }

  /** Whoever opens the page has said yes. */
  #authorize(query: URLSearchParams, response: ServerResponse): void {
    const code = secret()
    const [scope, redirectUri, challenge] = ['scope', 'redirect_uri', 'code_challenge'].map(
      (name) => query.get(name) ?? '',
    )
    if (query.get('code_challenge_method') !== 'S256' || query.get('kept') !== '1')
      return void response.writeHead(400).end()
    this.#codes.set(code, { scope: scope!, redirectUri: redirectUri!, challenge: challenge!, is: 'approved' })
    const back = new URL(redirectUri!)
    back.searchParams.set('code', code)
    back.searchParams.set('state', query.get('state') ?? '')
    response.writeHead(302, { location: back.href }).end()
  }

  #device(form: URLSearchParams): Answer {
    const [deviceCode, userCode] = [secret(), randomBytes(4).toString('hex').toUpperCase()]
    const until = this.#now() + 900_000
    this.#devices.set(deviceCode, { scope: form.get('scope') ?? '', userCode, until, is: 'asked' })
    const page = `${this.base}/type`
    return [
      200,
      {
        device_code: deviceCode,
        user_code: userCode,
        verification_uri: page,
        verification_uri_complete: `${page}?code=${userCode}`,
        expires_in: 900,
        ...(this.#options.intervalSeconds !== undefined && { interval: this.#options.intervalSeconds }),
        ...this.#options.deviceLies,
      },
    ]
  }

  #token(form: URLSearchParams): Answer {
    const { clientSecret } = this.#options
    if (form.get('client_id') !== this.clientId || (clientSecret && form.get('client_secret') !== clientSecret))
      return no('invalid_client', 'Who are you?')
    switch (form.get('grant_type') ?? '') {
      case 'refresh_token':
        return this.#renew(form.get('refresh_token') ?? '')
      case 'authorization_code':
        return this.#exchange(form)
      case 'urn:ietf:params:oauth:grant-type:device_code':
        return this.#poll(form.get('device_code') ?? '')
      default:
        return no('unsupported_grant_type')
    }
  }

  #renew(token: string): Answer {
    const known = this.#refresh.get(token)
    if (!known || known.until <= this.#now())
      return no('invalid_grant', `Token ${token} has been\r\nexpired or revoked.`)
    if (!this.#options.rotates) return this.#give(null)
    this.#refresh.delete(token)
    return this.#give(this.#giveRefresh(known.scope))
  }

  #exchange(form: URLSearchParams): Answer {
    const code = form.get('code') ?? ''
    const grant = this.#codes.get(code)
    this.#codes.delete(code) // RFC 6749 §4.1.2: once
    const proof = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (!grant || grant.redirectUri !== form.get('redirect_uri')) return no('invalid_grant', 'No such code')
    if (grant.challenge !== proof) return no('invalid_grant', 'PKCE verification failed')
    return this.#give(this.#giveRefresh(grant.scope))
  }

  #poll(deviceCode: string): Answer {
    const device = this.#devices.get(deviceCode)
    if (!device || device.until <= this.#now()) return no('expired_token')
    if (this.slowDowns > 0) {
      this.slowDowns--
      return no('slow_down')
    }
    if (device.is === 'asked') return no('authorization_pending')
    this.#devices.delete(deviceCode)
    return device.is === 'denied' ? no('access_denied') : this.#give(this.#giveRefresh(device.scope))
  }

  #give(refreshToken: string | null): Answer {
    const accessToken = secret()
    this.given.push(accessToken)
    const { accessLifeSeconds = 3600 } = this.#options
    return [
      200,
      {
        access_token: accessToken,
        token_type: 'Bearer',
        expires_in: accessLifeSeconds,
        ...(refreshToken && { refresh_token: refreshToken }),
      },
    ]
  }

  #giveRefresh(scope: string): string {
    const { offlineScope, refreshLifeMs = Infinity } = this.#options
    if (offlineScope !== undefined && !scope.split(' ').includes(offlineScope)) return ''
    const token = secret()
    this.#refresh.set(token, { scope, until: this.#now() + refreshLifeMs })
    return token
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now()
  }
}

type Answer = readonly [status: number, body: object]
const no = (error: string, description?: string): Answer => [
  400,
  { error, ...(description !== undefined && { error_description: description }) },
]
const secret = (): string => randomBytes(24).toString('base64url')
