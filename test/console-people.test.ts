// Signing in, the one-time link, people and tokens, one's own account, in a real browser on a real server.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { Secret, TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import { administrator, noBrowser, openConsole, type Console } from './browser.ts'
import { cli } from './serve.ts'

const looks = [
  ['light', {}],
  ['dark', { dark: true }],
  ['phone', { size: 'phone' }],
  ['german', { language: 'de' }],
] as const

async function looked(console: Console, path: string, { name, as }: { name: string; as?: null }): Promise<void> {
  for (const [look, how] of looks) {
    const page = await console.open(path, { ...how, ...(as === null && { as }) })
    await page.locator('h1').waitFor()
    await page.waitForLoadState('networkidle')
    await console.shot(page, `${name}-${look}`)
    assert.deepEqual(await console.axe(page), [], `${name} ${look}`)
    assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true, `${name} ${look}`)
    await page.context().close()
  }
}

/** A refusal to sign in is an answer, and no problem. */
const problems = (console: Console): string[] => console.problems.filter((one) => !/status of 401/.test(one))

const signIn = async (page: Page, name: string, password: string): Promise<void> => {
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

test(
  'SX-01, SX-04, WEB-05: administrators and owners go in and out by the page',
  { skip: noBrowser, timeout: 120_000 },
  async () => {
    await using console = await openConsole()
    assert.equal(cli(console.data, ['mailbox', 'add', 'ann', '--password-stdin'], 'the words of ann').status, 0)
    const page = await console.open('/', { as: null })
    await signIn(page, 'admin', 'not the password')
    await page.getByText('do not fit together').waitFor()
    await signIn(page, 'admin', administrator.password)
    await page.getByText('Signed in as admin').waitFor()
    assert.equal(await page.evaluate('document.cookie'), '', 'scripts do not see the cookie')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await signIn(page, 'ann', 'the words of ann')
    await page.getByText('Signed in as ann').waitFor()
    assert.equal(await page.getByRole('link', { name: 'Mail Relay' }).count(), 0)
    await page.getByRole('link', { name: 'My account' }).click()
    await page.getByLabel('Present password').fill('the words of ann')
    await page.getByLabel('New password').fill('other words of ann')
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.getByText('The password is changed').waitFor()
    await page.getByRole('button', { name: 'Sign out everywhere…' }).click()
    await page.getByRole('button', { name: 'Sign out everywhere', exact: true }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await signIn(page, 'ann', 'other words of ann')
    await page.getByText('Signed in as ann').waitFor()
    assert.deepEqual(problems(console), [])
  },
)

test(
  'SX-04: what was asked for somebody who signed out is not asked again for the next one',
  { skip: noBrowser, timeout: 120_000 },
  async () => {
    await using console = await openConsole()
    assert.equal(cli(console.data, ['mailbox', 'add', 'ann', '--password-stdin'], 'the words of ann').status, 0)
    const page = await console.open('/', { as: null })
    const answer = Promise.withResolvers<void>()
    await page.route('**/api/v1/problems/list', async (route) => {
      const response = await route.fetch()
      await answer.promise
      await route.fulfill({ response })
    })
    await signIn(page, 'admin', administrator.password)
    await page.getByText('Signed in as admin').waitFor()
    await page.getByText('Live').waitFor()
    assert.equal(cli(console.data, ['access', 'add', '192.0.2.1']).status, 0) // the page hears of it while it waits for the answer
    await setTimeout(500)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await signIn(page, 'ann', 'the words of ann')
    await page.getByText('Signed in as ann').waitFor()
    answer.resolve()
    await setTimeout(2500)
    assert.deepEqual(problems(console), [])
  },
)

test(
  'SX-01, WEB-07: the link sets the administrator, once, and its secret leaves the address bar',
  { skip: noBrowser, timeout: 120_000 },
  async () => {
    await using console = await openConsole(['console'], 'nobody')
    const first = await console.open('/', { as: null })
    await first.getByText('Nobody looks after this server yet').waitFor()
    const { link } = JSON.parse(cli(console.data, ['admin', 'link', '--json']).stdout) as { link: string }
    const path = new URL(link).pathname + new URL(link).hash
    await looked(console, path, { name: 'setup', as: null })
    await looked(console, '/', { name: 'not-set-up', as: null })
    const page = await console.open(path, { as: null })
    await page.getByLabel('Your name').fill('Mara')
    await page.getByLabel('Password for this console').fill('short')
    await page.getByText('5 of at least 10 characters').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Become' }).isDisabled(), true)
    assert.ok(!page.url().includes('#'))
    await page.getByLabel('Password for this console').fill('four plain words here')
    await page.getByText('Strong.').waitFor()
    await console.shot(page, 'setup-filled')
    await page.getByRole('button', { name: 'Become' }).click()
    await page.getByText('Signed in as mara').waitFor()
    const again = await console.open(path, { as: null })
    await again.getByText('An administrator exists already').waitFor()
    assert.deepEqual(console.problems, [])
  },
)

test(
  'SX-02, SX-04, WEB-17: people, tokens, codes and the audit are steered by the page',
  { skip: noBrowser, timeout: 180_000 },
  async () => {
    await using console = await openConsole()
    const page = await console.open('/settings/people')
    await page.getByRole('button', { name: 'Add an administrator…' }).click()
    await page.getByLabel('Name', { exact: true }).fill('eve')
    await page.getByLabel('Password', { exact: true }).fill('five quite plain words here')
    assert.deepEqual(await console.axe(page), [])
    await page.getByRole('button', { name: 'Add administrator', exact: true }).click()
    await page.getByText('eve is an administrator.').waitFor()
    await page.getByRole('button', { name: 'Make a token…' }).click()
    await page.getByLabel('Which program it is for').fill('monitoring')
    await console.shot(page, 'token-form')
    assert.deepEqual(await console.axe(page), [])
    await page.getByRole('button', { name: 'Make token', exact: true }).click()
    const token = (await page.locator('dialog code').textContent()) ?? ''
    assert.match(token, /^ncm_/)
    await page.getByRole('button', { name: 'I have it' }).click()
    const authorization = `Bearer ${token}`
    const ask = (name: string): Promise<Response> =>
      fetch(`${console.address}/api/v1/${name}`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: '{}',
      })
    assert.deepEqual([(await ask('mailbox/list')).status, (await ask('queue/pause')).status], [200, 403])
    await page.getByRole('cell', { name: 'admin.add' }).or(page.getByText('admin.add')).first().waitFor()
    await codesAreSetUp(console)
    await looked(console, '/settings/people', { name: 'people' })
    await looked(console, '/account', { name: 'account' })
    await looked(console, '/', { name: 'sign-in', as: null })
    await page.getByRole('button', { name: 'Take back… monitoring' }).click()
    await page.getByRole('button', { name: 'Take it back' }).click()
    await page.getByText('works no longer').waitFor()
    assert.equal((await ask('mailbox/list')).status, 401)
    await page.getByRole('button', { name: 'Remove… eve' }).click()
    await console.shot(page, 'remove-administrator')
    await page.getByRole('button', { name: 'Remove administrator', exact: true }).click()
    await page.getByText('eve is no administrator any more.').waitFor()
    assert.deepEqual(console.problems, [])
  },
)

async function codesAreSetUp(console: Console): Promise<void> {
  const session = await console.signIn('eve', 'five quite plain words here')
  const page = await console.open('/account', { as: session })
  await page.getByRole('button', { name: 'Set up codes…' }).click()
  const key = (await page.locator('dialog dd .mono').textContent()) ?? ''
  await console.shot(page, 'set-up-codes')
  assert.deepEqual(await console.axe(page), [])
  const totp = new TOTP({ secret: Secret.fromBase32(key.replaceAll('-', '')) })
  await page.getByLabel('The code that it shows now').fill(totp.generate())
  await page.getByRole('button', { name: 'Ask for codes from now on' }).click()
  await page.getByRole('heading', { name: 'Keep these recovery codes' }).waitFor()
  const [recovery] = await page.locator('.codes li').allTextContents()
  await console.shot(page, 'recovery-codes')
  await page.getByRole('button', { name: 'I keep them' }).click()
  await page.getByText('10 recovery codes are left').waitFor()
  const other = await console.open('/', { as: null })
  await signIn(other, 'eve', 'five quite plain words here')
  await other.getByRole('heading', { name: 'One more step' }).waitFor()
  await console.shot(other, 'sign-in-code')
  await other.getByLabel('Code', { exact: true }).fill(recovery ?? '')
  await other.getByRole('button', { name: 'Sign in' }).click()
  await other.getByText('Signed in as eve').waitFor()
  console.problems.splice(0, console.problems.length, ...problems(console))
}
