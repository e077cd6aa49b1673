// When the next backup is due, and which of the old ones are enough: pure. Called by backup-schedule.ts and for the screen.
import type { BackupSettings } from '#/config/backup-settings.ts'
import type { Backup } from '#/storage/backup/format.ts'
import type { Instant } from '#/world/world.ts'

const hourMs = 3_600_000
const minuteMs = 60_000
const dayMinutes = 1440
const weekMs = 7 * 24 * hourMs

type Plan = Pick<BackupSettings, 'everyHours' | 'at'>
/** `last`: the newest one that was made by itself. `since`: when the server was started. */
type Facts = { readonly last: Instant | null; readonly since: Instant; readonly minuteOfDay: (at: Instant) => number }

/** Null: none is made by itself. One that is overdue is made soon after the start, at its time of day. */
export function nextBackupAt({ everyHours, at }: Plan, { last, since, minuteOfDay }: Facts): Instant | null {
  if (everyHours === 0) return null
  if (everyHours < 24) return Math.max(since, (last ?? since - everyHours * hourMs) + everyHours * hourMs)
  const earliest = Math.max(since, last === null ? since : last + (everyHours - 12) * hourMs) // the hour may drift a little
  const wanted = Number(at.slice(0, 2)) * 60 + Number(at.slice(3))
  const minutes = (wanted - minuteOfDay(earliest) + dayMinutes) % dayMinutes
  return Math.floor(earliest / minuteMs) * minuteMs + minutes * minuteMs
}

/** Those that may go: made by themselves, not among the newest, not the last one of a week that is still kept. */
export function outlived(
  backups: readonly Pick<Backup, 'id' | 'at' | 'reason'>[],
  { keep, keepWeeks }: Pick<BackupSettings, 'keep' | 'keepWeeks'>,
): string[] {
  const own = backups.filter(({ reason }) => reason === 'schedule').toSorted((a, b) => b.at - a.at)
  const older = own.slice(keep)
  const newest = own[0]?.at ?? 0
  const weeks = new Set<number>()
  return older
    .filter(({ at }) => {
      const week = Math.floor(at / weekMs)
      if (weeks.has(week) || newest - at > (keepWeeks + Math.ceil(keep / 7)) * weekMs || keepWeeks === 0) return true
      weeks.add(week)
      return false
    })
    .map(({ id }) => id)
}
