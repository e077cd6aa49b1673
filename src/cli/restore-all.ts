// All of a backup into the folder of a stopped server. Called by restore.ts. MB-08
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { OperationError } from '#/operations/errors.ts'
import { withUnpacked } from '#/storage/backup/arriving.ts'
import { backupId, idOf } from '#/storage/backup/name.ts'
import { restoreAll, type RestoredAll } from '#/storage/backup/restore.ts'
import { clock } from '#/world/node/clock.ts'
import { asOwner, call } from './call.ts'
import { localTime, visible } from './print.ts'
import { readSecret, withProgress } from './terminal.ts'
import type { Options } from './verb.ts'

/** What became of it, in words. @throws OperationError or StoreError */
export async function restoreEverything(backup: string, o: Options): Promise<string> {
  const data = resolve(String(o['data']))
  const to = typeof o['into'] === 'string' ? resolve(o['into']) : data
  if (to !== data && existsSync(to) && readdirSync(to).length > 0)
    throw new OperationError(`${to} is not empty: name a new folder, or restore over a data folder with --data`)
  const passphrase = o['withKey'] ? await readSecret('Passphrase: ') : null
  const place = await placeOf(backup, data)
  asOwner(data)
  const value = await withUnpacked(place, (from) =>
    withProgress('Restoring', (onShare) => {
      const now = clock.now()
      const all = { from, to, now, aside: idOf(now), passphrase }
      return Promise.resolve(restoreAll(onShare ? { ...all, onShare } : all))
    }),
  )
  return o['json'] ? JSON.stringify(value) : sentences(value, to).map(visible).join('\n')
}

/** A name is one in the folder of backups that the settings of the data folder say; without these, in the usual one. */
async function placeOf(backup: string, data: string): Promise<string> {
  if (!backupId.test(backup)) return resolve(backup)
  const usual = join(data, 'backup', backup)
  if (existsSync(usual)) return usual
  const { folder } = (await call(data, { name: 'backup.state', parameters: {} })) as { folder: string } // its answer
  return join(folder, backup)
}

const keyWords: Record<RestoredAll['keys'], string> = {
  same: 'Its secrets open with the key that is here.',
  'from-backup': 'The keys came with it.',
  other:
    'Its secrets do not open: put the secret.key of that server into the folder before you start, or give the passwords for other servers anew.',
  none: 'It has no secrets.',
}

function sentences({ at, mailboxes, messages, held, aside, keys }: RestoredAll, to: string): string[] {
  return [
    `${to} is as it was ${localTime(at)}: ${mailboxes} mailboxes, ${messages} messages.`,
    ...(aside === null ? [] : [`What was there before is in ${aside}.`]),
    keyWords[keys],
    `${held} deliveries that waited then are held, and nothing is deleted on other servers. Start the server, look at netcruiser queue list, and let both go with netcruiser restore release.`,
  ]
}
