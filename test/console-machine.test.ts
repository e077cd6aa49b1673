// The POP3 Server, the certificate and the log in a real browser on a real server.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { selfSigned } from '#/world/node/certificate.ts'
import { noBrowser, openConsole } from './browser.ts'
import { cliAsync, world } from './serve.ts'
import { talk } from './small-talk.ts'

test(
  'PS-19 who is logged in is seen, and a session can be ended after it was said what that does',
  { skip: noBrowser },
  async () => {
    await using console = await openConsole(['pop3', 'console'])
    await cliAsync(console.data, ['settings', 'import', '-'], world)
    const page = await console.open('/pop3-server')
    await page.getByText('Nobody is connected').waitFor()
    await talk(console.served.listening['pop3']!, ['', 'USER ann\r\n', 'PASS wrong\r\n'])
    await talk(console.served.listening['pop3']!, ['', 'USER ann\r\n', 'PASS secret\r\n'], async () => {
      await page.getByRole('row', { name: /^ann 127\.0\.0\.1 .* in clear 0/ }).waitFor()
      await page
        .getByRole('button', { name: 'End : ann' })
        .or(page.getByRole('button', { name: 'End: ann' }))
        .click()
      await page.getByText('Nothing is deleted by that').waitFor()
      await page.getByRole('button', { name: 'End session' }).click()
      await page.getByText('The session was ended.').waitFor()
    })
    await page.getByText('Nobody is connected').waitFor()
    await page.getByRole('row', { name: /^ann 127\.0\.0\.1 Wrong password 1/ }).waitFor()
    await page.getByRole('row', { name: /^ann 127\.0\.0\.1 Signed in 1/ }).waitFor()
    assert.deepEqual([await console.axe(page), console.problems], [[], []])
  },
)

test(
  'WEB-14 a certificate is put in place from the page; a wrong key changes nothing and no key comes back',
  { skip: noBrowser },
  async () => {
    await using console = await openConsole(['pop3s', 'console'])
    const page = await console.open('/settings/certificates')
    const before = readFileSync(`${console.data}/tls/cert.pem`, 'utf8')
    const pem = await selfSigned(['mail.example.org'])
    await page.getByLabel('Certificate, then its chain (PEM)', { exact: true }).fill(pem.cert)
    await page.getByLabel('Private key (PEM)', { exact: true }).fill((await selfSigned(['x'])).key)
    await page.getByRole('button', { name: 'Check and take it' }).click()
    await page.getByText('The key is not the one of this certificate').waitFor()
    await page.getByLabel('Private key (PEM)', { exact: true }).fill(pem.key)
    await page.getByLabel('Take it though').check()
    assert.equal(readFileSync(`${console.data}/tls/cert.pem`, 'utf8'), before)
    await page.getByRole('button', { name: 'Check and take it' }).click()
    await page.getByText('The new certificate is in use.').waitFor()
    await page.locator('dd').filter({ hasText: 'mail.example.org' }).waitFor()
    assert.equal(readFileSync(`${console.data}/tls/cert.pem`, 'utf8'), pem.cert)
    assert.ok(!(await page.content()).includes('PRIVATE KEY'))
    const audit = await cliAsync(console.data, ['audit', '--json'])
    assert.ok(audit.stdout.includes('certificate.replace') && !audit.stdout.includes('PRIVATE KEY'))
    await page.getByRole('button', { name: 'Make one of our own' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Make one of our own' }).click()
    await page.locator('dd').filter({ hasText: 'mail.example.org' }).waitFor({ state: 'detached' })
    assert.deepEqual([await console.axe(page), console.problems.filter((one) => !one.includes('422'))], [[], []])
  },
)

test(
  'WEB-01 WEB-15 the log shows what strangers made it write as text, and is kept as text',
  { skip: noBrowser },
  async () => {
    await using console = await openConsole(['pop3', 'console'])
    await cliAsync(console.data, ['settings', 'import', '-'], world)
    const evil = '=cmd|<img src=x onerror=alert(1)>'
    await talk(console.served.listening['pop3']!, ['', `USER ${evil}\r\n`, 'PASS hunter2\r\n'])
    const page = await console.open('/settings/log')
    await page.getByRole('cell', { name: 'onerror=alert(1)' }).waitFor()
    await page.getByLabel('Find in the log').fill('no such line')
    await page.getByText('No line is like that').waitFor()
    await page.getByLabel('Find in the log').fill('login-failed')
    await page.getByRole('rowheader', { name: 'pop3.login-failed' }).waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download as text' }).click(),
    ])
    const kept = readFileSync(await download.path(), 'utf8')
    assert.match(kept, /pop3\.login-failed/)
    assert.ok(!kept.includes('hunter2'))
    for (const line of kept.trimEnd().split('\n')) assert.match(line, /^\d{4}-\d\d-\d\dT/)
    await page.getByLabel('Written down from now on').selectOption('error')
    await page.getByText('From now on: errors only.').waitFor()
    assert.equal(JSON.parse((await cliAsync(console.data, ['log', 'show', '--json'])).stdout).level, 'error')
    assert.deepEqual([await console.axe(page), console.problems], [[], []])
  },
)
