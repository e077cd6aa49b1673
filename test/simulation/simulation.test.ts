// The relay in many small worlds, each made from a number: whatever hosts, names, clocks, disks and crashes do, every recipient
// of every message comes to exactly one end that somebody can see. `npm run simulate -- --seed N` tells the story of one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seedsTo } from './seeds.ts'
import { Simulation, type Figures } from './simulation.ts'

const seedsWanted = 500

test(
  `QU-01, QU-02, QU-06, QU-07, QU-08, QU-14, RO-17, DS-02, DS-12, DL-01, CLK-01, CLK-02, CLK-06, QUE-06: ${seedsWanted} seeds: nothing is lost, sent twice unmarked, told twice, given up early or forgotten`,
  { timeout: 170_000 },
  async () => {
    const sum = new Map<keyof Figures, number>()
    for (const seed of seedsTo(seedsWanted)) {
      const { verdict, figures } = await new Simulation({ seed }).run()
      assert.deepEqual(verdict, [], `npm run simulate -- --seed ${seed}`)
      for (const [name, count] of Object.entries(figures) as [keyof Figures, number][])
        // as it is declared
        sum.set(name, (sum.get(name) ?? 0) + count)
    }
    // Worlds in which nothing happens would prove nothing.
    for (const [name, count] of sum) assert.ok(count >= 10, `${name} happened ${count} times in all seeds`)
  },
)

test('the same seed tells the same story', async () => {
  const tell = async (): Promise<readonly string[]> => (await new Simulation({ seed: 7, verbose: true }).run()).lines
  const [first, second] = [await tell(), await tell()]
  assert.ok(first.length > 100)
  assert.deepEqual(first, second)
})
