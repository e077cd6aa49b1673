// The Overview in a real browser on real services: what happens is seen without reload, what needs somebody leads somewhere.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { noBrowser, openConsole, type Console } from './browser.ts'
import { cliAsync, world } from './serve.ts'
import { deliver, readFirst } from './small-talk.ts'

async function prepared(): Promise<Console> {
  const console = await openConsole(['smtp', 'pop3', 'console'])
  await cliAsync(console.data, ['settings', 'import', '-'], world)
  return console
}

test('the Overview counts what comes in and is read while somebody looks', { skip: noBrowser }, async () => {
  await using console = await prepared()
  const page = await console.open('/')
  await page.getByText('Nothing has happened yet').waitFor()
  const steps = page.getByRole('log').getByRole('listitem')
  await deliver(console.served.listening['smtp']!, 'ann@example.org')
  await deliver(console.served.listening['smtp']!, 'nobody@example.org')
  await steps.filter({ hasText: 'Stored for ann from bob@far.example' }).waitFor()
  await steps.filter({ hasText: 'Refused 127.0.0.1 for nobody@example.org' }).waitFor()
  await page.getByRole('button', { name: 'Hold still' }).click()
  await readFirst(console.served.listening['pop3']!, 'ann', 'secret')
  await page.getByRole('button', { name: 'Go on, 1 new' }).click()
  await steps.filter({ hasText: 'ann read 1 message by POP3' }).waitFor()
  const leg = (caption: string) => page.locator('.legs li').filter({ hasText: caption })
  await leg('read by POP3').getByText('1', { exact: true }).waitFor()
  await leg('offered to us').getByText('2', { exact: true }).waitFor()
  await page.getByRole('row', { name: 'POP3 Server 1 of 1 mailbox has POP3 access' }).waitFor()
  await page.getByRole('img', { name: /^Messages per hour, highest 1 at / }).waitFor()
  assert.deepEqual([await console.axe(page), console.problems], [[], []])
})

test(
  'HP-03 a problem says what to do and where to read more; one that is fine is told no more, until that is undone',
  { skip: noBrowser },
  async () => {
    await using console = await prepared()
    await cliAsync(console.data, ['settings', 'set', 'mailRelay.alternate', 'nowhere'])
    const page = await console.open('/')
    const missing = page.locator('.banner').filter({ hasText: 'There is no alternate mail server nowhere' })
    assert.equal(await missing.getByRole('link', { name: 'Have a look' }).getAttribute('href'), '/mail-relay')
    await page.getByText('One thing needs you').waitFor()
    const own = page.locator('.banner').filter({ hasText: 'The certificate is one of our own' })
    assert.match(
      (await own.getByRole('link', { name: 'Learn more' }).getAttribute('href')) ?? '',
      /^\/faq\/certificate-not-trusted/,
    )
    await own.getByRole('button', { name: 'That’s fine' }).click()
    await own.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Undo' }).click()
    await own.waitFor()
    await cliAsync(console.data, ['settings', 'reset', 'mailRelay.alternate'])
    await page.getByText('The route to nowhere leads somewhere').waitFor() // solved lately, without reload
    await missing.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Pause sending' }).click()
    await page.getByRole('row', { name: 'Mail Relay Paused by hand' }).waitFor()
    await page.getByRole('button', { name: 'Go on sending' }).click()
    await page.getByRole('button', { name: 'Pause sending' }).waitFor()
    assert.deepEqual(console.problems, [])
  },
)
