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

test(
  'PC-08 PC-10 PC-29 PC-35 messages of one UID, what is ignored, new UIDs and what stays until it is confirmed, in the page',
  { skip: noBrowser },
  async () => {
    const twins = ['one', 'two'].map((subject) => greeting(subject, 'twin', 300))
    const odd = { list: { octets: '+OK\r\n?\r\n?\r\n1 9\r\n2 9\r\n3 9\r\n4 9\r\n.\r\n' } } as const
    await using remote = await Pop3Remote.open({ messages: [...maildrop(2), ...twins], script: odd })
    await using console = await openConsole()
    await cliAsync(console.data, ['mailbox', 'add', 'ann'])
    const where = `--host 127.0.0.1 --port ${remote.port} --tls none --plain-login --private --user ann --into ann`
    const added = ['collect', 'add', 'old', ...where.split(' '), '--first', 'new', '--password-stdin']
    await cliAsync(console.data, added, 'secret')
    await cliAsync(console.data, ['collect', 'run', 'old'])
    const page = await console.open('/pop3-client')
    await page.getByRole('button', { name: 'Browse' }).click()
    await page.getByLabel('Select one').waitFor()
    await page.getByLabel('Select two').waitFor()

    await page.getByLabel('Select message 1').check()
    await page.getByRole('button', { name: 'Fetch after all' }).click()
    await page.getByRole('row', { name: /message 1.*no copy here$/ }).waitFor()
    await page.getByRole('button', { name: 'Collect now' }).click()
    await page.getByText('old: 1 new.').waitFor()

    remote.behave({ script: {} })
    remote.messages = maildrop(25)
    await cliAsync(console.data, ['collect', 'run', 'old'])
    remote.messages = maildrop(26).map((one) => ({ ...one, uid: `again ${one.uid}` }))
    await cliAsync(console.data, ['collect', 'run', 'old'])
    await page.getByText('The server gave all messages new names.').waitFor()
    assert.deepEqual(await console.axe(page), [])
    await page.getByRole('button', { name: 'Recognise them' }).click()
    await page.getByText('In order').waitFor()

    await page.getByRole('button', { name: 'Properties: old' }).click()
    await page.getByLabel('Collect every').fill('x')
    await page.getByRole('button', { name: 'Save account' }).click()
    await page.getByRole('alert').getByText('expected number').waitFor()
    await page.getByLabel('Collect every').fill('60')
    await page.getByLabel('Leave messages on server').uncheck()
    await page.getByRole('button', { name: 'Save account' }).click()
    await page.getByText(/^\d+ messages that were collected before stay there/).waitFor()
    await cliAsync(console.data, ['collect', 'run', 'old'])
    assert.deepEqual(remote.removed, [])
    await page.getByRole('button', { name: 'Properties: old' }).click()
    await page.getByRole('button', { name: 'Confirm deletions' }).click()
    await cliAsync(console.data, ['collect', 'run', 'old'])
    assert.ok(remote.removed.length > 20)
    assert.deepEqual(
      console.problems.filter((one) => !one.includes('422')),
      [],
    )
  },
)
