// The conversation of the POP3 Client when the line breaks behind each octet that the server says, and when its octets come
// in pieces of every size.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fetched, open } from './pop3-client-rig.ts'
import { Pop3Remote, type RemoteMessage, type RemoteOptions } from './pop3-remote.ts'

const messages: readonly RemoteMessage[] = [
  { octets: 'A: 1\r\n\r\n.\r\n..\r\n.x\r\n', uid: 'one' },
  { octets: 'A: 2\r\n\r\n\r\n.\r\n', uid: 'two' },
]
const logins: readonly RemoteOptions[] = [
  { messages },
  { messages, sasl: ['SCRAM-SHA-256'], capabilities: ['UIDL'] }, // one command at a time
  { messages, capabilities: null },
]

type Story = { readonly ended: string; readonly whole: number; readonly octets: number }

/** A whole session: what is whole is right, and what was removed was told. */
async function session(options: RemoteOptions): Promise<Story> {
  await using far = await Pop3Remote.open(options)
  const result = await open(far)
  if (result.is === 'failed') {
    assert.match(result.trouble.is, /^(?:lost|refused)$/, result.trouble.words)
    assert.deepEqual(
      [far.removed, result.trouble.is === 'refused'],
      [[], result.trouble.words.endsWith('at the password')],
    )
    return { ended: 'closed', whole: 0, octets: far.octets }
  }
  const { box } = result
  const [list, head, ...got] = await Promise.all([box.list(), box.head(2), fetched(box, 1), fetched(box, 2)])
  if (list.is === 'listed') assert.deepEqual(list.listing.messages.map(({ uid }) => uid), ['one', 'two']) // prettier-ignore
  if (head.is === 'head') assert.equal(Buffer.from(head.octets).toString(), 'A: 2\r\n\r\n')
  const whole = got.filter(({ is }) => is === 'whole')
  for (const [i, one] of got.entries()) if (one.is === 'whole') assert.equal(one.text, messages[i]!.octets)
  const removed = await Promise.all(got.flatMap(({ is }, i) => (is === 'whole' ? [box.remove(i + 1)] : [])))
  const ended = await box.leave()
  const told = removed.filter(({ is }) => is === 'done').length
  if (ended === 'committed') assert.deepEqual([far.removed, told], [['one', 'two'], 2])
  assert.ok(far.removed.length <= whole.length)
  return { ended, whole: whole.length, octets: far.octets }
}

for (const [i, options] of logins.entries())
  test(`PC-14, PC-15, PC-17, P3C-05: a line that breaks behind any octet leaves no half message and no false goodbye (login ${i + 1})`, async () => {
    const unbroken = await session(options)
    assert.deepEqual([unbroken.ended, unbroken.whole], ['committed', 2])
    const ends = new Map<string, number>()
    for (let closeAt = 0; closeAt < unbroken.octets; closeAt++) {
      const { ended } = await session({ ...options, closeAt })
      assert.notEqual(ended, 'committed', `closed behind ${closeAt} octets`)
      ends.set(ended, (ends.get(ended) ?? 0) + 1)
    }
    assert.ok(ends.get('closed')! > 30 && ends.get('doubtful')! > 100)
  })

test('PC-18, P3C-07: dots are undone wherever the pieces are cut', async () => {
  for (let chunkBytes = 1; chunkBytes <= 40; chunkBytes++)
    for (const options of logins) {
      const { ended, whole } = await session({ ...options, chunkBytes })
      assert.deepEqual([ended, whole], ['committed', 2], `pieces of ${chunkBytes} octets`)
    }
})
