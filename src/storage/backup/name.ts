// How a backup is named.
import { isoTime } from '#/world/node/clock.ts'

/** A backup is named by the second in which it was begun. Nothing else is looked at in the folder of backups. WEB-10 */
export const backupId = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(?:-\d{1,3})?$/

/** The name of a backup that is begun now. */
export const idOf = (at: number): string => isoTime(at).replaceAll(':', '-')
