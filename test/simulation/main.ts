// `npm run simulate -- --seed 7` tells the story of one seed; `--seeds 501-9000` runs many, without it those of the gate, and
// ends at the first that fails. With `--collect` it is the collector's world, else the relay's.
import { parseArgs } from 'node:util'
import { Simulation as Collecting } from './collect/simulation.ts'
import { range, seedsTo } from './seeds.ts'
import { Simulation as Relaying } from './simulation.ts'

const { values } = parseArgs({
  options: { seed: { type: 'string' }, seeds: { type: 'string' }, collect: { type: 'boolean', default: false } },
})
const Simulation = values.collect ? Collecting : Relaying
const [from, to] = values.seeds?.split('-').map(Number) ?? []
const many = from === undefined ? ofTheGate() : range(from, to ?? from)

for (const seed of values.seed === undefined ? many : [Number(values.seed)]) {
  const { verdict } = await new Simulation({ seed }).run()
  if (verdict.length === 0 && values.seed === undefined) continue
  const { lines, figures } = await new Simulation({ seed, verbose: true }).run()
  if (values.seed !== undefined) for (const line of lines) console.log(line)
  console.log(`seed ${seed}:`, verdict.length === 0 ? 'all is well' : verdict, figures)
  if (verdict.length === 0) continue
  process.exitCode = 1
  break
}

function ofTheGate(): Set<number> {
  return values.collect ? seedsTo(300, 'collect/seeds.txt') : seedsTo(500)
}
