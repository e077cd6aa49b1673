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
  const leg = (name: string) => page.getByRole('link', { name: new RegExp(`^\\d+ ?${name}$`) })
  await deliver(console.served.listening['smtp']!, 'ann@example.org')
  await deliver(console.served.listening['smtp']!, 'nobody@example.org')
  await page.getByText('Stored for ann from bob@far.example').waitFor()
  await page.getByText('Refused 127.0.0.1').waitFor()
  await page.getByRole('button', { name: 'Hold still' }).click()
  await readFirst(console.served.listening['pop3']!, 'ann', 'secret')
  await page.getByRole('button', { name: 'Go on, 1 new' }).click()
  await page.getByText('ann read 1 message by POP3').waitFor()
  await leg('read by POP3').filter({ hasText: '1' }).waitFor()
  assert.match(await leg('offered to us').innerText(), /^2/)
  await page.getByRole('cell', { name: '0 of 1 mailbox' }).waitFor({ state: 'detached' })
  await page.getByText('All four parts are running').waitFor({ state: 'detached' }) // no account is collected: it is off, but runs
  assert.deepEqual(console.problems, [])
})
