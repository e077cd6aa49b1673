// A real browser on a real server: Debian's Chromium opens the console. What it should never do is written down: an error on
// the page, a dialog of a script, a request to another host, a breach of the page's policy.
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { chromium, type Browser, type Page } from 'playwright-core'
import { administer } from './console-rig.ts'
import type { Served } from './serve.ts'

export { administrator } from './console-rig.ts'

const found = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
)
/** For `test(..., { skip: noBrowser })`. */
export const noBrowser = found === undefined ? 'there is no Chromium on this machine' : false

export const sizes = {
  wide: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
} as const
type Who = { readonly name: string; readonly password: string }
type Look = {
  readonly size?: keyof typeof sizes
  readonly dark?: boolean
  readonly language?: 'en' | 'de'
  /** Who is signed in, or what `signIn` gave; null: nobody. */
  readonly as?: Who | string | null
  /** Things may move by themselves. */
  readonly moving?: true
}

export type Console = AsyncDisposable & {
  readonly served: Served
  readonly data: string
  readonly address: string
  /** Signed in as the administrator `admin` unless `as` is null or another session. */
  open(path: string, look?: Look): Promise<Page>
  /** Signs in as a mailbox or an administrator; what it gives is for `as`. */
  signIn(name: string, password: string): Promise<string>
  /** What went wrong in any page so far. */
  readonly problems: string[]
  /** A picture into the folder named by NETCRUISER_SHOTS; nothing without it. */
  shot(page: Page, name: string): Promise<void>
  /** What axe finds serious or worse, a line each. */
  axe(page: Page): Promise<string[]>
}

/** `there`: whether the administrator of the tests exists already. @throws when the server or the browser does not start. */
export async function openConsole(
  components = ['smtp', 'pop3', 'submission', 'console'],
  there: 'admin' | 'nobody' = 'admin',
): Promise<Console> {
  const rig = await administer(components, there)
  const { address } = rig
  const browser = await launch()
  const problems: string[] = []
  const cookie = valueOf(rig.cookie)
  const signIn = async (name: string, password: string): Promise<string> => valueOf(await rig.signIn(name, password))!
  return {
    served: rig.served,
    data: rig.data,
    address,
    problems,
    signIn,
    async open(path, { size = 'wide', dark = false, language = 'en', as = cookie, moving } = {}) {
      const context = await browser.newContext({
        viewport: sizes[size],
        colorScheme: dark ? 'dark' : 'light',
        locale: language === 'de' ? 'de-DE' : 'en-GB',
        reducedMotion: moving ? 'no-preference' : 'reduce',
      })
      const value = as === null || typeof as === 'string' ? as : await signIn(as.name, as.password)
      if (value !== null)
        await context.addCookies([{ name: 'netcruiser', value, url: address, httpOnly: true, sameSite: 'Strict' }])
      const page = await context.newPage()
      page.setDefaultTimeout(15_000)
      watch(page, address, problems)
      await page.goto(address + path)
      return page
    },
    shot: (page, name) => shot(page, name),
    axe: (page) => axe(page),
    async [Symbol.asyncDispose]() {
      await browser.close()
      await rig[Symbol.asyncDispose]()
    },
  }
}

/** The session in the field that signing in gives. */
const valueOf = (cookie: string): string | null => cookie.split('=')[1] ?? null

const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: found!, // tests without it are skipped
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  })

function watch(page: Page, address: string, problems: string[]): void {
  page.on('pageerror', (error) => problems.push(`page error: ${error.message}`))
  page.on('console', (message) => message.type() === 'error' && problems.push(`console: ${message.text()}`))
  page.on('request', (request) => {
    if (!request.url().startsWith(address) && !/^(?:data|blob|about):/.test(request.url()))
      problems.push(`request to another host: ${request.url()}`)
  })
  page.on('dialog', (dialog) => {
    problems.push(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
}

async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env['NETCRUISER_SHOTS']
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: `${folder}/${name}.png` })
}

type Found = { id: string; impact: string; nodes: { target: string[] }[] }

/** The debugger may run what the page's policy forbids the page. */
async function axe(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  await session.send('Runtime.evaluate', { expression: readFileSync('node_modules/axe-core/axe.min.js', 'utf8') })
  const answer = await session.send('Runtime.evaluate', {
    expression: 'axe.run().then((r) => JSON.stringify(r.violations))',
    awaitPromise: true,
    returnByValue: true,
  })
  const violations = JSON.parse(String(answer.result.value ?? '[]')) as Found[] // what axe.run answers
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}
