// Plays the tutorial in Chromium and writes it as a moving picture for the README: docs/tutorial.webp. By hand:
// node_modules/.bin/node scripts/record-tutorial.ts
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CDPSession, Page } from 'playwright-core'
import { openConsole } from '../test/browser.ts'
import { animatedWebp, type Still } from './animated-webp.ts'

const file = 'docs/tutorial.webp'
const lookMs = 300
/** The page plays at its quickest; the picture is seen more slowly. */
const shownMs = 750
const scale = 0.75
const quality = 55

await using served = await openConsole(['console'])
const page = await served.open('/tutorial', { moving: true })
await page.setViewportSize({ width: 1240, height: 900 })
await page.getByRole('button', { name: 'From the beginning' }).click()
await page.getByLabel('Speed').selectOption('4 ×')
const session = await page.context().newCDPSession(page)
await page.getByRole('button', { name: 'Play', exact: true }).last().click()
const stills: Still[] = []
const box = await boxOf(page)
while (!(await page.locator('.stage').getByRole('link', { name: 'Set up my own' }).isVisible())) {
  add(await picture(session, box))
  await sleep(lookMs)
}
add(await picture(session, box), 6000)
const octets = animatedWebp(stills, { width: Math.floor(box.width * scale), height: Math.floor(box.height * scale) })
writeFileSync(file, octets)
console.log(`${file}: ${stills.length} pictures, ${Math.round(octets.length / 1000)} kB`)

/** What looks as before stands longer. */
function add(webp: Buffer, ms = shownMs): void {
  const last = stills.at(-1)
  if (last?.webp.equals(webp)) stills[stills.length - 1] = { webp, ms: Math.min(last.ms + ms, 3 * shownMs) }
  else stills.push({ webp, ms })
}

async function boxOf(of: Page): Promise<{ x: number; y: number; width: number; height: number }> {
  const { x, y, width, height } = (await of.locator('.scene').boundingBox())!
  return { x: Math.round(x), y: Math.round(y), width: width - (width % 8), height: height - (height % 8) }
}

async function picture(of: CDPSession, box: Awaited<ReturnType<typeof boxOf>>): Promise<Buffer> {
  const clip = { ...box, scale }
  const { data } = await of.send('Page.captureScreenshot', { format: 'webp', quality, clip })
  return Buffer.from(data, 'base64')
}
