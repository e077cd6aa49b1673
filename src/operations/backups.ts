// Backups as an operator makes, looks at and removes them. One long work at a time; what it came to is remembered. Called by the
// table, by the schedule, and by what restores. Paths of the server are nobody's over HTTP: a backup has a name. MB-08, WEB-10
import { z } from 'zod'
import { manifestSchema, type Backup } from '#/storage/backup/format.ts'
import { passphraseCharsMin } from '#/storage/backup/keys.ts'
import { createBackup, listBackups, removeBackup, roomFor, verifyBackupIn } from '#/storage/backup/work.ts'
import { minuteOfDay } from '#/world/node/clock.ts'
import { troubleOf } from './backup-problems.ts'
import { folderOf, placeOf } from './backup-place.ts'
import { nextBackupAt } from './backup-plan.ts'
import type { Done, Hand } from './backup-jobs.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'

const shown = manifestSchema.extend({ id: z.string(), bytes: z.number() })
const job = z.strictObject({
  what: z.enum(['create', 'verify', 'restore']),
  backup: z.string().nullable(),
  startedAt: z.number(),
  share: z.number(),
  words: z.string(),
})
const jobEnd = z.strictObject({
  what: z.enum(['create', 'verify', 'restore']),
  backup: z.string().nullable(),
  at: z.number(),
  tookMs: z.number(),
  problem: z.string().nullable(),
  words: z.string(),
})

export const idRequest = z.strictObject({ id: z.string() })
export const listRequest = z.strictObject({
  limit: z.int().min(1).max(1000).default(100),
  after: z.string().optional(),
})
export const listAnswer = z.strictObject({ rows: z.array(shown), next: z.string().nullable() })
/** `wait`: answers when it is done; otherwise at once, and `backup.state` tells how far it is. */
export const createRequest = z.strictObject({
  passphrase: z
    .string()
    .min(passphraseCharsMin, `A passphrase has at least ${passphraseCharsMin} characters`)
    .max(1000)
    .optional(),
  wait: z.boolean().default(true),
})
export const waitAnswer = z.strictObject({ started: z.literal(true) })
export const createAnswer = z.union([shown, waitAnswer])
export const verifyRequest = z.strictObject({ id: z.string(), wait: z.boolean().default(true) })
export const verifyAnswer = z.union([
  z.strictObject({ checked: z.number(), problems: z.array(z.string()).readonly() }),
  waitAnswer,
])
export const stateAnswer = z.strictObject({
  folder: z.string(),
  /** The last one that was made; null: there is none. */
  last: shown.nullable(),
  count: z.number(),
  job: job.nullable(),
  /** How the last work since the start of the server ended. */
  ended: jobEnd.nullable(),
  /** What an operator must know of; `said`: why the last one was not made. */
  trouble: z
    .discriminatedUnion('is', [
      z.strictObject({ is: z.literal('failed'), said: z.string() }),
      z.strictObject({ is: z.literal('old'), id: z.string(), days: z.number() }),
    ])
    .nullable(),
  /** When one is made by itself; null: never. */
  nextAt: z.number().nullable(),
  /** What the next one takes about, and what is free where it goes. */
  needsBytes: z.number(),
  freeBytes: z.number(),
  /** On the disk of the mail itself. */
  sameDisk: z.boolean(),
  restored: z.strictObject({ backupAt: z.number(), restoredAt: z.number(), held: z.number() }).nullable(),
})
export type ShownBackup = z.infer<typeof shown>
export type BackupState = z.infer<typeof stateAnswer>

const withBytes = (backup: Backup): ShownBackup => ({ ...backup, bytes: backup.databaseBytes + backup.filesBytes })

export function list(
  context: Context,
  { limit, after }: z.infer<typeof listRequest>,
): Promise<z.infer<typeof listAnswer>> {
  const all = listBackups(folderOf(context)).filter(({ id }) => after === undefined || id < after)
  const rows = all.slice(0, limit).map(withBytes)
  return Promise.resolve({ rows, next: all.length > limit ? rows.at(-1)!.id : null })
}

/** Makes one. The schedule calls it too. */
export const make = (context: Context, reason: Backup['reason'], passphrase: string | null): Promise<ShownBackup> =>
  context.backups.run(
    { what: 'create', backup: null },
    (hand) => written(context, { reason, passphrase }, hand),
    context.onShare,
  )

type Wanted = { readonly reason: Backup['reason']; readonly passphrase: string | null }

async function written(context: Context, { reason, passphrase }: Wanted, hand: Hand): Promise<Done<ShownBackup>> {
  const { store, world, hostname, settings, folder: data } = context
  const backup = withBytes(
    await createBackup({
      ...hand,
      store,
      data,
      folder: folderOf(context),
      at: world.clock.now(),
      random: world.random.bytes(8),
      hostname,
      reason,
      sealing: passphrase === null ? null : { passphrase, salt: world.random.bytes(16), nonce: world.random.bytes(12) },
      reserveBytes: settings.now().mailServer.reserveBytes,
    }),
  )
  world.log.info('backup.made', { id: backup.id, bytes: backup.bytes, messages: backup.messages })
  return { value: backup, backup: backup.id, words: `${backup.messages} messages, written and read again` }
}

export async function create(
  context: Context,
  { passphrase, wait }: z.infer<typeof createRequest>,
): Promise<z.infer<typeof createAnswer>> {
  return waitedFor(context, make(context, 'asked', passphrase ?? null), wait)
}

/** Who does not wait hears all the same when it fails at once. */
export async function waitedFor<T>(
  { world }: Context,
  work: Promise<T>,
  wait: boolean,
): Promise<T | { started: true }> {
  if (wait) return work
  work.catch((error: unknown) => world.log.warn('backup', { problem: String(error) })) // backup.state tells it
  return Promise.race([work, world.clock.sleep(atOnceMs).then(() => ({ started: true as const }))])
}
const atOnceMs = 200

export function verify(
  context: Context,
  { id, wait }: z.infer<typeof verifyRequest>,
): Promise<z.infer<typeof verifyAnswer>> {
  const path = placeOf(context, id)
  const work = context.backups.run({ what: 'verify', backup: id }, (hand) => read(path, id, hand), context.onShare)
  return waitedFor(context, work, wait)
}

async function read(path: string, id: string, hand: Hand) {
  const value = await verifyBackupIn(path, hand)
  const { checked, problems } = value
  const problem = problems.length === 0 ? null : `It is damaged: ${problems.slice(0, 3).join('; ')}`
  return { value, backup: id, words: `${checked} parts checked`, problem }
}

export function cancel({ backups }: Context): Promise<{ cancelled: boolean }> {
  return Promise.resolve({ cancelled: backups.cancel() })
}

/** For good. One that is being read stays. */
export async function remove(context: Context, { id }: z.infer<typeof idRequest>): Promise<{ removed: string }> {
  placeOf(context, id)
  if (context.backups.now()?.backup === id) throw new OperationError('It is being read: wait, or end that first')
  removeBackup(folderOf(context), id)
  return { removed: id }
}

export async function state(context: Context): Promise<BackupState> {
  const { backups, settings, world, restored, folder: data } = context
  const folder = folderOf(context)
  const all = listBackups(folder)
  const { contentBytes } = await context.store.facts()
  const { bytes, freeBytes, sameDisk } = roomFor(data, folder, contentBytes)
  const own = all.find(({ reason }) => reason === 'schedule')
  const facts = { last: own?.at ?? null, since: world.clock.now(), minuteOfDay }
  const now = restored.now()
  return {
    folder,
    last: all[0] ? withBytes(all[0]) : null,
    count: all.length,
    job: backups.now(),
    ended: backups.last(),
    trouble: troubleOf(context, all),
    nextAt: nextBackupAt(settings.now().backup, facts),
    needsBytes: bytes,
    freeBytes,
    sameDisk,
    restored: now,
  }
}
