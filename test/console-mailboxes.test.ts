// Mailboxes and the Mail Server in a real browser on a real server: what is changed in the page is what mail meets.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import type { Page } from 'playwright-core'
import { noBrowser, openConsole } from './browser.ts'

/** Says the lines one after the other, each when the last one is answered; all that was heard. */
async function talk(address: string, lines: readonly string[]): Promise<string> {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? []
  const socket: Socket = connect({ host, port: Number(port) })
  socket.setTimeout(20_000, () => socket.destroy())
  socket.setEncoding('latin1')
  let heard = ''
  socket.on('data', (text: string) => (heard += text))
  for (const line of ['', ...lines]) {
    const before = heard.length
    if (line !== '') socket.write(`${line}\r\n`)
    do await once(socket, 'data')
    while (!/^(?:\d{3} |[+-]|\.\r\n)[^]*\n$/m.test(heard.slice(before)))
  }
  socket.end()
  return heard
}

const message = ['DATA', 'Subject: boats\r\n\r\nTwo of them.\r\n.']
const heading = (page: Page, name: string): Promise<void> => page.getByRole('heading', { name, exact: true }).waitFor()

test(
  'MB-01 MB-02 HP-01 a mailbox is made in the page, an address leads to it, mail comes in and is counted without reload, and POP3 reads it',
  { skip: noBrowser },
  async () => {
    await using console = await openConsole()
    const { served } = console
    const page = await console.open('/mail-server')
    await heading(page, 'Mail Server')
    await page.getByRole('button', { name: 'Add domain' }).click()
    await page.getByLabel('Domain name').fill('example.org')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('rowheader', { name: 'example.org', exact: true }).waitFor()

    await page.getByRole('link', { name: 'Mailboxes' }).first().click()
    await page.getByRole('button', { name: 'New mailbox' }).first().click()
    await page.getByLabel('Name', { exact: true }).fill('mara')
    await page.getByText('It will be reached by').waitFor()
    await page.getByLabel('Password', { exact: true }).fill('canary boats and ropes')
    await page.getByLabel('Allow POP3 access').uncheck()
    await page.getByRole('button', { name: 'Make mailbox' }).click()
    await heading(page, 'Mailbox Properties: mara')
    assert.match(await talk(served.listening['pop3']!, ['USER mara', 'PASS canary boats and ropes']), /-ERR/)

    await page.getByLabel('Allow POP3 access').check()
    await page.getByLabel('Quota in GB').fill('1,5')
    await page.getByRole('button', { name: 'Save 2 changes' }).click()
    await page.getByText('Mailbox mara is saved.').waitFor()
    await page.getByLabel('Add an address').fill('boss@example.org')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByText('You pointed it here').waitFor()
    assert.deepEqual(await console.axe(page), [])
    await console.shot(page, 'mailboxes')

    await page.getByRole('link', { name: 'Import…' }).waitFor()
    await page.getByRole('row', { name: /mara.* 0 / }).waitFor()
    const taken = await talk(served.listening['smtp']!, [
      'EHLO a.example',
      'MAIL FROM:<bob@example.com>',
      'RCPT TO:<boss@example.org>',
      ...message,
      'QUIT',
    ])
    assert.match(taken, /250 2\.0\.0/)
    await page.getByRole('row', { name: /mara.* 1 / }).waitFor()
    const read = await talk(served.listening['pop3']!, ['USER mara', 'PASS canary boats and ropes', 'STAT', 'QUIT'])
    assert.match(read, /\+OK 1 \d+/)
    assert.ok(!(await page.content()).includes('canary'), 'WEB-14 a password is not kept in the page')

    await page.getByLabel('Quota in GB').fill('2')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Stay here' }).click()
    await page.getByRole('button', { name: 'Undo' }).first().click()
    await page.keyboard.press('Escape')
    await page.waitForURL('**/mailboxes')
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'mara')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Delete mailbox…' }).click()
    await page.getByText(/Kept: 1 message \(/).waitFor()
    await page.getByText('boss@example.org').last().waitFor()
    await console.shot(page, 'mailbox-delete')
    await page.getByRole('button', { name: 'Delete mailbox', exact: true }).click()
    await page.getByText('Mailbox mara is deleted').waitFor()
    await page.getByLabel('Show', { exact: true }).selectOption('deleted')
    await page.getByRole('button', { name: 'Bring back mara' }).click()
    await page.getByText('Mailbox mara is back.').waitFor()
    assert.deepEqual(console.problems, [])
  },
)

test(
  'AC-02 AC-03 AC-17 the access list is edited in the page and honoured by the server',
  { skip: noBrowser },
  async () => {
    await using console = await openConsole()
    const page = await console.open('/mail-server')
    const forward = async (from: string): Promise<string> =>
      talk(console.served.listening['smtp']!, [
        'EHLO a.example',
        `MAIL FROM:<${from}>`,
        'RCPT TO:<far@elsewhere.example>',
        'QUIT',
      ])
    await heading(page, 'Forwarding')
    assert.match(await forward('ann@example.org'), /550 5\.7\.1/)
    await page.getByLabel('Enable forwarding of non-local mail').check()
    await page.getByRole('button', { name: 'Save 1 change' }).click()
    await page.getByText('Closed to strangers').waitFor()

    await page.getByLabel('Add a pattern').fill('127.0.0')
    await page.getByRole('button', { name: '127.0.0.*' }).click()
    await page.getByText('The 256 addresses 127.0.0.0 to 127.0.0.255').first().waitFor()
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByText('127.0.0.* is saved.').waitFor()
    assert.match(await forward('ann@example.org'), /250 2\.1\.5/)

    await page.getByLabel('Add a pattern').fill('127.0.0.1')
    await page.getByLabel('Then').last().selectOption('deny')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('row', { name: /127\.0\.0\.1 Refuse/ }).waitFor()
    assert.match(await forward('ann@example.org'), /250 2\.1\.5/, 'it stands below')
    await page.getByRole('button', { name: /Move 127\.0\.0\.1;/ }).focus()
    await page.keyboard.press('Alt+ArrowUp')
    await page.getByText('127.0.0.1 is row 1 now.').waitFor()
    assert.match(await forward('ann@example.org'), /550 5\.7\.1/)

    await page.getByLabel('Would this client be allowed?').fill('127.0.0.1')
    await page.getByLabel('sending as').fill('ann@example.org')
    await page.getByRole('button', { name: 'Answer' }).last().click()
    await page.getByText('Row 1 decides').waitFor()
    await page.getByRole('button', { name: 'Remove 127.0.0.1', exact: true }).click()
    await page.getByRole('row', { name: /127\.0\.0\.1 Refuse/ }).waitFor({ state: 'detached' })
    assert.match(await forward('ann@example.org'), /250 2\.1\.5/)

    await page.getByLabel('Add a pattern').fill('*')
    const add = page.getByRole('button', { name: 'Add', exact: true })
    await page.getByText(/Type \* again/).waitFor()
    assert.ok(await add.isDisabled())
    await page.getByLabel(/Type \* again/).fill('*')
    await add.click()
    await page.getByText('Strangers can send mail through this server').first().waitFor()
    assert.deepEqual(await console.axe(page), [])
    await console.shot(page, 'mail-server-open')
    assert.deepEqual(console.problems, [])
  },
)

test(
  'AD-01 MB-01 the page says who gets an address, and why, and which ones lead nowhere',
  { skip: noBrowser },
  async () => {
    await using console = await openConsole()
    const page = await console.open('/mail-server')
    await page.getByRole('button', { name: 'Add address' }).click()
    await page.getByLabel('Address', { exact: true }).fill('old-shop@example.net')
    await page.getByLabel('Goes to, one a line').fill('shop@timber.test')
    await page.getByRole('button', { name: 'Save address' }).click()
    await page.getByText('Sent on to the outside').waitFor()
    await page.getByLabel('Who gets this address').fill('old-shop+boats@example.net')
    await page.getByRole('button', { name: 'Answer' }).first().click()
    await page.getByText('shop@timber.test gets it.').waitFor()
    await page.getByText('Stops here.').waitFor()
    await page.getByRole('button', { name: 'Remove old-shop@example.net' }).click()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('row', { name: /old-shop@example\.net/ }).waitFor()
    assert.deepEqual(console.problems, [])
  },
)

test('WEB-12 the owner of a mailbox sees its properties and changes what is theirs', { skip: noBrowser }, async () => {
  await using console = await openConsole()
  const admin = await console.open('/mailboxes')
  await admin.getByRole('button', { name: 'New mailbox' }).first().click()
  await admin.getByLabel('Name', { exact: true }).fill('ann')
  await admin.getByLabel('Password', { exact: true }).fill('boats and ropes')
  await admin.getByRole('button', { name: 'Make mailbox' }).click()
  await heading(admin, 'Mailbox Properties: ann')
  const page = await console.open('/mailboxes/ann', { as: { name: 'ann', password: 'boats and ropes' } })
  await heading(page, 'Mailbox Properties: ann')
  assert.equal(await page.getByLabel('Quota in GB').count(), 0)
  assert.equal(await page.getByRole('button', { name: /Delete mailbox/ }).count(), 0)
  await page.getByLabel('Send a copy to another address').check()
  await page.getByLabel('Addresses, one a line').fill('ann@elsewhere.example')
  await page.getByRole('button', { name: 'Save 1 change' }).click()
  await page.getByText('Mailbox ann is saved.').waitFor()
  await page.getByRole('button', { name: 'Show App passwords' }).click()
  await page.getByLabel('Which program').fill('phone')
  await page.getByRole('button', { name: 'Make password' }).click()
  await page.getByText('It is not shown again.').waitFor()
  assert.deepEqual(await console.axe(page), [])
  assert.deepEqual(console.problems, [])
})
