// What the console costs and how quick it is: the first view in octets and in time, the first page of long lists, and what an open page takes from
// the mail path. `node bench/console.ts`; prints rows, changes nothing. Talks to loopback only.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'
import { globSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { administer } from '../test/console-rig.ts'

const row = (what: string, value: string): void => console.log(`| ${what} | ${value} |`)

/** What the browser asks for until the Overview stands. */
async function firstView(address: string, cookie: string): Promise<void> {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
  const times: number[] = []
  let bytes = 0
  for (let turn = 0; turn < 5; turn++) {
    const context = await browser.newContext()
    const [name = '', value = ''] = cookie.split('=')
    await context.addCookies([{ name, value, url: address }])
    const page = await context.newPage()
    const files: string[] = []
    page.on('response', (response) => void (response.url().includes('/api/') || files.push(new URL(response.url()).pathname)))
    const begun = performance.now()
    await page.goto(address)
    await page.locator('main h1').waitFor()
    times.push(performance.now() - begun)
    bytes = files.reduce((sum, path) => sum + brotliCompressSync(readFileSync(`web/dist${path === '/' ? '/index.html' : path}`)).length, 0)
    await context.close()
  }
  await browser.close()
  row('first view, compressed', `${(bytes / 1000).toFixed(1)} kB`)
  row('all of the page, compressed', `${(globSync('web/dist/assets/*').reduce((sum, file) => sum + brotliCompressSync(readFileSync(file)).length, 0) / 1000).toFixed(1)} kB`)
  row('the Overview stands after (median of 5, nothing cached)', `${times.sort((a, b) => a - b)[2]!.toFixed(0)} ms`)
}

/** Messages a second that the server takes while `listeners` pages are open. */
async function accepted(smtp: string, messages: number): Promise<number> {
  const port = smtp.slice(smtp.lastIndexOf(':') + 1)
  const begun = performance.now()
  const source = spawn('/usr/sbin/smtp-source', ['-s', '10', '-l', '4096', '-m', String(messages), '-f', 'a@far.example', '-t', 'ann@example.org', `127.0.0.1:${port}`])
  const [code] = (await once(source, 'exit')) as [number]
  if (code !== 0) throw new Error(`smtp-source ended with ${code}`)
  return messages / ((performance.now() - begun) / 1000)
}

async function costOfAPage(address: string, cookie: string, smtp: string): Promise<void> {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
  const rates = { shut: [] as number[], open: [] as number[] }
  await accepted(smtp, 2000) // warm
  for (let turn = 0; turn < 5; turn++) {
    rates.shut.push(await accepted(smtp, 4000))
    const abort = new AbortController()
    const events = await fetch(`${address}/api/v1/events`, { headers: { cookie, 'sec-fetch-site': 'same-origin' }, signal: abort.signal })
    const reading = events.body!.pipeTo(new WritableStream()).catch(() => undefined)
    const asking = setInterval(() => {
      for (const name of ['status/show', 'activity/recent', 'problems/list'])
        void fetch(`${address}/api/v1/${name}`, { method: 'POST', headers: { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }, body: '{}' }).then((r) => r.text()).catch(() => undefined)
    }, 1000) // as the Overview does while something changes
    rates.open.push(await accepted(smtp, 4000))
    clearInterval(asking)
    abort.abort()
    await reading
  }
  await browser.close()
  const median = (of: number[]): number => of.sort((a, b) => a - b)[2]!
  row('4 KiB accepted a second, no page open', median(rates.shut).toFixed(0))
  row('the same with the Overview open', `${median(rates.open).toFixed(0)} (${((1 - median(rates.open) / median(rates.shut)) * 100).toFixed(1)} % less)`)
}

async function firstPages(rig: Awaited<ReturnType<typeof administer>>): Promise<void> {
  for (const [name, parameters] of [
    ['message.list', { name: 'ann' }],
    ['message.search', { name: 'ann', text: 'hello' }],
    ['trace.search', { text: 'ann' }],
    ['trace.search', { text: 'ann@example.org' }],
    ['queue.page', {}],
    ['mailbox.list', {}],
    ['activity.recent', {}],
    ['status.show', {}],
  ] as const) {
    const times: number[] = []
    for (let turn = 0; turn < 7; turn++) {
      const begun = performance.now()
      await rig.call(name, parameters)
      times.push(performance.now() - begun)
    }
    row(`${name} ${JSON.stringify(parameters)}`, `${times.sort((a, b) => a - b)[3]!.toFixed(1)} ms`)
  }
}

await using rig = await administer(['smtp', 'pop3', 'console'])
await rig.call('mailbox.add', { name: 'ann', password: 'secret of ann', pop3: true })
await rig.call('domain.add', { name: 'example.org', mode: 'by-name', target: 'ann' })
await rig.call('settings.change', { changes: [{ name: 'mailServer.connectionsPerClientMax', value: 1000 }] })
console.log('| what | measured |\n|---|---|')
await firstView(rig.address, rig.cookie)
await costOfAPage(rig.address, rig.cookie, rig.served.listening['smtp']!)
console.log(`\nWith ${JSON.stringify(await rig.call('facts'))}:\n\n| first page | median of 7 |\n|---|---|`)
await firstPages(rig)
