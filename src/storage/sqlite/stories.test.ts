// What is noted of the trace while mail comes in, and from where the walk finds what was not noted.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Unit, Value } from '../work.ts'
import { notedMax, SqliteStories } from './stories.ts'

/** Nobody writes, so that each look indexes all that there is. `asked`: from where the trace was walked over. */
function openStories() {
  const [asked, written]: [Value[], string[]] = [[], []]
  let units = 0
  const looks: (() => void)[] = []
  const every = (_ms: number, look: () => void): Disposable => {
    looks.push(look)
    return { [Symbol.dispose]: () => undefined }
  }
  const stories = new SqliteStories({
    run: (unit: Unit) => {
      units++
      for (const { run, with: values } of unit) if (run === 'putStory') written.push(String(values[0]))
      return Promise.resolve()
    },
    written: () => units,
    scan: (run, ...values) => {
      if (run === 'unindexed') asked.push(values[0]!)
      return Promise.resolve([{ last: null, refs: '[]' }])
    },
    clock: { every } as never, // all that it uses of the clock
    whole: true,
  })
  const note = (ref: string): void => stories.note([{ run: 'addTrace', with: [ref] }])
  const quiet = async (): Promise<void> => {
    for (let i = 0; i < 6; i++) looks[0]!()
    for (let turn = 0; turn < 10_000 && asked.length === 0; turn++) await new Promise(setImmediate)
  }
  return { note, quiet, asked, written }
}
const refOf = (n: number): string => `ref-${String(n).padStart(8, '0')}`

test('what is too much to be noted is found by a walk that begins with the oldest of it', async () => {
  const { note, quiet, asked, written } = openStories()
  for (let n = 0; n < notedMax; n++) note(refOf(n * 10))
  for (const n of [777_777, 55_555, 888_888]) note(refOf(n))
  await quiet()
  assert.equal(written.length, notedMax)
  const [from] = asked as string[]
  assert.ok(from! < refOf(55_555) && from! > refOf(55_000), `the walk began at ${from}`)
})
