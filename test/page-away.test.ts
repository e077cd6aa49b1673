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
    sections: ['Access', 'Addresses', 'Forwarding', 'Away', 'State'],
  },
  de: {
    on: 'Antworten, während der Besitzer abwesend ist',
    text: 'Was sie erfahren',
    wrong: 'Schreiben Sie, was sie erfahren.',
    save: /peichern/,
    sections: ['Zugang', 'Adressen', 'Weiterleitung', 'Abwesenheit', 'Zustand'],
  },
} as const

/** The sections whose tab is whole in its drawer, and whether that tab leads there: by mouse, and by keyboard. */
async function reached(page: Page): Promise<string[]> {
  const tabs = page.locator('.panel-tabs a')
  const found: string[] = []
  for (const tab of await tabs.all())
    for (const by of ['mouse', 'keyboard'] as const) {
      await page.locator('.panel-body').evaluate((body) => body.scrollTo(0, 0))
      await tabs.first().evaluate((first) => first.parentElement!.scrollTo(0, 0))
      const [whole, row] = [await tab.boundingBox(), await page.locator('.panel').boundingBox()]
      if (whole!.x + whole!.width > row!.x + row!.width) continue
      if (by === 'mouse') await page.mouse.click(whole!.x + whole!.width / 2, whole!.y + whole!.height / 2)
      else await tab.press('Enter')
      const section = page.locator((await tab.getAttribute('href'))!)
      await section.waitFor()
      if ((await section.boundingBox())!.y < page.viewportSize()!.height)
        found.push(`${await tab.textContent()} by ${by}`)
    }
  return found
}

for (const language of ['en', 'de'] as const)
  for (const size of ['wide', 'phone'] as const)
    test(
      `WEB-12 ${language}, ${size}: every section of Mailbox Properties has a tab that leads to it`,
      { skip: noBrowser },
      async () => {
        await using console = await openConsole(['console'])
        await cliAsync(console.data, ['mailbox', 'add', 'ann'])
        const page = await console.open('/mailboxes/ann', { language, size })
        await page.locator('#p-state').waitFor()
        await console.shot(page, `tabs-${language}-${size}`)
        const wanted = texts[language].sections.flatMap((name) => [`${name} by mouse`, `${name} by keyboard`])
        assert.deepEqual(await reached(page), wanted)
        assert.deepEqual([await console.axe(page), console.problems], [[], []])
      },
    )

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
