// The Mail Relay's screen in a real browser on a real server: routes, an alternate server that is really asked, exceptions.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { noBrowser, openConsole } from './browser.ts'
import { cliAsync } from './serve.ts'

test(
  'RO-01 HP-01 the routes are ticked in the page, say in a sentence what they do, and the server takes them over',
  { skip: noBrowser },
  async () => {
    await using console = await openConsole()
    const page = await console.open('/mail-relay')
    await page.getByRole('heading', { name: 'Mail Relay' }).waitFor()
    await page.getByText('Mail goes to the recipient’s Mail Exchanger').waitFor()
    await page.getByRole('button', { name: 'Add a server' }).click()
    await page.getByLabel('Name', { exact: true }).fill('provider')
    await page.getByLabel('Host names').fill('127.0.0.1:1')
    await page.getByLabel('User name').fill('ann@isp.example')
    await page.getByLabel('Password').fill('canary-password')
    await page.getByRole('button', { name: 'Save server' }).click()
    await page.getByLabel('Attempt delivery to alternate mail server').check()
    await page.getByLabel('Attempt delivery to recipient’s Mail Exchanger').uncheck()
    await page.getByRole('button', { name: 'Save 2 changes' }).click()
    await page.getByText('Mail goes to provider').waitFor()
    await page.getByRole('button', { name: 'Test' }).click()
    await page.getByText('Does not work').waitFor()
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByLabel('Address, domain, or *.domain').fill('*.port.example')
    await page.getByRole('button', { name: 'Add exception' }).click()
    await page.getByText('to *.port.example').waitFor()
    await page.getByLabel('Which way would mail go to').fill('a@b.port.example')
    await page.getByRole('button', { name: 'Answer' }).click()
    await page.getByText(/Mail from <> to a@b\.port\.example: .*/).waitFor()
    await console.shot(page, 'mail-relay')
    assert.deepEqual(await console.axe(page), [])
    const shown = await cliAsync(console.data, ['settings', 'show', '--json'])
    const values = JSON.parse(shown.stdout) as { name: string; value: unknown }[]
    assert.equal(values.find(({ name }) => name === 'mailRelay.alternate')?.value, 'provider')
    assert.equal(values.find(({ name }) => name === 'mailRelay.mx')?.value, false)
    assert.ok(!(await page.content()).includes('canary-password'), 'WEB-14 a saved password does not come back')
    assert.deepEqual(console.problems, [])
  },
)
