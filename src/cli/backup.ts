// The command line's noun for backups: make, list, read, remove them, and say when they are made by themselves.
import type { Command } from 'commander'
import type { ShownBackup, BackupState } from '#/operations/backups.ts'
import { list, localTime, nearTime, table, visible } from './print.ts'
import { defined, shown, verb, type Show } from './verb.ts'
import { readPassword } from './terminal.ts'

const size = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`

const showMade: Show = (backup: ShownBackup) =>
  `${backup.id}: ${backup.messages} messages, ${backup.deliveries} deliveries, ${size(backup.bytes)}, read again: all is well`

const showList: Show = ({ rows }: { rows: ShownBackup[] }) =>
  table(
    rows.map(({ id, at, reason, messages, bytes, sealedKeys }) => ({
      id,
      at,
      made: reason === 'schedule' ? 'by itself' : 'when asked',
      messages,
      size: size(bytes),
      keys: sealedKeys ? 'inside, sealed' : 'not inside',
    })),
    ['id', 'at', 'made', 'messages', 'size', 'keys'],
    'No backup yet: netcruiser backup create',
  )

const showState: Show = ({ last, nextAt, needsBytes, freeBytes, sameDisk, folder, trouble, job }: BackupState) =>
  [
    last === null ? 'There is no backup yet.' : `The last backup is ${last.id}, ${nearTime(last.at)}.`,
    nextAt === null ? 'None is made by itself.' : `The next one is made by itself at about ${localTime(nextAt)}.`,
    `The next one takes about ${size(needsBytes)} in ${folder}, where ${size(freeBytes)} are free.`,
    ...(sameDisk ? ['That is the disk of the mail itself: a copy on another one is safer.'] : []),
    ...(job === null ? [] : [`At work: ${job.words || job.what}, ${Math.floor(job.share * 100)} % done.`]),
    ...(trouble?.is === 'failed' ? [`The last one was not made: ${visible(trouble.said)}`] : []),
    ...(trouble?.is === 'old' ? [`The newest backup is ${trouble.days} days old.`] : []),
  ].join('\n')

const showVerified: Show = ({ checked, problems }: { checked: number; problems: string[] }) => {
  if (problems.length > 0) process.exitCode = 1
  return problems.length === 0 ? `${checked} parts checked: all is well` : problems.map(visible).join('\n')
}

export function addBackup(program: Command): void {
  const noun = program.command('backup').description('backups: create, list, verify, remove, schedule').exitOverride()
  verb(noun, 'create', {
    about: 'make a backup of this moment, while the server runs or not, and read it again',
    does: 'backup.create',
    example: 'backup create',
    waiting: 'Making a backup',
    ask: async (_args, o) => defined({ passphrase: o['withKey'] ? await readPassword('Passphrase: ') : undefined }),
    stop: () => ({ name: 'backup.cancel', parameters: {} }),
    show: showMade,
  }).option(
    '--with-key',
    'put the keys inside too, sealed with a passphrase that is asked for, or read from standard input',
  )
  verb(noun, 'list', {
    about: 'list the backups',
    does: 'backup.list',
    example: 'backup list',
    ask: () => ({ limit: 1000 }),
    show: showList,
  })
  verb(noun, 'state', {
    about: 'tell of the last one, the next one, and the room there is',
    does: 'backup.state',
    example: 'backup state',
    ask: () => ({}),
    show: showState,
  })
  verb(noun, 'verify <id>', {
    about: 'read a whole backup',
    does: 'backup.verify',
    example: 'backup verify 2026-01-31T03-00-00Z',
    waiting: 'Reading the backup',
    ask: ([id]) => ({ id }),
    stop: () => ({ name: 'backup.cancel', parameters: {} }),
    show: showVerified,
  })
  verb(noun, 'remove <id>', {
    about: 'remove a backup for good',
    does: 'backup.remove',
    example: 'backup remove 2026-01-31T03-00-00Z',
    ask: ([id]) => ({ id }),
    show: shown,
  })
  verb(noun, 'schedule', {
    about: 'say when backups are made by themselves, and how many of those stay; without options: tell it',
    does: 'backup.schedule',
    example: 'backup schedule --every 24 --at 03:00 --keep 7 --weeks 4',
    ask: (_args, o) =>
      defined({
        everyHours: number(o['every']),
        at: o['at'],
        keep: number(o['keep']),
        keepWeeks: number(o['weeks']),
      }),
    show: list,
  })
    .option('--every <hours>', 'so often; 24: once a day, 0: never')
    .option('--at <time>', 'at this time of day, when it is once a day or less')
    .option('--keep <count>', 'so many of the newest stay')
    .option('--weeks <count>', 'for so many weeks before those, one of each week stays')
}

const number = (option: unknown): number | undefined => (typeof option === 'string' ? Number(option) : undefined)
