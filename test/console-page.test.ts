// The frame of the console in a real browser.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { noBrowser, openConsole } from './browser.ts'

test(
  'WEB-13 the page opens without an error, without a request elsewhere, in both languages and both themes',
  { skip: noBrowser },
  async () => {
    await using console = await openConsole()
    for (const [language, dark, word] of [
      ['en', false, 'Mailboxes'],
      ['de', true, 'Postfächer'],
    ] as const) {
      const page = await console.open('/', { language, dark })
      await page.getByRole('link', { name: word }).first().waitFor()
      assert.deepEqual(await console.axe(page), [])
    }
    assert.deepEqual(console.problems, [])
  },
)
