// `npm run fuzz -- [--seconds 60] [--seed 1] [target…]`: runs the targets in turn; a crash prints its input and ends it.
import { parseArgs } from 'node:util'
import { fuzz } from './loop.ts'
import { targets } from './targets.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: String(Date.now()) } },
})
for (const [name, { target, seeds }] of targets) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  const fuzzed = await fuzz(target, { seeds, ms: Number(values.seconds) * 1000, seed: Number(values.seed) })
  console.log(`${name}: ${fuzzed.runs} runs, ${fuzzed.corpus} inputs kept, seed ${values.seed}`)
  if (!fuzzed.crash) continue
  console.error(JSON.stringify(fuzzed.crash.input.toString('latin1')), fuzzed.crash.error)
  process.exitCode = 1
}
