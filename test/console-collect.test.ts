// The POP3 Client's screen in a real browser: an account is added and tested, collected, looked through and deleted from.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { noBrowser, openConsole } from './browser.ts'
import { maildrop, Pop3Remote } from './pop3-remote.ts'
import { cliAsync } from './serve.ts'

const greeting = (subject: string, uid: string, bytes = 200) => ({
  octets:
    `From: Klara <klara@far.example>\r\nSubject: ${subject}\r\nDate: Thu, 26 Nov 2026 09:00:00 +0100\r\nMessage-ID: <${uid}@far.example>\r\n\r\n${'x'.repeat(70)}\r\n`.padEnd(
      bytes,
      ' ',
    ),
  uid,
})

test(
  'PC-32 PC-33 PC-39 an account is added, tested, collected and looked through in the page; one message is deleted there without being retrieved',
  { skip: noBrowser },
  async () => {
    await using remote = await Pop3Remote.open({
      messages: [...maildrop(3), greeting('YOU HAVE WON', 'won', 4000)],
      user: 'ann',
      password: 'canary-password',
    })
    await using console = await openConsole()
    await cliAsync(console.data, ['mailbox', 'add', 'ann', '--pop3', '--password-stdin'], 'secret of ann\n')
    const page = await console.open('/pop3-client')
    await page.getByRole('heading', { name: 'Bring your old mailboxes here' }).waitFor()
    await page.getByRole('button', { name: 'Add account' }).first().click()
    await page.getByLabel('Address or user name there').fill('ann')
    await page.getByLabel('Name of the account here').fill('old')
    await page.getByLabel('Password', { exact: true }).fill('canary-password')
    await page.getByRole('textbox', { name: 'POP3 server' }).fill('127.0.0.1')
    await page.getByLabel('Port').fill(String(remote.port))
    await page.getByLabel('Encryption').selectOption('none')
    await page.getByLabel('The password may go in clear').check()
    await page.getByLabel('The server is in a network of mine').check()
    await page.getByRole('button', { name: 'Test' }).click()
    await page.getByText('Works: 4 messages are there').waitFor()
    assert.ok(!(await page.content()).includes('canary-password'), 'the transcript hides the password')
    await page.getByLabel('The first time').selectOption('new')
    await page.getByLabel('Collect every').fill('60')
    await page.getByRole('button', { name: 'Add account' }).last().click()
    await page.getByText('In order').waitFor()
    await page.getByRole('button', { name: 'Browse' }).click()
    await page.getByText('YOU HAVE WON').waitFor()
    await page.getByLabel('Select YOU HAVE WON').check()
    await page.getByText('1 of 1 without a copy here').waitFor()
    await console.shot(page, 'pop3-client')
    await page.getByRole('button', { name: 'Delete there…' }).click()
    await page.getByText('1 has no copy here: it will be gone.').waitFor()
    assert.deepEqual(await console.axe(page), [])
    await page.getByRole('button', { name: 'Delete there', exact: true }).click()
    await page.getByText('YOU HAVE WON').waitFor({ state: 'detached' })
    assert.deepEqual(remote.removed, ['won'])
    assert.ok(!remote.heard.some((line) => /^RETR 4/i.test(line)), 'it was not retrieved')
    await page.getByLabel('Select message 1').check()
    await page.getByRole('button', { name: 'Fetch', exact: true }).click()
    await page.getByRole('row', { name: /message 1.* here$/ }).waitFor()
    assert.deepEqual(console.problems, [])
  },
)
