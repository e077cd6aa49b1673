// Backups that are made by themselves: looks once a minute whether one is due, makes it, removes those that are enough, and tells
// the postmaster once a day when it fails. Started by main. MB-08
import { z } from 'zod'
import { backup as backupSettings } from '#/config/backup-settings.ts'
import { listBackups, removeBackup } from '#/storage/backup/work.ts'
import { minuteOfDay } from '#/world/node/clock.ts'
import { nextBackupAt, outlived } from './backup-plan.ts'
import { folderOf } from './backup-place.ts'
import { make } from './backups.ts'
import type { Context } from './context.ts'
import { tellPostmaster } from './postmaster.ts'

const lookEveryMs = 60_000
const againMs = 3_600_000 // after one that failed

export function openBackupSchedule(context: Context): Disposable {
  const { world } = context
  const since = world.clock.now()
  let failedAt = Number.NEGATIVE_INFINITY
  return world.clock.every(lookEveryMs, () => {
    const now = world.clock.now()
    if (now - failedAt < againMs || !isDue(context, since)) return
    runScheduled(context).catch((error: unknown) => {
      failedAt = now
      world.log.error('backup.failed', { error })
    })
  })
}

function isDue(context: Context, since: number): boolean {
  const { backups, settings, world } = context
  if (settings.now().backup.everyHours === 0 || backups.now() !== null) return false
  const last = listBackups(folderOf(context)).find(({ reason }) => reason === 'schedule')?.at ?? null
  const at = nextBackupAt(settings.now().backup, { last, since, minuteOfDay })
  return at !== null && at <= world.clock.now()
}

/** One backup, and what it makes superfluous. @throws what went wrong, when it was told */
export async function runScheduled(context: Context): Promise<void> {
  try {
    await make(context, 'schedule', null)
  } catch (error) {
    await tellPostmaster(context, {
      subject: `No backup was made on ${context.hostname}`,
      text: `${(error as Error).message}\n\nIt is tried again every hour. Mail itself is not touched by this.\nnetcruiser backup list tells which backups there are.\n`,
      by: 'backup',
    })
    throw error
  }
  const folder = folderOf(context)
  for (const id of outlived(listBackups(folder), context.settings.now().backup)) removeBackup(folder, id)
}

export const scheduleRequest = z.strictObject({
  everyHours: backupSettings.shape.everyHours.unwrap().optional(),
  at: backupSettings.shape.at.unwrap().optional(),
  keep: backupSettings.shape.keep.unwrap().optional(),
  keepWeeks: backupSettings.shape.keepWeeks.unwrap().optional(),
})
export const scheduleAnswer = z.strictObject({
  everyHours: z.number(),
  at: z.string(),
  keep: z.number(),
  keepWeeks: z.number(),
})

/** What is left out stays as it is. */
export async function schedule(
  { settings, world, actor }: Context,
  request: z.infer<typeof scheduleRequest>,
): Promise<z.infer<typeof scheduleAnswer>> {
  const given = Object.entries(request).filter(([, value]) => value !== undefined)
  const changes = new Map<string, unknown>(given.map(([name, value]) => [`backup.${name}`, value]))
  if (changes.size > 0) await settings.change(changes, { who: actor?.name ?? 'command line', at: world.clock.now() })
  const { everyHours, at, keep, keepWeeks } = settings.now().backup
  return { everyHours, at, keep, keepWeeks }
}
