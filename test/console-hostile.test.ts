// Mail that attacks whoever looks at it in the console: every text in every field that mail can fill, on every page that shows it.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import net from 'node:net'
import type { Page } from 'playwright-core'
import { noBrowser, openConsole, type Console } from './browser.ts'
import { hostileTexts } from './hostile-texts.ts'
import { cliAsync } from './serve.ts'

const encoded = (text: string): string => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`

/** The text in the subject, the names, the addresses' comments, an attachment's name, the Message-ID and the body. */
function message(text: string, i: number): string {
  const raw = text.replace(/[^\x20-\x7e]/g, '')
  return [
    `From: ${encoded(text)} <far${i}@far.example>`,
    `To: "${raw.replaceAll(/["\\]/g, '')}" <ann@example.org>`,
    `Subject: ${i % 2 === 0 ? encoded(text) : raw}`,
    `Message-ID: <${i}.${raw.replaceAll(/[^A-Za-z0-9<>=/'"();:]/g, '').slice(0, 60)}@far.example>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    `Content-Type: text/${i % 2 === 0 ? 'html' : 'plain'}; charset=utf-8`,
    '',
    text,
    '--b',
    `Content-Type: application/octet-stream; name="${encoded(text)}"`,
    `Content-Disposition: attachment; filename="${encoded(text)}"`,
    '',
    'x',
    '--b--',
    '',
  ].join('\r\n')
}

/** All in one connection, one after another; some envelopes are refused on purpose: their words come back in the trace. */
async function deliver(address: string, texts: readonly string[]): Promise<void> {
  const [host, port] = [address.slice(0, address.lastIndexOf(':')), Number(address.slice(address.lastIndexOf(':') + 1))]
  const socket = net.connect(port, host).setEncoding('latin1')
  let said = ''
  let heard: () => void = () => undefined
  socket.on('data', (chunk) => {
    said += String(chunk)
    heard()
  })
  const ask = async (line: string | null): Promise<string> => {
    if (line !== null) socket.write(Buffer.from(`${line}\r\n`))
    while (!/^[0-9]{3} .*\r\n$/m.test(said) || !said.endsWith('\r\n'))
      await new Promise<void>((resolve) => (heard = resolve))
    const reply = said
    said = ''
    return reply
  }
  await ask(null)
  await ask('EHLO [127.0.0.1]')
  for (const [i, text] of texts.entries()) {
    await ask(`MAIL FROM:<far${i}@far.example>`)
    if (i % 50 === 0)
      await ask(`RCPT TO:<"${text.replaceAll(/["\\\x00-\x1f\x7f-\uffff]/g, '').slice(0, 50)}"@example.org>`)
    await ask('RCPT TO:<ann@example.org>')
    await ask('DATA')
    const reply = await ask(`${message(text, i).replace(/^\./gm, '..')}\r\n.`)
    assert.match(reply, /^250 /, text)
  }
  socket.end('QUIT\r\n')
}

/** What would stand in the page if a text had become markup. */
const foreign =
  'img[src="x"], svg[onload], [onerror], [onfocus], [ontoggle], iframe[srcdoc], base, object, link[href*="evil"], ' +
  'a[href^="javascript:"], a[href^="data:"], meta[http-equiv]'

async function harmless(page: Page, where: string): Promise<void> {
  const found = await page.evaluate(`({
    pwned: globalThis.pwned ?? null,
    foreign: document.querySelectorAll(${JSON.stringify(foreign)}).length,
    scripts: [...document.querySelectorAll('script')].filter(({ src }) => !src.startsWith(location.origin)).length,
  })`)
  assert.deepEqual(found, { pwned: null, foreign: 0, scripts: 0 }, where)
}

async function scrollThrough(page: Page, where: string): Promise<void> {
  for (let turn = 0; turn < 12; turn++) {
    await harmless(page, where)
    await page.mouse.wheel(0, 2500)
    await page.waitForTimeout(40)
  }
}

/** A mailbox named like any other: its name is never free text. */
async function world(console: Console): Promise<void> {
  await cliAsync(console.data, ['mailbox', 'add', 'ann', '--pop3', '--password-stdin'], 'secret of ann\n')
  await cliAsync(console.data, ['domain', 'add', 'example.org', '--catch', 'ann'])
  await cliAsync(console.data, ['settings', 'set', 'mailServer.junkCommandsMax', '100000'])
}

test(
  `WEB-01 WEB-02 ${hostileTexts.length} hostile texts in every field of mail do nothing on any page that shows them`,
  { skip: noBrowser },
  async () => {
    assert.ok(hostileTexts.length >= 500)
    await using console = await openConsole()
    await world(console)
    await deliver(console.served.listening['smtp']!, hostileTexts)
    const page = await console.open('/mailboxes/ann/mail')
    await page.mouse.move(300, 500)
    await page.getByText('far519@far.example').or(page.locator('[aria-rowcount], li, tr')).first().waitFor()
    await scrollThrough(page, 'the list of a mailbox')
    await console.shot(page, 'hostile-list')
    for (const path of [
      '/',
      '/trace',
      '/trace?q=far.example',
      '/queue',
      '/mailboxes',
      '/mailboxes/ann',
      '/pop3-server',
      '/settings/log',
    ]) {
      await page.goto(console.address + path)
      await page.locator('main h1').waitFor()
      await page.waitForTimeout(300)
      await scrollThrough(page, path)
    }
    assert.deepEqual(console.problems, [])
  },
)

test(
  'WEB-01 a message of every kind of attack is opened, with its HTML, its headers and its source, and does nothing',
  { skip: noBrowser },
  async () => {
    await using console = await openConsole()
    await world(console)
    const some = hostileTexts.filter((_, i) => i % 20 < 2)
    await deliver(console.served.listening['smtp']!, some)
    const page = await console.open('/mailboxes/ann/mail')
    const rows = page.locator('main a[href*="/mail"], main [role="option"], main tbody tr, main .msgs li')
    await rows.first().waitFor()
    const open = async (): Promise<void> => {
      await page.keyboard.press('j')
      await page.keyboard.press('Enter')
      await page.waitForTimeout(60)
    }
    for (let i = 0; i < 30; i++) {
      await open()
      await harmless(page, `message ${i}`)
      if (i === 5) await console.shot(page, 'hostile-message')
    }
    for (const frame of page.frames()) assert.ok(!frame.url().includes('evil.example'), frame.url())
    assert.deepEqual(
      console.problems.filter((one) => !/Blocked script execution|sandboxed/.test(one)),
      [],
    )
  },
)
