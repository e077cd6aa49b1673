// Octets that somebody may keep or look at, by name.
import { backupDownloads } from '../backup-octets.ts'
import type { AnyDownload } from '../operation.ts'

export const downloads: ReadonlyMap<string, AnyDownload> = new Map<string, AnyDownload>(backupDownloads)
