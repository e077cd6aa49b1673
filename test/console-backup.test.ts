// The screen of backups in a real browser on a real server: one is made, read, downloaded, a mailbox comes back from it, and a
// restored server is let go.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { noBrowser, openConsole, type Console } from './browser.ts'
import { cliAsync } from './serve.ts'

async function withMail(console: Console): Promise<void> {
  await cliAsync(console.data, ['mailbox', 'add', 'ann', '--pop3', '--password-stdin'], 'secret secret')
  await cliAsync(console.data, ['domain', 'add', 'example.org', '--catch', 'ann'])
  for (const subject of ['First', 'Second'])
    await cliAsync(
      console.data,
      ['send', '--from', 'ann@example.org', '--to', 'ann@example.org', '--subject', subject],
      'x',
    )
}

const tablesInside = `[...document.querySelectorAll('.card > .tbl')].every(
  (table) => table.getBoundingClientRect().right <= table.parentElement.getBoundingClientRect().right + 1)`

test(
  'MB-08 a backup that ends while the page asks how it stands is in the list',
  { skip: noBrowser, timeout: 120_000 },
  async () => {
    await using console = await openConsole()
    await withMail(console)
    const page = await console.open('/settings/backup')
    await page.route('**/api/v1/events', (route) => route.abort()) // nobody tells it to ask again
    await page.reload()
    await page.getByText('There is no backup yet.').waitFor()
    let isMade = false // by what the page has heard
    await page.route('**/api/v1/backup/list', (route) =>
      isMade ? route.continue() : route.fulfill({ json: { rows: [], next: null } }),
    )
    await page.route('**/api/v1/backup/state', async (route) => {
      await setTimeout(2000)
      const response = await route.fetch()
      isMade = ((await response.json()) as { ended: unknown }).ended !== null
      await route.fulfill({ response })
    })
    await page.getByRole('button', { name: 'Make a backup' }).click()
    await page.getByRole('button', { name: 'Make the backup' }).click()
    await page.getByText('is made and was read again').waitFor()
    await page.getByRole('link', { name: /^Download/ }).waitFor({ timeout: 5000 })
  },
)

test(
  'MB-08 a backup is made in the page, read again and downloaded, and a mailbox comes back from it',
  { skip: noBrowser, timeout: 120_000 },
  async () => {
    await using console = await openConsole()
    await withMail(console)
    const page = await console.open('/settings/backup')
    await page.getByText('There is no backup yet.').waitFor()
    await console.shot(page, 'backup-empty')
    await page.getByRole('button', { name: 'Make a backup' }).click()
    await page.getByLabel('Put the keys inside').check()
    await page.getByLabel('Passphrase', { exact: true }).fill('four plain words')
    await page.getByLabel('Once more').fill('four other words')
    await page.getByRole('button', { name: 'Make the backup' }).click()
    await page.getByText('The two differ').waitFor()
    await page.getByLabel('Once more').fill('four plain words')
    await console.shot(page, 'backup-create')
    assert.deepEqual(await console.axe(page), [])
    await page.getByRole('button', { name: 'Make the backup' }).click()
    await page.getByText('is made and was read again').waitFor()
    await page.getByText('inside, sealed').waitFor()
    await page.getByRole('button', { name: /^Read it again/ }).click()
    await page.getByText('The backup was read: all is well').waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: /^Download/ }).click(),
    ])
    const tar = join(console.data, 'kept.tar')
    await download.saveAs(tar)
    await page.getByRole('button', { name: /^Restore…/ }).click()
    await page.getByLabel('Mailbox', { exact: true }).waitFor()
    await page.getByLabel('One message').check()
    await page.getByRole('option', { name: /Second/ }).waitFor()
    await page.getByLabel('Into the mailbox').fill('found')
    await console.shot(page, 'backup-restore')
    assert.deepEqual(await console.axe(page), [])
    await page.getByRole('button', { name: 'Bring it back' }).click()
    await page.getByText('1 messages are back in found').waitFor()
    await page.getByLabel('How often').selectOption({ label: 'Once a day' })
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The next one is made by itself').waitFor()
    await console.shot(page, 'backup')
    assert.deepEqual(await console.axe(page), [])
    await page.getByRole('button', { name: /^Remove…/ }).click()
    await page.getByText('It is the only one.').waitFor()
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByRole('heading', { name: 'No backup yet' }).waitFor()
    await page.getByLabel('Bring one from a file').setInputFiles(tar)
    await page.getByText('inside, sealed').waitFor()
    const damaged = readFileSync(tar)
    damaged[30_000]! ^= 1
    writeFileSync(`${tar}.damaged.tar`, damaged)
    await page.getByLabel('Bring one from a file').setInputFiles(`${tar}.damaged.tar`)
    await page.getByText('The backup is damaged, it was not taken').waitFor()
    assert.deepEqual(console.problems.filter((line) => !line.includes('status of 4')), []) // prettier-ignore
    for (const look of [{ dark: true }, { size: 'phone' }, { language: 'de' }] as const) {
      const other = await console.open('/settings/backup', look)
      await other.getByText(/inside, sealed|darin, versiegelt/).waitFor()
      await console.shot(other, `backup-${Object.values(look).join('')}`)
      assert.deepEqual(await console.axe(other), [])
      const wide = await other.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      assert.ok(wide <= 0, 'it does not scroll sideways')
      const inside = await other.evaluate<boolean>(tablesInside)
      assert.ok(inside, 'the table stays within its card')
    }
  },
)

const backupAt = Date.parse('2026-01-31T18:00:00Z')
const told: readonly (readonly [string, object, RegExp])[] = [
  ['restored', { restored: { backupAt, restoredAt: backupAt, held: 4 } }, /4 deliveries that waited then are held/],
  [
    'failed',
    { trouble: { is: 'failed', said: 'The disk is full: there is no room in /mnt/other' } },
    /no room in .mnt.other. Mail itself/,
  ],
  ['old', { trouble: { is: 'old', id: 'x', days: 5 } }, /The newest backup is 5 days old/],
  [
    'at-work',
    { job: { what: 'create', backup: null, startedAt: 1, share: 0.42, words: 'Adding up' } },
    /Adding up · 42 %/,
  ],
]

test(
  'MB-08 the page says what is held after a restore, what failed, and how far it is',
  { skip: noBrowser },
  async () => {
    await using console = await openConsole()
    for (const [name, more, words] of told) {
      const page = await console.open('/guide')
      await page.route('**/api/v1/backup/state', async (route) => {
        const response = await route.fetch()
        await route.fulfill({ response, json: { ...((await response.json()) as object), ...more } })
      })
      await page.goto(`${console.address}/settings/backup`)
      await page.getByText(words).waitFor()
      await console.shot(page, `backup-${name}`)
      assert.deepEqual(await console.axe(page), [])
      if (name !== 'restored') continue
      await page.getByRole('button', { name: 'Release…' }).click()
      await page.getByText('arrives twice').waitFor()
      await console.shot(page, 'backup-release')
      assert.deepEqual(await console.axe(page), [])
    }
    assert.deepEqual(console.problems, [])
  },
)
