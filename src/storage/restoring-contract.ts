// What every store engine must do for backups, as a test that runs against each. Called by the engines' own test files only.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { acceptance, type Opened } from './contract.ts'

type Open = () => Promise<Opened>

export function restoringContract(name: string, open: Open): void {
  test(`${name}: MB-08 the sums of a mailbox tell which contents it holds`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1)
    const made = [await acceptance(store, [ann.id]), await acceptance(store, [ann.id], 'Subject: other\r\n\r\n')]
    for (const one of made) await store.accept(one)
    assert.deepEqual(
      await store.restoring.sums(ann.id),
      made.map(({ content }, i) => ({ uid: i + 1, sizeBytes: content.sizeBytes, crc32: content.crc32 })),
    )
    assert.deepEqual(await store.restoring.sums(99), [])
  })

  test(`${name}: MB-08 a message that comes back keeps the id that mail programs know`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1)
    const made = await acceptance(store, [ann.id])
    await store.accept({ ...made, local: [{ ...made.local[0]!, uidl: 'abc' }] })
    assert.deepEqual([...(await store.list(ann.id)).uidls], [[1, 'abc']])
  })

  test(`${name}: MB-08 a store that was not restored says so`, async () => {
    await using opened = await open()
    assert.equal(await opened.store.restoring.restored(), null)
    await opened.store.restoring.forgetRestored()
    assert.equal(await (await opened.again()).restoring.restored(), null)
  })
}
