// What a mailbox answers while its owner is away, as it is set: by an administrator, by the owner, by a file of a world.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { OperationError } from '#/operations/errors.ts'
import { auditWords } from '#/operations/audit-words.ts'
import type { Away } from '#/storage/away.ts'
import { operationsRig, type Operations } from './operations-rig.ts'
import { cli, dataFolder } from './serve.ts'

const shown = async (rig: Operations, name = 'ann'): Promise<Away | null> =>
  ((await rig.run('mailbox.show', { name })) as { away: Away | null }).away
const save = async (rig: Operations): Promise<string> =>
  ((await rig.run('settings.export', {})) as { text: string }).text // its shape

test('LP-05: an away notice is set piece by piece, switched off and on, and taken back', async () => {
  await using rig = await operationsRig()
  await rig.run('mailbox.add', { name: 'ann' })
  assert.equal(await shown(rig), null)
  const set = (away: object | null): Promise<unknown> => rig.run('mailbox.set', { name: 'ann', away })
  await set({ text: 'Bin weg.\r\n\r\nGrüße\r\n' })
  const first = { on: true, text: 'Bin weg.\n\nGrüße', subject: null, from: null, until: null }
  assert.deepEqual(await shown(rig), first)
  await set({ subject: 'Weg', from: 5, until: 9 })
  await set({ on: false })
  assert.deepEqual(await shown(rig), { ...first, on: false, subject: 'Weg', from: 5, until: 9 })
  await set({ on: true, from: null, subject: '' })
  assert.deepEqual(await shown(rig), { ...first, until: 9 })
  await rig.run('mailbox.set', { name: 'ann', quotaBytes: 5 })
  assert.deepEqual(await shown(rig), { ...first, until: 9 })
  await set(null)
  assert.equal(await shown(rig), null)
  await rig.run('mailbox.add', { name: 'bob', away: { text: 'x' } })
  assert.equal((await shown(rig, 'bob'))?.text, 'x')
})

test('LP-05, WEB-12: an owner sets their own and nobody else’s', async () => {
  await using rig = await operationsRig()
  for (const name of ['ann', 'bob']) await rig.run('mailbox.add', { name })
  await rig.as('ann')('mailbox.set', { name: 'ann', away: { text: 'x' } })
  assert.equal((await shown(rig))?.on, true)
  await assert.rejects(rig.as('ann')('mailbox.set', { name: 'bob', away: { text: 'x' } }))
  assert.equal(await shown(rig, 'bob'), null)
})

test('WEB-14: the audit keeps the length of the words, not the words', () => {
  assert.doesNotMatch(auditWords({ name: 'ann', away: { text: 'at the sea', subject: 'sea' } }), /sea/)
})

const bad: readonly [what: string, away: object, words: RegExp][] = [
  ['a line end in the subject', { text: 'x', subject: 'a\r\nBcc: x@far.example' }, /line end or control/],
  ['a bare LF in the subject', { text: 'x', subject: 'a\nb' }, /line end or control/],
  ['a NUL in the subject', { text: 'x', subject: 'a\0b' }, /line end or control/],
  ['C1 in the subject', { text: 'x', subject: 'a\u0085b' }, /line end or control/],
  ['a line separator in the subject', { text: 'x', subject: 'a\u2028b' }, /line end or control/],
  ['half a letter in the subject', { text: 'x', subject: 'a\ud83d' }, /line end or control/],
  ['a NUL in the text', { text: 'a\0b' }, /control character/],
  ['an escape in the text', { text: 'a\u001b[2Jb' }, /control character/],
  ['DEL in the text', { text: 'a\u007f' }, /control character/],
  ['half a letter in the text', { text: 'a\udc00' }, /control character/],
  ['too long a text', { text: 'x'.repeat(4001) }, /too long: 4000 /],
  ['too long a subject', { text: 'x', subject: 'x'.repeat(201) }, /too long: 200 /],
  ['no text', { on: true }, /needs a text/],
  ['blanks', { text: ' \n\t\n' }, /needs a text/],
  ['an end before the beginning', { text: 'x', from: 9, until: 9 }, /end before it begins/],
]
const toml = (value: unknown): string =>
  typeof value === 'number' ? new Date(value).toISOString() : JSON.stringify(value)

test('HDR-12, LP-05: what would make a field of its own, or is too long, is refused where it comes in', async (t) => {
  await using rig = await operationsRig()
  await rig.run('mailbox.add', { name: 'ann' })
  for (const [what, away, words] of bad)
    await t.test(what, async () => {
      const refused = (error: Error): boolean => error instanceof OperationError && words.test(error.message)
      await assert.rejects(rig.run('mailbox.set', { name: 'ann', away }), refused)
      await assert.rejects(rig.run('mailbox.add', { name: 'bob', away }), refused)
      const lines = Object.entries({ text: '', ...away }).map(([name, value]) => `${name} = ${toml(value)}`)
      const text = `[[mailbox]]\nname = "ann"\n[mailbox.away]\n${lines.join('\n')}\n`
      await assert.rejects(rig.run('settings.import', { text }), OperationError)
    })
  assert.deepEqual([await shown(rig), rig.context.directory.all().mailboxes.length], [null, 1])
})

test('LP-05: a file of a world carries it, and a second import changes nothing', async () => {
  await using rig = await operationsRig()
  const away = { on: false, text: 'Zeile "eins"\n\\zwei\n', subject: '=?x?', from: 86_400_000, until: 172_800_000 }
  await rig.run('mailbox.add', { name: 'ann', away })
  const before = await shown(rig)
  const text = await save(rig)
  await using other = await operationsRig()
  await other.run('settings.import', { text })
  assert.deepEqual(await shown(other), before)
  const again = (await other.run('settings.import', { text })) as { mailboxes: object }
  assert.deepEqual(again.mailboxes, { added: 0, changed: 0, unchanged: 1 })
})

test('PC-24, LP-05: imported mail and mail that is brought back are answered to nobody', async () => {
  await using rig = await operationsRig()
  await rig.run('domain.add', { name: 'example.org' })
  await rig.run('mailbox.add', { name: 'ann', away: { text: 'x' } })
  const folder = mkdtempSync(join(tmpdir(), 'netcruiser-away-'))
  try {
    writeFileSync(join(folder, 'a.eml'), 'From: b@far.example\nTo: ann@example.org\nSubject: old\n\nx\n')
    await rig.run('mailbox.import', { mailbox: 'ann', from: folder })
  } finally {
    rmSync(folder, { recursive: true })
  }
  const { rows } = (await rig.run('message.list', { mailbox: 'ann' })) as { rows: { uid: number }[] }
  assert.equal(rows.length, 1)
  await rig.run('message.delete', { mailbox: 'ann', uids: [rows[0]!.uid] })
  await rig.run('message.restore', { mailbox: 'ann', uids: [rows[0]!.uid] })
  const steps = new Set((await rig.store.trace({ limit: 100 })).map(({ step }) => step))
  assert.deepEqual([...steps].toSorted(), ['imported', 'message-deleted', 'message-restored'])
  assert.equal((await rig.store.queue.find({ limit: 9 })).length, 0)
})

test('LP-05: on the command line its text comes as it is written, from an argument or from standard input', () => {
  using folder = dataFolder()
  const run = (args: readonly string[], input = ''): string => {
    const { status, stdout, stderr } = cli(folder.path, args, input)
    return status === 0 ? stdout : stderr
  }
  run(['mailbox', 'add', 'ann', '--away', 'Away.', '--away-until', '2030-01-31'])
  assert.match(
    run(['mailbox', 'show', 'ann']),
    /^away: on\nawayFrom: -\nawayUntil: 2030-01-3.*\nawaySubject: -\nawayText: Away\.$/m,
  )
  assert.match(run(['mailbox', 'set', 'ann', '--no-away', '--away-until', 'none']), /^away: off\n.*\nawayUntil: -$/m)
  const more = ['--away-text-stdin', '--away-subject', 'Bis März']
  const set = run(['mailbox', 'set', 'ann', ...more], 'Zurück am 3. März.\r\n\r\nGrüße\r\n')
  assert.match(set, /^away: on\n(?:.*\n){2}awaySubject: Bis März\nawayText: Zurück am 3\. März\.\n\nGrüße$/m)
  assert.match(run(['mailbox', 'set', 'ann', '--away-subject', 'a\nb']), /holds a line end/)
  assert.match(run(['mailbox', 'set', 'ann', '--quota', '1G']), /^away: on$/m)
})
