// The tutorial, the first set-up and the guide in a real browser. HP-01, HP-02, HP-03
import { after, test } from 'node:test'
import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { noBrowser, openConsole, type Console } from './browser.ts'
import { cli } from './serve.ts'

let opened: Promise<Console> | null = null
const console = (): Promise<Console> => (opened ??= openConsole())
after(async () => {
  const shared = await opened
  assert.deepEqual(shared?.problems ?? [], [])
  await shared?.[Symbol.asyncDispose]()
})

const stage = (page: Page) => page.locator('.stage')
const conversation = (page: Page) => page.getByRole('region', { name: 'What was said' })

/** Presses the button of each panel and goes on to the next one. */
async function playByHand(page: Page): Promise<void> {
  for (let panel = 1; panel <= 10; panel++) {
    await stage(page).locator('button[type=submit]').click()
    if (panel === 10) return stage(page).getByRole('link', { name: 'Set up my own' }).waitFor()
    await stage(page).getByRole('button', { name: 'Next panel' }).click({ timeout: 25_000 })
  }
}

test(
  'HP-02 the tutorial is played to its end by its buttons, and the trace of it stands there',
  { skip: noBrowser },
  async () => {
    const shared = await console()
    const page = await shared.open('/tutorial')
    await stage(page).getByRole('button', { name: 'Start' }).click()
    await stage(page).getByRole('button', { name: 'Next panel' }).click()
    await page.getByLabel('Name of the mailbox').fill('zoe')
    await stage(page).getByRole('button', { name: 'Create' }).click()
    await stage(page).getByRole('button', { name: 'Next panel' }).click()
    await stage(page).getByRole('button', { name: 'Send me one' }).click()
    await conversation(page).getByText('RCPT TO:<zoe@home.test>').waitFor()
    assert.deepEqual(await shared.axe(page), [])
    await shared.shot(page, 'tutorial')
    await page.getByRole('button', { name: 'From the beginning' }).click()
    await stage(page).getByRole('button', { name: 'Start' }).waitFor()
    await playByHand(page)
    const words = ['Refused at once', 'Asked to come again later', 'Collected from the old box']
    for (const word of words) await page.getByRole('heading', { name: word }).first().waitFor()
    assert.deepEqual(await shared.axe(page), [])
  },
)

test(
  'HP-02 the tutorial plays by itself, is paused, seen again, and found again after a reload',
  { skip: noBrowser },
  async () => {
    const shared = await console()
    const page = await shared.open('/tutorial', { moving: true })
    await page.getByRole('button', { name: 'From the beginning' }).click()
    await page.getByLabel('Speed').selectOption('4 ×')
    await page.getByRole('button', { name: 'Play', exact: true }).last().click()
    await page.getByText('Panel 3 of 10', { exact: true }).waitFor()
    await conversation(page).getByText('250 2.0.0 Stored').waitFor()
    await page.getByRole('button', { name: 'Pause' }).last().click()
    const at = await page.getByText(/^Panel \d+ of 10$/).innerText()
    await page.waitForTimeout(1500)
    assert.equal(await page.getByText(/^Panel \d+ of 10$/).innerText(), at)
    await page.keyboard.press('k')
    await page.keyboard.press('k')
    await page
      .getByText('Panel 1 of 10', { exact: true })
      .or(page.getByText('Panel 2 of 10', { exact: true }))
      .waitFor()
    await page.reload()
    await page.getByText('Panel 4 of 10', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Skip, set up my own' }).click()
    await page.getByRole('heading', { name: 'Welcome.' }).waitFor()
  },
)

test('HP-02 on a telephone, in German and in the dark, nothing runs out of the page', { skip: noBrowser }, async () => {
  const shared = await console()
  for (const path of ['/tutorial', '/welcome', '/guide', '/faq/relaying-denied', '/guide/mailServer.forwarding']) {
    const page = await shared.open(path, { size: 'phone', dark: true, language: 'de' })
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForTimeout(300)
    assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true, path)
    assert.deepEqual(await shared.axe(page), [], path)
    await shared.shot(page, `phone${path.replaceAll('/', '-')}`)
  }
})

test(
  'SX-01, HP-02 the first set-up asks, is left and gone on with, skips, goes back, checks',
  { skip: noBrowser },
  async () => {
    const shared = await console()
    const page = await shared.open('/welcome')
    const save = (): Promise<void> => page.getByRole('button', { name: 'Save and go on' }).click()
    await page.getByLabel('Host name').fill('nonsense')
    await save()
    await page.getByRole('alert').getByText('Write a whole name').waitFor()
    await page.getByLabel('Host name').fill('mail.example.org')
    await save()
    assert.equal(await page.getByLabel('Domain', { exact: true }).inputValue(), 'example.org')
    await save()
    await page.getByLabel('Name of the mailbox').fill('ada')
    await page.getByLabel('Password for mail programs').fill('sunny-harbour-7')
    await save()
    await page.getByLabel('By the server of my provider').waitFor()
    await page.reload()
    await page.getByLabel('By the server of my provider').check()
    await page.getByLabel('Server for sending').fill('127.0.0.1:9')
    await page.getByRole('button', { name: 'Save and test' }).click()
    await page.getByText('refuses connections').waitFor()
    await page.getByLabel('Straight to the recipient').check()
    await save()
    await page.getByLabel('One device').check()
    await page.getByLabel('Its address').fill('192.0.2.20')
    await save()
    await page.getByRole('button', { name: 'Look again' }).waitFor()
    await page.getByRole('button', { name: 'Back' }).click()
    await page.getByRole('button', { name: 'Skip', exact: true }).click()
    await page.getByText('The certificate is self-signed.').waitFor()
    assert.deepEqual(await shared.axe(page), [])
    await shared.shot(page, 'welcome')
    await page.getByRole('button', { name: 'Done, to the Overview' }).click()
    await page.waitForURL(`${shared.address}/`)
    const world = cli(shared.data, ['settings', 'export']).stdout
    for (const line of ['hostname = "mail.example.org"', 'pattern = "192.0.2.20"', 'name = "ada"', 'forwarding = true'])
      assert.ok(world.includes(line), line)
  },
)

test(
  'HP-01, HP-03 the guide is searched, and an entry of the FAQ is reached by its name',
  { skip: noBrowser },
  async () => {
    const shared = await console()
    const page = await shared.open('/guide')
    await page.getByLabel('Search the guide and the FAQ').fill('5.7.25')
    await page.getByRole('link', { name: /550 5\.7\.25/ }).click()
    await page.getByRole('heading', { level: 1, name: /550 5\.7\.25/ }).waitFor()
    await page.getByRole('link', { name: 'port-25-blocked' }).click()
    await page.getByText('Many providers block port 25').waitFor()
    await page.goto(`${shared.address}/guide/mailServer.forwarding`)
    await page.locator('tr.meant').getByText('mailServer.forwarding').waitFor()
    await page.goto(`${shared.address}/guide/no-such-thing`)
    await page.getByText('There is no such chapter').first().waitFor()
  },
)
