// The Queue in a real browser on real services: what waits is seen, selected, held, released, dropped, and delivered.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { noBrowser } from './browser.ts'
import { movingMail } from './console-mail-rig.ts'

/** At a width between a phone and a desk, too. */
async function nothingSticksOut(page: Page, name: string): Promise<void> {
  const size = page.viewportSize()!
  for (const width of [size.width, 900]) {
    await page.setViewportSize({ ...size, width })
    const across = await page.evaluate<number>('document.documentElement.scrollWidth')
    assert.ok(across <= width, `${name}: ${across} px across ${width}`)
  }
  await page.setViewportSize(size)
}
const row = (page: Page, to: string) => page.locator('tr[data-row]', { hasText: to })

test(
  'QU-11, QU-12 what waits is shown with its reason, held with a way back, released, dropped with a notice, and delivered',
  { skip: noBrowser },
  async () => {
    await using mail = await movingMail()
    const { console } = mail
    const page = await console.open('/queue')
    await page.getByText('The queue is empty').waitFor()
    await console.shot(page, 'queue-empty')
    await mail.send(['later-anna@far.example', 'later-jens@far.example'], 'Order 2291: brass cleats, 40 pcs')
    await mail.send('later-log@sawmill.example', 'Oak, second delivery')
    await page.getByText('far.example', { exact: true }).waitFor() // it comes by itself
    await row(page, 'later-anna').getByText('451 4.7.1 Greylisted').waitFor()
    await page.getByRole('button', { name: 'Show tries for later-anna@far.example' }).click()
    await page.getByRole('heading', { name: 'Try 2 planned' }).waitFor()
    await page.getByRole('checkbox', { name: 'Select all 2 for far.example' }).check()
    await page.getByText('2 selected').waitFor()
    await console.shot(page, 'queue')
    assert.deepEqual(await console.axe(page), [])
    await page.getByRole('button', { name: 'Hold', exact: true }).first().click()
    await page.getByText('Held 2 deliveries.').waitFor()
    await row(page, 'later-jens').getByText('Held', { exact: true }).waitFor()
    await page.getByRole('status').getByRole('button', { name: 'Undo' }).click()
    await page.getByText('Released 2 deliveries.').waitFor()
    await row(page, 'later-jens').getByText('Waiting', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Select none' }).click()
    await row(page, 'later-jens').getByRole('checkbox').check()
    await page.getByRole('button', { name: 'Drop…' }).click()
    await console.shot(page, 'queue-drop')
    await page.getByRole('button', { name: 'Drop 1' }).click()
    await page.getByText('Sent back 1 delivery.').waitFor()
    await row(page, 'later-jens').getByText('Left the queue').waitFor()
    mail.relent()
    await page.getByRole('button', { name: 'Retry everything now' }).click()
    await page.getByText('Nothing waits.').waitFor()
    await page.getByRole('button', { name: 'Finished' }).click()
    await row(page, 'later-log').getByText('Delivered').waitFor()
    await row(page, 'later-jens').getByText('Failed').waitFor()
    await console.shot(page, 'queue-finished')
    assert.equal(mail.far.ledger.length, 2)
    assert.deepEqual(console.problems, [])
  },
)

test('QU-11 the queue in each order, by keyboard, dark and on a phone, and paused', { skip: noBrowser }, async () => {
  await using mail = await movingMail()
  const { console } = mail
  await mail.run('queue.pause')
  for (const name of ['anna', 'ben', 'cyd']) await mail.send(`later-${name}@far.example`, `For ${name}`)
  await mail.send('later-dan@else.example', 'For dan')
  const page = await console.open('/queue?view=age')
  await page.getByText('Sending is paused.').waitFor()
  await row(page, 'later-dan').waitFor()
  for (const key of ['j', 'x', 'j', 'j', 'Shift+X']) await page.keyboard.press(key)
  await page.getByText('3 selected').waitFor()
  await page.keyboard.press('h')
  await page.getByText('Held 3 deliveries.').waitFor()
  assert.equal(await page.locator('table').getAttribute('aria-rowcount'), '5')
  await page.getByRole('button', { name: 'By reason' }).click()
  await page.getByText('held by hand').first().waitFor()
  assert.deepEqual(await console.axe(page), [])
  await page.getByLabel('Filter the queue').fill('later-dan')
  await page.keyboard.press('Enter')
  await row(page, 'later-dan').waitFor()
  assert.equal(await row(page, 'later-anna').count(), 0)
  for (const [name, look] of [
    ['queue-dark', { dark: true }],
    ['queue-phone', { size: 'phone' }],
    ['queue-de', { language: 'de' }],
  ] as const) {
    const other = await console.open('/queue', look)
    await row(other, 'later-anna').waitFor()
    await console.shot(other, name)
    assert.deepEqual(await console.axe(other), [], name)
    await nothingSticksOut(other, name)
  }
  await page.goto(`${console.address}/queue`)
  await page.getByRole('button', { name: 'Send again' }).click()
  await page.getByRole('button', { name: 'Pause all sending' }).waitFor()
  assert.deepEqual(console.problems, [])
})
