// The away notice in Mailbox Properties, in a real browser: by the administrator, and by the owner.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { noBrowser, openConsole } from './browser.ts'
import { cliAsync } from './serve.ts'

const password = 'a password of the tests'
const texts = {
  en: {
    on: 'Answer while the owner is away',
    text: 'What they are told',
    wrong: 'Write what they are told.',
    save: /^Save/,
  },
  de: {
    on: 'Antworten, während der Besitzer abwesend ist',
    text: 'Was sie erfahren',
    wrong: 'Schreiben Sie, was sie erfahren.',
    save: /peichern/,
  },
} as const

for (const language of ['en', 'de'] as const)
  test(
    `LP-05, WEB-12 ${language}: an away notice is written in the console, by the owner too`,
    { skip: noBrowser },
    async () => {
      await using console = await openConsole(['console'])
      await cliAsync(console.data, ['mailbox', 'add', 'ann', '--password-stdin'], `${password}\n`)
      const t = texts[language]
      const away = async (): Promise<string> => (await cliAsync(console.data, ['mailbox', 'show', 'ann'])).stdout
      const fill = async (page: Page, text: string): Promise<void> => {
        await page.getByLabel(t.text, { exact: true }).fill(text)
        await page.getByRole('button', { name: t.save }).click()
        await page.getByText(/ann.*(?:is saved|ist gespeichert)/).waitFor()
      }
      const page = await console.open('/mailboxes/ann', { language })
      await page.getByLabel(t.on, { exact: true }).check()
      await page.getByText(t.wrong).waitFor()
      await console.shot(page, `away-${language}`)
      await fill(page, 'Weg bis März.')
      assert.match(await away(), /^away: on\n(?:.*\n){3}awayText: Weg bis März\.$/m)
      const own = await console.open('/mailboxes/ann', { language, as: await console.signIn('ann', password) })
      await fill(own, 'Still away.')
      assert.match(await away(), /^awayText: Still away\.$/m)
      assert.deepEqual([await console.axe(page), await console.axe(own), console.problems], [[], [], []])
    },
  )
