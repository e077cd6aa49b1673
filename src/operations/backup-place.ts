// Where backups are: a folder that the settings name, and in it each by its own name. WEB-10
import { join } from 'node:path'
import { backupPath } from '#/storage/backup/work.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'

type Place = Pick<Context, 'settings' | 'folder'>

export const folderOf = ({ settings, folder }: Place): string => settings.now().backup.folder || join(folder, 'backup')

/** @throws OperationError when there is none of this name. */
export function placeOf(context: Place, id: string): string {
  const path = backupPath(folderOf(context), id)
  if (path === null) throw new OperationError(`There is no backup ${id}: netcruiser backup list names them`)
  return path
}
