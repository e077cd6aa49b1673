// The whole gate: format, lint, types, tests. Stops at nothing, so that one run tells all; the last line counts the tests.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'

const bin = 'node_modules/.bin'
const sources = [
  'src/**/*.ts',
  'test/**/*.ts',
  'scripts/**/*.{ts,mjs}',
  'bin/*.ts',
  'bench/*.{ts,mjs}',
  'web/src/**/*.{ts,svelte}',
  'web/*.{ts,js}',
]
const steps: [string, string[]][] = [
  ['format', [`${bin}/prettier`, '--check', '--log-level=warn', ...sources]],
  ['lint', [`${bin}/oxlint`, '--type-aware', '--quiet', 'src', 'test', 'scripts', 'bin', 'web']],
  ['types', [`${bin}/tsc`, '-p', '.']],
  ['page', ['web/node_modules/.bin/svelte-check', '--workspace', 'web', '--fail-on-warnings']],
]

const failedSteps = steps.filter(([name, [command, ...args]]) => {
  const startedAt = Date.now()
  const { status } = spawnSync(command!, args, { stdio: 'inherit' })
  console.log(`${name}: ${status === 0 ? 'fine' : 'FAILED'} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`)
  return status !== 0
})

spawnSync('sh', ['scripts/ensure-tools.sh'], { stdio: 'inherit' })
const files = globSync(['src/**/*.test.ts', 'test/**/*.test.ts', 'web/src/**/*.test.ts'])
const { stdout, status } = spawnSync(
  process.execPath,
  ['--test', '--test-concurrency=2', '--test-timeout=180000', '--test-reporter=spec', ...files],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 28,
    encoding: 'utf8',
    env: { NODE_COMPILE_CACHE: 'node_modules/.cache/compiled', ...process.env }, // hundreds of processes compile the same
  },
)
process.stdout.write(stdout)
const figure = (name: string): number => Number(new RegExp(`^ℹ ${name} (\\d+)$`, 'm').exec(stdout)?.[1] ?? 0)
const failed =
  figure('fail') + figure('cancelled') + failedSteps.length + (status !== 0 && figure('fail') === 0 ? 1 : 0)
for (const [name] of failedSteps) console.log(`the ${name} check failed: see above`)
console.log(`${figure('pass')} passed, ${failed} failed, ${figure('skipped')} skipped`)
process.exit(failed === 0 && figure('pass') > 0 ? 0 : 1)
