// Octets that somebody may bring, by name.
import { backupUploads } from '../backup-octets.ts'
import type { AnyUpload } from '../operation.ts'

export const uploads: ReadonlyMap<string, AnyUpload> = new Map<string, AnyUpload>(backupUploads)
