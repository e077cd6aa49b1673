// SIGKILL while mail goes out, again and again. The rig and its long form: test/torture/relay.ts.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { relaySentence, tortureRelay } from './torture/relay.ts'

const kills = 10

test(
  `QU-01, QU-02, RO-17: ${kills} kills while mail goes out: nothing lost, and what arrives twice is named in the trace`,
  { timeout: 170_000 },
  async () => {
    const figures = await tortureRelay({ kills, clients: 10 })
    console.log(relaySentence(figures))
    const { lost, unmarked, repeated, interrupted, verify } = figures
    assert.deepEqual({ lost, unmarked }, { lost: [], unmarked: [] })
    assert.ok(repeated <= interrupted)
    assert.match(verify, /all is well/)
    assert.ok(figures.acknowledged > kills && interrupted > 0, relaySentence(figures))
  },
)
