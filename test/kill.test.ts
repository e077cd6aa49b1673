// SIGKILL under load, again and again. The rig and its long form: test/torture/torture.ts.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { sentence, torture } from './torture/torture.ts'

const kills = 60

test(
  `IN-01, QUE-01, PS-06: ${kills} kills under fifty senders and four readers: nothing lost, doubled, torn or back from the dead`,
  { timeout: 170_000 },
  async () => {
    const figures = await torture({ kills, clients: 50 })
    console.log(sentence(figures))
    const { lost, doubled, returned, torn, orphans, verify } = figures
    assert.deepEqual(
      { lost, doubled, returned, torn, orphans },
      { lost: [], doubled: [], returned: [], torn: [], orphans: [] },
    )
    assert.match(verify, /all is well/)
    assert.ok(figures.acknowledged > kills && figures.deleted > 0, sentence(figures))
  },
)
