// The command line's noun for what comes back from a backup. A mailbox or a message goes into the server at work, by an
// operation; all of it goes into the folder of a stopped server, and that is done here. MB-08
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { OperationError } from '#/operations/errors.ts'
import type { BroughtBack } from '#/operations/restore-mailbox.ts'
import { backupId } from '#/storage/backup/name.ts'
import { call } from './call.ts'
import { table } from './print.ts'
import { withProgress } from './terminal.ts'
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

async function everything(backup: string, options: Options): Promise<string> {
  const { restoreEverything } = await import('./restore-all.ts') // what reads backups: only where it is needed
  return restoreEverything(backup, options)
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
