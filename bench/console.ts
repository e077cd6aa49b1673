// What the console costs and how quick it is: the first view in octets and in time, the first page of long lists, and what an open page takes from
// the mail path. `node bench/console.ts`; prints rows, changes nothing. Talks to loopback only.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliCompressSync } from 'node:zlib'
import { chromium } from 'playwright-core'
import { administer } from '../test/console-rig.ts'
import { start } from '../test/serve.ts'

const row = (what: string, value: string): void => console.log(`| ${what} | ${value} |`)

/** What the browser asks for until the Overview stands. */
async function firstView(address: string, cookie: string): Promise<void> {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  })
  const times: number[] = []
  let bytes = 0
  for (let turn = 0; turn < 5; turn++) {
    const context = await browser.newContext()
    const [name = '', value = ''] = cookie.split('=')
    await context.addCookies([{ name, value, url: address }])
    const page = await context.newPage()
    const files: string[] = []
    page.on(
      'response',
      (response) => void (response.url().includes('/api/') || files.push(new URL(response.url()).pathname)),
    )
    const begun = performance.now()
    await page.goto(address)
    await page.locator('main h1').waitFor()
    times.push(performance.now() - begun)
    bytes = files.reduce(
      (sum, path) => sum + brotliCompressSync(readFileSync(`web/dist${path === '/' ? '/index.html' : path}`)).length,
      0,
    )
    await context.close()
  }
  await browser.close()
  row('first view, compressed', `${(bytes / 1000).toFixed(1)} kB`)
  row(
    'all of the page, compressed',
    `${(globSync('web/dist/assets/*').reduce((sum, file) => sum + brotliCompressSync(readFileSync(file)).length, 0) / 1000).toFixed(1)} kB`,
  )
  row('the Overview stands after (median of 5, nothing cached)', `${times.sort((a, b) => a - b)[2]!.toFixed(0)} ms`)
}

/** Messages a second that the server takes while `listeners` pages are open. */
async function accepted(smtp: string, messages: number): Promise<number> {
  const port = smtp.slice(smtp.lastIndexOf(':') + 1)
  const begun = performance.now()
  const source = spawn('/usr/sbin/smtp-source', [
    '-s',
    '10',
    '-l',
    '4096',
    '-m',
    String(messages),
    '-f',
    'a@far.example',
    '-t',
    'ann@example.org',
    `127.0.0.1:${port}`,
  ])
  const [code] = (await once(source, 'exit')) as [number]
  if (code !== 0) throw new Error(`smtp-source ended with ${code}`)
  return messages / ((performance.now() - begun) / 1000)
}

async function costOfAPage(address: string, cookie: string, smtp: string): Promise<void> {
  const rates = { shut: [] as number[], open: [] as number[] }
  await accepted(smtp, 2000) // warm
  for (let turn = 0; turn < 5; turn++) {
    rates.shut.push(await accepted(smtp, 4000))
    const abort = new AbortController()
    const events = await fetch(`${address}/api/v1/events`, {
      headers: { cookie, 'sec-fetch-site': 'same-origin' },
      signal: abort.signal,
    })
    const reading = events.body!.pipeTo(new WritableStream()).catch(() => undefined)
    const asking = setInterval(() => {
      for (const name of ['status/show', 'activity/recent', 'problems/list'])
        void fetch(`${address}/api/v1/${name}`, {
          method: 'POST',
          headers: { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
          body: '{}',
        })
          .then((r) => r.text())
          .catch(() => undefined)
    }, 1000) // as the Overview does while something changes
    rates.open.push(await accepted(smtp, 4000))
    clearInterval(asking)
    abort.abort()
    await reading
  }
  const median = (of: number[]): number => of.sort((a, b) => a - b)[2]!
  row('4 KiB accepted a second, no page open', median(rates.shut).toFixed(0))
  row(
    'the same with the Overview open',
    `${median(rates.open).toFixed(0)} (${((1 - median(rates.open) / median(rates.shut)) * 100).toFixed(1)} % less)`,
  )
}

/** The index of the trace is made while nobody waits. */
const settleMs = 60_000

const asked = [
  ['message.list', { mailbox: 'ann' }],
  ['message.search', { mailbox: 'ann', text: 'bench 99' }],
  ['trace.search', {}],
  ['trace.search', { text: 'person77' }],
  ['trace.search', { text: 'reader49@bench.test' }],
  ['trace.search', { text: 'boat 17' }],
  ['queue.page', {}],
  ['queue.groups', { by: 'destination' }],
  ['mailbox.list', {}],
  ['activity.recent', {}],
  ['problems.list', {}],
  ['status.show', {}],
] as const

/** With 100,000 messages in a mailbox, 100,000 deliveries waiting and 1,000,000 events in the trace. */
async function firstPages({ data, cookie }: Rig): Promise<void> {
  for (const what of [
    ['mail', 'ann', '100000', '2048'],
    ['queue', '100000', '500'],
    ['trace', '900000'],
  ])
    spawnSync(process.execPath, ['bench/fill.ts', data, ...what], { stdio: 'inherit' })
  const served = await start(data, ['smtp', 'console'])
  const headers = { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }
  const ask = async (name: string, parameters: object): Promise<string> => {
    const url = `http://${served.listening['console']}/api/v1/${name.replace('.', '/')}`
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(parameters) })
    if (!response.ok) throw new Error(`${name}: ${await response.text()}`)
    return response.text()
  }
  await sleep(settleMs)
  console.log(`\nWith ${await ask('facts', {})}; ${settleMs / 1000} s after the start.`)
  console.log('\n| first page | first time | median of 7 |\n|---|---|---|')
  for (const [name, parameters] of asked) {
    const times: number[] = []
    for (let turn = 0; turn < 8; turn++) {
      const at = performance.now()
      await ask(name, parameters)
      times.push(performance.now() - at)
    }
    const first = times.shift()!
    console.log(
      `| ${name} ${JSON.stringify(parameters)} | ${first.toFixed(0)} ms | ${times.sort((a, b) => a - b)[3]!.toFixed(0)} ms |`,
    )
  }
  await served.stop()
}

type Rig = Awaited<ReturnType<typeof administer>>
await using rig = await administer(['smtp', 'pop3', 'console'])
await rig.call('mailbox.add', { name: 'ann', password: 'secret of ann', pop3: true })
await rig.call('domain.add', { name: 'example.org', mode: 'by-name', target: 'ann' })
const changes = [
  { name: 'mailServer.connectionsPerClientMax', value: 1000 },
  { name: 'mailRelay.paused', value: true },
]
await rig.call('settings.change', { changes })
console.log('| what | measured |\n|---|---|')
await firstView(rig.address, rig.cookie)
await costOfAPage(rig.address, rig.cookie, rig.served.listening['smtp']!)
await rig.served.stop()
await firstPages(rig)
