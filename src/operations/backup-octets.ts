// Backups as one stream: out, to be kept elsewhere, and in again. Administrators only. WEB-10
import { z } from 'zod'
import { addBackup } from '#/storage/backup/arriving.ts'
import { tarOf } from '#/storage/backup/tar.ts'
import { inWords } from './backup-jobs.ts'
import { folderOf, placeOf } from './backup-place.ts'
import type { Context } from './context.ts'
import type { AnyDownload, AnyUpload, Opened } from './operation.ts'

const backupTar = {
  about: 'A backup as a tar archive',
  parameters: z.strictObject({ id: z.string() }),
  open: (context: Context, { id }: { id: string }): Promise<Opened> => {
    const { sizeBytes, chunks } = tarOf(placeOf(context, id), id)
    return Promise.resolve({ fileName: `netcruiser-${id}.tar`, type: 'application/x-tar', sizeBytes, chunks })
  },
} satisfies AnyDownload

const addedBackup = {
  about: 'Takes a backup from a tar archive among the backups here, when it is whole',
  parameters: z.strictObject({}),
  answer: z.strictObject({ id: z.string(), messages: z.number() }),
  take: async (context: Context, _none: object, chunks: AsyncIterable<Uint8Array>) => {
    const { id, messages } = await addBackup(chunks, {
      folder: folderOf(context),
      random: context.world.random.bytes(8),
    }).catch((error: unknown) => {
      throw inWords(error)
    })
    return { id, messages }
  },
} satisfies AnyUpload

export const backupDownloads: readonly [string, AnyDownload][] = [['backup', backupTar]]
export const backupUploads: readonly [string, AnyUpload][] = [['backup', addedBackup]]
