// SIGKILL while mail is collected, again and again. The rig and its long form: test/torture/collect.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectSentence, faultsOf, tortureCollect, type Wanted } from './torture/collect.ts'

const cases: readonly (Wanted & { readonly title: string })[] = [
  { title: 'PC-13, PC-14, PC-15, P3C-06: 36 kills at every step of a session', kills: 36 },
  { title: 'PC-13, P3C-05: 8 kills when removals have just counted', kills: 8, places: ['quit committed'] },
  { title: 'PC-13, P3C-06: 8 kills when DELE comes for what was just stored', kills: 8, places: ['dele'] },
]

for (const { title, ...wanted } of cases)
  test(`${title}: nothing lost, doubled or torn`, { timeout: 170_000 }, async () => {
    const figures = await tortureCollect(wanted)
    const told = collectSentence(figures)
    console.log(told)
    const none = { lost: [], doubled: [], torn: [], left: [], misjudged: [], orphans: [] }
    assert.deepEqual(faultsOf(figures), none)
    assert.match(figures.verify, /all is well/)
    for (const place of wanted.places ?? ['body', 'terminator', 'dele', 'quit', 'quit committed'])
      assert.ok(figures.at.has(place), `a kill fell there: ${place}; ${told}`)
    assert.ok(figures.removed > wanted.kills && figures.here === figures.came, told)
  })
