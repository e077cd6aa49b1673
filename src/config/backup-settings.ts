// Settings of backups: where they are kept, when they are made by themselves, which of them stay.
import { z } from 'zod'
import { count } from './fields.ts'

export const backup = z.strictObject({
  folder: z
    .string()
    .max(1024)
    .regex(/^(?:\/[^\r\n\0]*)?$/, 'write a whole path, or leave it empty')
    .default('')
    .describe('Where backups are kept; empty: the folder backup in the data folder. Another disk is safer.'),
  everyHours: count(0, 0, 'How often a backup is made by itself; 24: once a day. 0: only when somebody asks.'),
  at: z
    .string()
    .regex(/^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/, 'write a time such as 03:00')
    .default('03:00')
    .describe('The time of day at which they are made when everyHours is 24 or more.'),
  keep: count(7, 1, 'How many of the newest backups that were made by themselves stay.'),
  keepWeeks: count(4, 0, 'For how many weeks before those one of each week stays.'),
})

export type BackupSettings = z.infer<typeof backup>
