// UIDs that a server tells now and not then: what is here is known by its header section meanwhile, and does not come again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scripted } from './collect-rig.ts'
import { maildrop, type Script } from './pop3-remote.ts'

const letters = (count: number): string[] => maildrop(count).map(({ octets }) => octets)
const halfUidl = (count: number): Script => ({
  uidl: { octets: `+OK\r\n${Array.from({ length: count }, (_, i) => `${i + 1} uid-${i}\r\n`).join('')}.\r\n` },
})
const flaps: readonly [string, Script][] = [
  ['refused', { uidl: { say: '-ERR not now' } }],
  ['refused for the moment', { uidl: { say: '-ERR [SYS/TEMP] not now' } }],
  ['empty', halfUidl(0)],
  ['told for some', halfUidl(3)],
]
for (const count of [6, 30])
  for (const [what, script] of flaps)
    for (const leave of [true, false])
      test(`PC-07, PC-09, P3C-03 UIDL of ${count} messages is ${what} in one session: none comes twice, ${leave ? 'left' : 'deleted'}`, () =>
        scripted({ messages: maildrop(count), account: { leave: true } }, async (s) => {
          await s.run()
          s.remote.messages = maildrop(count + 1)
          s.remote.behave({ script })
          await s.change({ leave })
          const report = await s.run()
          assert.deepEqual([report.ok, report.fetched], [true, 1])
          s.remote.behave({ script: {} })
          await s.run(2)
          assert.equal(s.status.is, 'idle')
          assert.deepEqual(await s.sorted(), letters(count + 1).toSorted())
          assert.equal(s.remote.messages.length, leave ? count + 1 : 0)
        }))

test('PC-07, PC-09 a server that learns UIDL, or forgets it, is not collected anew, and its messages go when they should', () =>
  scripted(
    { messages: maildrop(30), account: { leave: true }, script: { uidl: { say: '-ERR what?' } } },
    async (script) => {
      await script.run()
      script.remote.behave({ script: {} })
      script.remote.messages = maildrop(31)
      const report = await script.run()
      assert.deepEqual([report.ok, report.fetched, script.status.identities], [true, 1, 'uidl'])
      await script.change({ leave: false })
      await script.run()
      assert.deepEqual([script.remote.messages, await script.mail()], [[], letters(31)])
    },
  ))
