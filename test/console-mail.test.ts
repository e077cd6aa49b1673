// Reading a mailbox in a real browser on a real server: the list, hostile mail in its frame, deleting and bringing back,
// archives, new mail that appears by itself.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { noBrowser, openConsole, type Console } from './browser.ts'
import { friendly, nasty, nastySubject } from './console-mails.ts'
import { cliAsync } from './serve.ts'

/** A mailbox `orders` with these messages, oldest first. */
async function withMail(console: Console, mails: readonly string[]): Promise<void> {
  const folder = join(console.data, 'mails')
  mkdirSync(folder)
  mails.forEach((text, i) => writeFileSync(join(folder, `${String(i).padStart(5, '0')}.eml`), text))
  const made = await cliAsync(
    console.data,
    ['mailbox', 'add', 'orders', '--pop3', '--password-stdin'],
    'secret-of-orders',
  )
  assert.equal(made.status, 0, made.stderr)
  const imported = await cliAsync(console.data, ['mailbox', 'import', 'orders', folder])
  assert.equal(imported.status, 0, imported.stderr)
}
const path = '/mailboxes/orders/mail'
const invoice = 'Invoice 20417 for larch boards'

test('MB-06 a mailbox is read: list, message, text, header, source, attachment', { skip: noBrowser }, async () => {
  await using console = await openConsole()
  await withMail(console, friendly)
  const page = await console.open(path)
  await page.getByText(`${friendly.length} messages`).waitFor()
  await console.shot(page, 'mail-list')
  await page.keyboard.press('j')
  await page.getByRole('heading', { name: invoice }).waitFor()
  await page.getByText('2 remote pictures were not loaded').waitFor()
  await page.frameLocator('iframe').getByText('Payable within 30 days').waitFor()
  await page.getByText('invoice-20417.pdf').waitFor()
  assert.deepEqual(await console.axe(page), [])
  await console.shot(page, 'mail-message')
  await page.getByRole('tab', { name: 'Plain text' }).click()
  await page.getByText('The boards leave our yard').last().waitFor()
  await page.getByRole('tab', { name: 'Headers' }).click()
  await page.getByText('<20417@timber.test>').first().waitFor()
  await console.shot(page, 'mail-headers')
  await page.getByRole('tab', { name: /^Raw/ }).click()
  await page.getByText('Content-Type: multipart/mixed').waitFor()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'invoice-20417.pdf' }).click(),
  ])
  assert.equal(download.suggestedFilename(), 'invoice-20417.pdf')
  for (const look of [{ dark: true }, { size: 'phone' }, { language: 'de' }] as const) {
    const other = await console.open(path, look)
    await other.locator('.msg').first().waitFor()
    await console.shot(other, `mail-list-${Object.values(look)[0]}`)
    await other.locator('.msg').first().click()
    await other.frameLocator('iframe').getByText('Payable').waitFor()
    assert.deepEqual(await console.axe(other), [])
    await console.shot(other, `mail-message-${Object.values(look)[0]}`)
  }
  assert.deepEqual(console.problems, [])
})

test(
  'MB-06 MB-03 deleted with undo, restored from Deleted, gone for good after a question; by keyboard too',
  { skip: noBrowser },
  async () => {
    await using console = await openConsole()
    await withMail(console, friendly)
    const page = await console.open(path)
    await page.getByText(invoice).first().click()
    await page.getByRole('button', { name: 'Delete message' }).click()
    await page.getByText('The message is deleted.').waitFor()
    await page.getByRole('heading', { name: 'Scan from 192.0.2.20' }).waitFor() // the next one is open
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.locator('.msg', { hasText: invoice }).waitFor()
    await page.keyboard.press('x')
    await page.keyboard.press('k')
    await page.keyboard.press('x')
    await page.getByText('2 selected').waitFor()
    await console.shot(page, 'mail-selected')
    await page.keyboard.press('Delete')
    await page.getByText('2 messages are deleted.').waitFor()
    await page.getByRole('link', { name: 'Deleted' }).click()
    await page.locator('.msg').first().click()
    await page.getByText('can be restored until').waitFor()
    await console.shot(page, 'mail-deleted')
    assert.deepEqual(await console.axe(page), [])
    await page.getByRole('button', { name: 'Restore' }).click()
    await page.getByText('The message is back.').waitFor()
    await page.locator('.msg').first().click()
    await page.getByRole('button', { name: 'Delete for good' }).click()
    await page.getByText('Nobody can bring it back').waitFor()
    await console.shot(page, 'mail-purge')
    await page
      .getByRole('dialog')
      .or(page.getByRole('alertdialog'))
      .getByRole('button', { name: 'Delete for good' })
      .click()
    await page.getByText('Nothing is deleted').waitFor()
    assert.deepEqual(console.problems, [])
  },
)

test(
  'MB-06 new mail appears without reload, a search finds it, and an owner who opens it has read it',
  { skip: noBrowser },
  async () => {
    await using console = await openConsole()
    await withMail(console, friendly)
    const as = await console.signIn('orders', 'secret-of-orders')
    const page = await console.open(path, { as })
    await page.locator('.msg').first().waitFor()
    assert.equal(await page.getByText('looking as administrator').count(), 0)
    const sent = await cliAsync(console.data, [
      'send',
      '--from',
      'ann@example.com',
      '--to',
      'orders',
      '--subject',
      'Brand new',
      '--text',
      'x',
    ])
    assert.equal(sent.status, 0, sent.stderr)
    await page.locator('.msg', { hasText: 'Brand new' }).waitFor()
    await page.getByLabel('Search this mailbox').fill('brand')
    await page.getByText(/1 found in the newest/).waitFor()
    await page.locator('.msg').first().click()
    await page.locator('.msg:not([data-unread])').waitFor()
    assert.deepEqual(console.problems, [])
  },
)

test(
  'MB-06 a mailbox is saved as a file and brought back by the page, and nothing comes twice',
  { skip: noBrowser },
  async () => {
    await using console = await openConsole()
    await withMail(console, friendly)
    const page = await console.open(path)
    await page.getByRole('button', { name: 'Export…' }).click()
    await console.shot(page, 'mail-export')
    assert.deepEqual(await console.axe(page), [])
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Save file' }).click(),
    ])
    assert.equal(download.suggestedFilename(), 'orders.mbox')
    const file = join(console.data, 'orders.mbox')
    await download.saveAs(file)
    await page.getByRole('button', { name: 'Import…' }).click()
    await page.getByLabel('Files').setInputFiles(file)
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await page.getByText(`${friendly.length} were here already`).waitFor()
    await console.shot(page, 'mail-import')
    assert.deepEqual(await console.axe(page), [])
    assert.deepEqual(console.problems, [])
  },
)

test(
  'WEB-01 WEB-02 IMP-07 the nastiest mail, opened in every way, runs nothing, asks nobody and stays in its frame',
  { skip: noBrowser },
  async () => {
    await using console = await openConsole()
    await withMail(console, nasty)
    const page = await console.open(path)
    await page.locator('.msg').first().waitFor()
    for (let i = 0; i < nasty.length; i++) {
      await page.keyboard.press('j')
      await page.locator('.msg[aria-current]').waitFor()
      for (const tab of await page.getByRole('tab').all()) {
        await tab.click()
        await page.waitForTimeout(150)
      }
    }
    await page.getByText(nastySubject).first().waitFor()
    await console.shot(page, 'mail-nasty')
    const html = await page.request.get(`${console.address}/api/v1/download/message-html?mailbox=orders&uid=1`, {
      headers: { 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'iframe' },
    })
    const policy = html.headers()['content-security-policy'] ?? ''
    for (const part of ['sandbox', "default-src 'none'", "form-action 'none'", "base-uri 'none'"])
      assert.ok(policy.includes(part), policy)
    assert.deepEqual(console.problems, [])
  },
)
