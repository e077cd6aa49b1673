// A short run of every fuzzing target; longer ones by hand: npm run fuzz. Inputs that once crashed stand in the table.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzz } from './fuzz/loop.ts'
import { targets } from './fuzz/targets.ts'

const runMs = 1500

for (const [name, { target, seeds }] of targets)
  test(`EOD-15, CMD-20, RES-01: nothing that arrives breaks what holds for ${name}`, async () => {
    const seed = Date.now()
    const { runs, corpus, crash } = await fuzz(target, { seeds, ms: runMs, seed })
    if (crash)
      throw new Error(`seed ${seed}: ${JSON.stringify(crash.input.toString('latin1'))}`, { cause: crash.error })
    assert.ok(runs > seeds.length && corpus > seeds.length, `${runs} runs, ${corpus} inputs`)
  })

test('the loop can fail: it finds the octet that makes a wrong path a right one', async () => {
  const { parsePath } = await import('#/message/address.ts')
  const deep = (input: Buffer): void => {
    const parsed = parsePath(input.toString('latin1'))
    if (parsed.ok) throw new Error('found')
  }
  const { crash } = await fuzz(deep, { seeds: ['<a@b.example'], ms: 10_000, seed: 1 })
  assert.ok(crash)
})

const crashed: readonly [target: string, input: string][] = []
for (const [name, input] of crashed)
  test(`${name} bears ${JSON.stringify(input)}`, async () => {
    await targets.get(name)?.target(Buffer.from(input, 'latin1'))
  })
