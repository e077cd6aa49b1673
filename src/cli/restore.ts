// The command line's noun for what comes back from a backup. A mailbox or a message goes into the server at work, by an
// operation; all of it goes into the folder of a stopped server, and that is done here. MB-08
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { OperationError } from '#/operations/errors.ts'
import type { BroughtBack } from '#/operations/restore-mailbox.ts'
import { withUnpacked } from '#/storage/backup/arriving.ts'
import { backupId, idOf } from '#/storage/backup/format.ts'
import { restoreAll, type RestoredAll } from '#/storage/backup/restore.ts'
import { clock } from '#/world/node/clock.ts'
import { call } from './call.ts'
import { localTime, table, visible } from './print.ts'
import { readSecret, withProgress } from './terminal.ts'
import { dataOption, verb, type Options, type Show } from './verb.ts'

const showBrought: Show = ({ mailbox, made, restored, alreadyThere }: BroughtBack) =>
  `${restored} messages are back in ${mailbox}${made ? ', which was made anew' : ''}; ${alreadyThere} were there already`

const showReleased: Show = ({ released }: { released: number }) =>
  `${released} deliveries are let go; accounts delete on other servers again as they say`

export function addRestore(program: Command): void {
  const noun = program
    .command('restore')
    .argument('[backup]', 'a name of backup list, or a folder or an archive anywhere')
    .description('bring back all of a backup on a stopped server, or one mailbox or message while it runs')
    .addOption(dataOption())
    .option('--into <folder>', 'all of it into this empty folder instead of the data folder')
    .option('--with-key', 'open the keys in it with a passphrase that is asked for, or read from standard input')
    .option('--mailbox <name>', 'only this mailbox')
    .option('--as <name>', 'into a mailbox of this name')
    .option('--message <uid>', 'only this message of it: restore messages lists them')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  netcruiser restore 2026-01-31T03-00-00Z --mailbox ann --as ann-old')
    .exitOverride()
    .action(async (backup: string | undefined, options: Options) => {
      if (backup === undefined) throw new OperationError('Say which backup: netcruiser backup list names them')
      const work = options['mailbox'] === undefined ? everything(backup, options) : mail(backup, options)
      process.stdout.write(`${await work}\n`)
    })
  verb(noun, 'contents <backup>', {
    about: 'list the mailboxes in a backup',
    does: 'restore.contents',
    example: 'restore contents 2026-01-31T03-00-00Z',
    ask: ([backup]) => ({ backup }),
    show: ({ rows }: { rows: object[] }) =>
      table(
        rows.map((row) => ({ ...row })),
        ['name', 'messages', 'bytes', 'here'],
        'None',
      ),
  })
  verb(noun, 'messages <backup> <mailbox>', {
    about: 'list the messages of a mailbox in a backup',
    does: 'restore.messages',
    example: 'restore messages 2026-01-31T03-00-00Z ann',
    ask: ([backup, mailbox]) => ({ backup, mailbox, limit: 1000 }),
    show: ({ rows }: { rows: object[] }) =>
      table(
        rows.map((row) => ({ ...row })),
        ['uid', 'at', 'from', 'subject', 'sizeBytes'],
        'None',
      ),
  })
  verb(noun, 'release', {
    about: 'after all was restored: let the held mail go, and accounts delete on other servers again',
    does: 'restore.release',
    example: 'restore release',
    ask: () => ({}),
    show: showReleased,
  })
}

/** By a running server, or on the folder of a stopped one. */
async function mail(backup: string, o: Options): Promise<string> {
  const message = o['message']
  const what = {
    mailbox: o['mailbox'],
    ...(o['as'] !== undefined && { as: o['as'] }),
    ...(message !== undefined && { uid: Number(message) }),
  }
  const asked = backupId.test(backup)
    ? { name: 'restore.mailbox', parameters: { backup, ...what } }
    : { name: 'restore.file', parameters: { path: resolve(backup), ...what } }
  const folder = resolve(String(o['data']))
  const value = await withProgress('Bringing mail back', (onShare) => call(folder, asked, { onShare }))
  return o['json'] ? JSON.stringify(value) : showBrought(value as never) // what restore.mailbox answers
}

async function everything(backup: string, o: Options): Promise<string> {
  const data = resolve(String(o['data']))
  const to = typeof o['into'] === 'string' ? resolve(o['into']) : data
  if (to !== data && existsSync(to) && readdirSync(to).length > 0)
    throw new OperationError(`${to} is not empty: name a new folder, or restore over a data folder with --data`)
  const passphrase = o['withKey'] ? await readSecret('Passphrase: ') : null
  const place = await placeOf(backup, data)
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
