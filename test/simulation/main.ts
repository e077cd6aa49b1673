// `npm run simulate -- --seed 7` tells the story of one seed; `--seeds 1-500` runs many and ends at the first that fails.
import { parseArgs } from 'node:util'
import { Simulation } from './simulation.ts'

const { values } = parseArgs({ options: { seed: { type: 'string' }, seeds: { type: 'string', default: '1-500' } } })
const [from = 1, to = from] = (values.seed ?? values.seeds).split('-').map(Number)

for (let seed = from; seed <= to; seed++) {
  const { verdict } = await new Simulation({ seed }).run()
  if (verdict.length === 0 && values.seed === undefined) continue
  const { lines, figures } = await new Simulation({ seed, verbose: true }).run()
  if (values.seed !== undefined) for (const line of lines) console.log(line)
  console.log(`seed ${seed}:`, verdict.length === 0 ? 'all is well' : verdict, figures)
  if (verdict.length === 0) continue
  process.exitCode = 1
  break
}
