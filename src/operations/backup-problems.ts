// What is wrong with backups, and that all of it came out of one: for `doctor`, the list of problems and the screen.
import { listBackups } from '#/storage/backup/work.ts'
import type { Backup } from '#/storage/backup/format.ts'
import { folderOf } from './backup-place.ts'
import type { Context } from './context.ts'
import { goTo, notice, problem, type Found } from './problem-shapes.ts'

const hourMs = 3_600_000
const action = goTo('/settings/backup')

export type Trouble =
  { readonly is: 'failed'; readonly said: string } | { readonly is: 'old'; readonly id: string; readonly days: number }

/** The last one failed, or none came for too long. */
export function troubleOf({ backups, settings, world }: Context, all: readonly Backup[]): Trouble | null {
  const ended = backups.last()
  if (ended?.what === 'create' && ended.problem !== null) return { is: 'failed', said: ended.problem }
  const { everyHours } = settings.now().backup
  const newest = all[0]
  if (everyHours === 0 || !newest) return null
  const hours = Math.floor((world.clock.now() - newest.at) / hourMs)
  return hours > 2 * everyHours + 24 ? { is: 'old', id: newest.id, days: Math.floor(hours / 24) } : null
}

const troubleNow = (context: Context): Trouble | null => troubleOf(context, listBackups(folderOf(context)))

export function backupProblems(context: Context): Found[] {
  const trouble = troubleNow(context)
  if (trouble === null) return []
  const shared = { id: 'backup', learn: 'faq#backup-failed', action }
  if (trouble.is === 'failed') return [problem({ ...shared, code: 'backup-failed', values: { said: trouble.said } })]
  return [problem({ ...shared, code: 'backup-old', values: { days: trouble.days }, facts: trouble.id })]
}

/** Sentences for `doctor`. */
export function adviceOnBackups(context: Context): string[] {
  const trouble = troubleNow(context)
  if (trouble === null) return []
  const words = trouble.is === 'failed' ? `The last backup was not made: ${trouble.said}` : oldWords(trouble.days)
  return [`${words}. See netcruiser backup state.`]
}

const oldWords = (days: number): string => `The newest backup is ${days} days old`

/** It is not wrong, but somebody must end it. */
export function restoredProblem({ restored }: Context): Found[] {
  const now = restored.now()
  if (now === null) return []
  const values = { backupAt: now.backupAt, held: now.held }
  return [
    notice({ id: 'restored', code: 'restored', values, learn: 'faq#restored-from-backup', action, dismissable: false }),
  ]
}
