// Builds the page of the console into web/dist when what it is made of has changed. Called by ensure.sh and build.ts.
import { createHash } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'

const made = globSync(['web/src/**/*.*', 'web/public/**/*.*', 'web/*.*', 'docs/*.md', 'package-lock.json']).sort()
const hash = createHash('sha256')
for (const file of made) hash.update(file).update(readFileSync(file))
const now = hash.digest('hex')
const stamp = 'web/dist/.made-of'

function known(): string {
  try {
    return readFileSync(stamp, 'utf8')
  } catch {
    return ''
  }
}

if (known() !== now) {
  console.error('Building the page of the console ...')
  const { status } = spawnSync('node_modules/.bin/vite', ['build', 'web', '--logLevel', 'error'], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
  writeFileSync(stamp, now)
}
