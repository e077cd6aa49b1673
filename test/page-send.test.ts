// Send E-Mail in a real browser: a message is written, sent, taken back, sent again, and arrives here and elsewhere.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { noBrowser, openConsole, type Console } from './browser.ts'
import { Receiver } from './receiver.ts'
import { cliAsync } from './serve.ts'

const password = 'a password of the tests'

/** Mailboxes ann and bob at example.org; all else goes to `far`. */
async function world(far: Receiver): Promise<Console> {
  const console = await openConsole(['smtp', 'console'])
  const run = async (args: readonly string[], input = ''): Promise<void> => {
    const ran = await cliAsync(console.data, args, input)
    assert.equal(ran.status, 0, args.join(' ') + ran.stderr)
  }
  await run(['mailbox', 'add', 'ann', '--password-stdin'], `${password}\n`)
  await run(['mailbox', 'add', 'bob'])
  await run(['domain', 'add', 'example.org'])
  await run(['alternate', 'add', 'isp', `127.0.0.1:${far.port}`, '--tls', 'opportunistic'])
  for (const [name, value] of [
    ['mailRelay.alternate', 'isp'],
    ['mailRelay.mx', 'false'],
    ['mailRelay.allowPrivateTargets', 'true'],
    ['sendEMail.undoMs', '50000'],
  ] as const)
    await run(['settings', 'set', name, value])
  return console
}

async function until(what: string, is: () => boolean): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (is()) return
    await wait(100)
  }
  assert.fail(`not within 30 s: ${what}`)
}

async function write(page: Page, to: string): Promise<void> {
  await page.getByLabel('To', { exact: true }).fill(to)
  await page.getByLabel('To', { exact: true }).press('Enter')
  await page.getByLabel('Subject', { exact: true }).fill('Offer for the boat, second version')
  await page.getByLabel('Text', { exact: true }).fill('Dear Jens,\n\nhere is the offer again.\n\nKind regards\nAnn')
}
const draftKept = (page: Page): Promise<void> => page.getByText(/Draft kept at/).waitFor()
const fileOf = (name: string, bytes: number) => ({ name, mimeType: 'application/pdf', buffer: Buffer.alloc(bytes, 66) })

test(
  'SE-01, SE-02, SE-07 what an owner writes is kept, sent, taken back, sent again, and arrives without a trace of Bcc',
  { skip: noBrowser },
  async () => {
    await using far = await Receiver.open()
    await using console = await world(far)
    const page = await console.open('/send', { as: await console.signIn('ann', password) })
    await write(page, 'bob@example.org, jens@far.example')
    await page.getByRole('button', { name: 'Add Bcc' }).click()
    await page.keyboard.type('secret@far.example,')
    await page.locator('input[type=file]').setInputFiles([fileOf('offer.pdf', 300_000)])
    await page.getByRole('button', { name: 'Remove offer.pdf' }).waitFor()
    await draftKept(page)
    await page.getByText('so the Mail Relay is not needed').waitFor()
    await page.getByRole('heading', { name: /jens@far\.example, secret@far\.example: by isp/ }).waitFor()
    await page.reload()
    await page.getByRole('button', { name: 'Remove secret@far.example' }).waitFor()
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByText(/Queued\. Leaves in \d+ s/).waitFor()
    await console.shot(page, 'send-toast')
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('button', { name: 'Remove secret@far.example' }).waitFor()
    assert.equal(
      await page.getByLabel('Text', { exact: true }).inputValue(),
      'Dear Jens,\n\nhere is the offer again.\n\nKind regards\nAnn',
    )
    assert.equal((await cliAsync(console.data, ['settings', 'set', 'sendEMail.undoMs', '0'])).status, 0)
    await page.getByLabel('Text', { exact: true }).press('Control+Enter')
    await page.getByText('Queued, and on its way').waitFor()
    await until('the delivery elsewhere', () => far.ledger.length === 1)
    const [taken] = far.ledger
    assert.deepEqual(taken!.rcpts.length, 2)
    assert.match(taken!.octets, /^From: ann@example\.org\r\nTo: bob@example\.org, jens@far\.example\r\n/m)
    assert.match(taken!.octets, /filename="?offer\.pdf/)
    assert.doesNotMatch(taken!.octets, /secret|bcc/i)
    const list = (await cliAsync(console.data, ['mailbox', 'list'])).stdout
    assert.match(list, /^bob .* 1 /m)
    await page.getByRole('button', { name: 'Sent' }).click()
    await page.getByRole('dialog').getByText('Offer for the boat').waitFor()
    assert.deepEqual(await console.axe(page), [])
    assert.deepEqual(console.problems, [])
  },
)

test(
  'SE-05, SE-07 a wrong address says so and can be mended; what is sent later waits and can be taken back',
  { skip: noBrowser },
  async () => {
    await using far = await Receiver.open()
    await using console = await world(far)
    const page = await console.open('/send')
    await write(page, 'nobody@example.org; jens@far.example')
    await page.getByRole('form').getByText('There is no mailbox nobody@example.org here').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled(), true)
    await page.getByText('Correct one address').waitFor()
    await console.shot(page, 'send-wrong')
    assert.deepEqual(await console.axe(page), [])
    await page.getByRole('button', { name: 'Remove nobody@example.org' }).click()
    await page.getByRole('button', { name: 'Send later…' }).click()
    await page.getByRole('button', { name: 'Monday at 8:00' }).click()
    await console.shot(page, 'send-later')
    assert.deepEqual(await console.axe(page), [])
    await page.getByRole('button', { name: 'Send then' }).click()
    await page.getByText(/Queued\. Leaves Mon/).waitFor()
    await page.getByRole('button', { name: 'Waiting to leave, 1' }).click()
    await console.shot(page, 'send-waiting')
    await page.getByRole('button', { name: 'Take back' }).click()
    await page.getByRole('button', { name: 'Remove jens@far.example' }).waitFor()
    assert.equal(far.ledger.length, 0)
    await page.getByRole('button', { name: 'Drafts, 1' }).click()
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Delete/ })
      .click()
    await page.getByText('No drafts').waitFor()
    assert.deepEqual(console.problems, [])
  },
)

test(
  'an answer names and quotes what it answers; what is sent on takes its attachments along',
  { skip: noBrowser },
  async () => {
    await using far = await Receiver.open()
    await using console = await world(far)
    await cliAsync(console.data, ['settings', 'set', 'sendEMail.undoMs', '0'])
    const words =
      'send --from bob@example.org --to ann@example.org --cc cy@far.example --subject Boat --attach LICENSE --text'
    const sent = await cliAsync(console.data, [...words.split(' '), 'Which wood?'])
    assert.equal(sent.status, 0, sent.stderr)
    const as = await console.signIn('ann', password)
    const page = await console.open('/send?all=ann/1', { as })
    await page.getByRole('button', { name: 'Remove bob@example.org' }).waitFor()
    await page.getByRole('button', { name: 'Remove cy@far.example' }).waitFor()
    assert.equal(await page.getByLabel('Subject', { exact: true }).inputValue(), 'Re: Boat')
    assert.match(
      await page.getByLabel('Text', { exact: true }).inputValue(),
      /^\n\nbob@example\.org wrote on .*:\n> Which wood\?\n/,
    )
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByText('Queued').waitFor()
    await until('the answer', () => far.ledger.some(({ octets }) => /^In-Reply-To: <.*@/m.test(octets)))
    const forward = await console.open('/send?forward=ann/1', { as })
    await forward.getByRole('button', { name: 'Remove LICENSE' }).waitFor()
    assert.equal(await forward.getByLabel('Subject', { exact: true }).inputValue(), 'Fwd: Boat')
    assert.deepEqual(console.problems, [])
  },
)

test('WEB-13 Send E-Mail looks right light, dark, in German and on a phone', { skip: noBrowser }, async () => {
  await using far = await Receiver.open()
  await using console = await world(far)
  for (const [name, look] of [
    ['send', {}],
    ['send-dark', { dark: true }],
    ['send-phone', { size: 'phone' }],
    ['send-german', { language: 'de' }],
  ] as const) {
    const page = await console.open('/send?to=bob@example.org,jens@far.example,anna@exmaple.org&subject=Offer', look)
    await page.getByRole('textbox').nth(0).fill('Ann Lindqvist')
    await page.locator('textarea').fill('Dear Jens,\n\nhere is the offer again, see attachment.\n\nKind regards\nAnn')
    await page.locator('input[type=file]').setInputFiles([fileOf('offer-thomsen-v2.pdf', 1_200_000)])
    await page.getByText(/Draft kept|Entwurf um/).waitFor()
    await page.getByText('offer-thomsen-v2.pdf').waitFor()
    await wait(1500)
    await console.shot(page, name)
    assert.deepEqual(await console.axe(page), [])
    const [inner, outer] = (await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')) as [
      number,
      number,
    ]
    assert.ok(inner <= outer, `${name}: ${inner} is wider than ${outer}`)
  }
  assert.deepEqual(console.problems, [])
})
