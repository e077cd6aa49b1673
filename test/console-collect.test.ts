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

test(
  'PC-11 PC-26 PC-27 PC-38 the first run since a day, one box for a domain and copies that stay there, in the page and on the command line',
  { skip: noBrowser },
  async () => {
    const named = ['ann', 'nobody-here'].map((to, i) => ({
      octets: `X-Original-To: forged@example.org\r\nX-Original-To: ${to}@example.org\r\nFrom: Klara <klara@far.example>\r\nSubject: for ${to}\r\nDate: Fri, 27 Nov 2026 09:00:00 +0100\r\n\r\nx\r\n`,
      uid: `named-${i}`,
    }))
    await using remote = await Pop3Remote.open({ messages: named, user: 'all', password: 'canary-password' })
    await using console = await openConsole()
    const cli = (...args: string[]) => cliAsync(console.data, args, 'secret of somebody\n')
    await cli('mailbox', 'add', 'ann', '--pop3', '--password-stdin')
    await cli('mailbox', 'add', 'rest')
    await cli('domain', 'add', 'example.org')
    await cli('address', 'add', 'ann@example.org', 'ann')
    const listed = async (): Promise<Record<string, unknown>> => {
      const { stdout } = await cli('collect', 'list', '--json')
      return (JSON.parse(stdout) as Record<string, unknown>[])[0]!
    }

    const page = await console.open('/pop3-client', { size: 'phone' })
    await page.getByRole('button', { name: 'Add account' }).first().click()
    await page.getByLabel('Address or user name there').fill('all')
    await page.getByLabel('Name of the account here').fill('domain')
    await page.getByLabel('Password', { exact: true }).fill('canary-password')
    await page.getByRole('textbox', { name: 'POP3 server' }).fill('127.0.0.1')
    await page.getByLabel('Port').fill(String(remote.port))
    await page.getByLabel('Encryption').selectOption('none')
    await page.getByLabel('Collect into').selectOption('rest')
    await page.getByLabel('The password may go in clear').check()
    await page.getByLabel('The server is in a network of mine').check()

    await page.getByLabel('The first time').selectOption('since')
    await page.getByRole('button', { name: 'Add account' }).last().click()
    await page.getByRole('alert').getByText('say everything, new, or since when').waitFor()
    await page.getByLabel('Since', { exact: true }).fill('2026-01-31')
    await page.getByLabel('Leave there what is here already').focus()
    await page.keyboard.press('Space')
    await page.getByLabel('One box for a whole domain').focus()
    await page.keyboard.press('Space')
    await page.keyboard.press('Tab') // over the link to the guide
    await page.keyboard.press('Tab')
    await page.keyboard.type('X Original')
    await page.getByRole('button', { name: 'Add account' }).last().click()
    await page.getByRole('alert').getByText('write the name of a header field').waitFor()
    await page.getByLabel('This field names the recipient').fill('X-Original-To')
    await page.getByLabel('Which of them counts').fill('0')
    await page.getByRole('button', { name: 'Add account' }).last().click()
    await page.getByRole('alert').getByText('the one on top is 1').waitFor()
    await page.getByLabel('Which of them counts').fill('2')
    await page.getByLabel('Without the field look at To and Cc').check()
    assert.deepEqual(await console.axe(page), [])
    assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true, 'fits on a phone')
    await console.shot(page, 'pop3-client-one-box')
    await page.getByRole('button', { name: 'Add account' }).last().click()
    await page.getByText('In order').waitFor()

    const since = await page.evaluate<number>("new Date('2026-01-31T00:00').getTime()")
    const distribution = { header: 'X-Original-To', position: 2, guess: true }
    const added = await listed()
    assert.partialDeepStrictEqual(added, { mailbox: 'rest', first: since, duplicates: 'leave', distribution })
    await page
      .getByText('by X-Original-To, the 2nd from the top, else To and Cc; what names nobody here: rest')
      .waitFor()
    await page.getByText('what is here already stays there').waitFor()
    await page.getByText('since 31 Jan').waitFor()
    assert.deepEqual(await console.axe(page), [])
    await console.shot(page, 'pop3-client-one-box-card')
    const german = await console.open('/pop3-client', { language: 'de' })
    await german
      .getByText('nach X-Original-To, dem 2. von oben, sonst To und Cc; was niemanden hier nennt: rest')
      .waitFor()

    await cli('collect', 'run', 'domain')
    const held = async (mailbox: string): Promise<unknown[]> => {
      const { stdout } = await cli('message', 'list', mailbox, '--json')
      return (JSON.parse(stdout) as { rows: unknown[] }).rows
    }
    assert.deepEqual([(await held('ann')).length, (await held('rest')).length], [1, 1])

    await page.getByRole('button', { name: 'Properties: domain' }).click()
    assert.equal(await page.getByLabel('This field names the recipient').inputValue(), 'X-Original-To')
    assert.equal(await page.getByLabel('Which of them counts').inputValue(), '2')
    await page.getByLabel('Leave there what is here already').uncheck()
    await page.getByLabel('One box for a whole domain').uncheck()
    await page.getByRole('button', { name: 'Save account' }).click()
    await page.getByText('what is here already stays there').waitFor({ state: 'detached' })
    const changed = await listed()
    assert.partialDeepStrictEqual(changed, { first: since, duplicates: 'keep', distribution: null })

    const own = await console.open('/pop3-client', { as: { name: 'ann', password: 'secret of somebody' } })
    await own.getByRole('button', { name: 'Add account' }).first().click()
    await own.getByLabel('Leave there what is here already').waitFor()
    assert.equal(
      await own.getByLabel('One box for a whole domain').count(),
      0,
      'an owner collects into their own mailbox',
    )
    assert.deepEqual(
      console.problems.filter((one) => !one.includes('422')),
      [],
    )
  },
)
