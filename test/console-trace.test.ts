// The Trace in a real browser on real services: mail that was deferred is seen, delivered, and its whole story told.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { noBrowser } from './browser.ts'
import { movingMail } from './console-mail-rig.ts'

test(
  'HP-02 a message is found by any word, its story tells each try with the exact reply, and goes on by itself',
  { skip: noBrowser },
  async () => {
    await using mail = await movingMail()
    const { console } = mail
    const empty = await console.open('/trace')
    await empty.getByText('No mail has passed yet').waitFor()
    await console.shot(empty, 'trace-empty')
    await mail.send(['later@far.example', 'info@us.example'], 'Offer for the Thomsen boat')
    await mail.send('gone@far.example', 'Brass cleats')
    await mail.send('bob@far.example', 'Varnish samples')
    await empty.getByText('Offer for the Thomsen boat').waitFor() // it comes by itself
    const page = await console.open('/trace')
    await page.getByLabel('Address, subject, Message-ID').fill('thomsen later@far.example')
    await page.locator('.trace-form').getByRole('button', { name: 'Search' }).click()
    await page.getByRole('link', { name: /Offer for the Thomsen boat/ }).click()
    await page.getByText('Greylisted, please try again later').waitFor()
    await page.getByRole('heading', { name: /Try 1: alternate mail server lab asked us to wait/ }).waitFor()
    await page.getByRole('heading', { name: 'Stored in mailbox info' }).waitFor()
    await page.getByRole('heading', { name: 'Try 2 planned' }).waitFor()
    await console.shot(page, 'trace-waiting')
    assert.deepEqual(await console.axe(page), [])
    mail.relent()
    await page.getByRole('button', { name: 'Retry now' }).click()
    await page.getByRole('heading', { name: 'Delivered for later@far.example' }).waitFor()
    await page.locator('.sentence').getByText('on try 2').waitFor()
    await page.getByRole('button', { name: 'Every line' }).click()
    await page.getByText('nextAttemptAt').first().waitFor()
    await page.getByRole('button', { name: 'Story', exact: true }).click()
    await console.shot(page, 'trace')
    for (const [name, look] of [
      ['trace-dark', { dark: true }],
      ['trace-phone', { size: 'phone' }],
      ['trace-de', { language: 'de' }],
    ] as const) {
      const other = await console.open(new URL(page.url()).pathname, look)
      await other.locator('.course .stop').first().waitFor()
      await console.shot(other, name)
      assert.deepEqual(await console.axe(other), [], name)
    }
    const phone = await console.open('/trace?q=far', { size: 'phone' })
    await phone.getByRole('link', { name: /Brass cleats/ }).click()
    await phone.getByText('no such person here').first().waitFor()
    await phone.getByText('The sender was told that it failed').waitFor()
    await phone.getByRole('link', { name: /Back to/ }).click()
    await phone.getByRole('link', { name: /Varnish samples/ }).waitFor()
    await console.shot(phone, 'trace-phone-list')
    assert.deepEqual(console.problems, [])
  },
)

test('the owner of a mailbox sees their mail and nobody else’s', { skip: noBrowser }, async () => {
  await using mail = await movingMail()
  const { console } = mail
  await mail.run('mailbox.add', { name: 'other' })
  await mail.send(['info@us.example', 'other@us.example', 'later@far.example'], 'To several')
  const hidden = await mail.send('bob@far.example', 'Not yours')
  const page = await console.open('/trace', { as: { name: 'info', password: 'a long enough one' } })
  await page.getByRole('link', { name: /To several/ }).click()
  await page.getByRole('heading', { name: 'Stored in mailbox info' }).waitFor()
  const shown = await page.content()
  for (const word of ['other@us.example', 'later@far.example', 'mailbox other', 'Not yours'])
    assert.ok(!shown.includes(word), word)
  await page.goto(`${console.address}/trace/${hidden}`)
  await page.getByText('Nothing is known of').waitFor()
})
