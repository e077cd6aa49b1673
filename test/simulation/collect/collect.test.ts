// The collector in many small worlds, each made from a number: whatever remote servers, clocks, disks and crashes do, nothing is
// lost or doubled and nobody waits for another. `npm run simulate -- --collect --seed N` tells the story of one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seedsTo } from '../seeds.ts'
import { Simulation, type Figures } from './simulation.ts'

const seedsWanted = 300

test(
  `PC-04, PC-05, PC-06, PC-12..16, PC-22, PC-30, PC-39, P3C-01, P3C-05, P3C-06, P3C-14, P3C-15, CLK-01: ${seedsWanted} seeds, one of 500 accounts: nothing is lost, doubled or removed without a copy; no account delays another or is visited twice at once`,
  { timeout: 170_000 },
  async () => {
    const sum = new Map<keyof Figures, number>()
    for (const seed of seedsTo(seedsWanted, 'collect/seeds.txt')) {
      const { verdict, figures } = await new Simulation({ seed }).run()
      assert.deepEqual(verdict, [], `npm run simulate -- --collect --seed ${seed}`)
      for (const [name, count] of Object.entries(figures) as [keyof Figures, number][])
        // as it is declared
        sum.set(name, (sum.get(name) ?? 0) + count)
    }
    // Worlds in which nothing happens would prove nothing.
    for (const [name, count] of sum) assert.ok(count >= 100, `${name} happened ${count} times in all seeds`)
  },
)

test('the same seed tells the same story of the collector', async () => {
  const tell = async (): Promise<readonly string[]> => (await new Simulation({ seed: 7, verbose: true }).run()).lines
  const [first, second] = [await tell(), await tell()]
  assert.ok(first.length > 100)
  assert.deepEqual(first, second)
})
