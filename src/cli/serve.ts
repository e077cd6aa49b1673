// The command that runs the servers. Called by main.ts.
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { OperationError } from '#/operations/errors.ts'
import { giveFolder, isRoot, ownerOf, startAnewAs, userNamed } from '#/world/node/user.ts'
import type { LogLevel } from '#/world/world.ts'
import { dataOption } from './verb.ts'

type Asked = { data: string; listen: string[]; user?: string; json?: boolean; logLevel: LogLevel }

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the servers until SIGTERM or Ctrl-C')
    .addOption(dataOption())
    .option(
      '--listen <component=address:port>',
      'listen here and nowhere else; may be repeated',
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .option('--user <name>', 'for root: run as this user, who gets the data folder')
    .option('--json', 'print one JSON line when ready, then the log, to standard output')
    .addOption(
      new Option('--log-level <level>', 'how much to log').choices(['debug', 'info', 'warn', 'error']).default('info'),
    )
    .addHelpText(
      'after',
      '\nExample:\n  netcruiser serve --data /tmp/try --listen smtp=127.0.0.1:2525 --listen pop3=127.0.0.1:2110 --json',
    )
    .exitOverride()
    .action(async ({ data, listen, user, json, logLevel }: Asked) => {
      asUser(resolve(data), user)
      const { serve } = await import('#/main.ts') // nothing that other commands need
      await serve({ data, listen, json: json === true, logLevel })
    })
}

/** Root starts the program anew as the user that is named, or to whom the data folder belongs already. SEC-05 */
function asUser(folder: string, name: string | undefined): void {
  const named = name === undefined ? null : userNamed(name)
  if (!isRoot()) {
    if (named === null || named.uid === process.getuid?.()) return
    throw new OperationError(`Only root can run the servers as ${name}`)
  }
  const owner = ownerOf(folder)
  const user = named ?? owner
  if (user === null) return
  if (owner !== null && owner.uid !== user.uid)
    throw new OperationError(`${folder} belongs to another user than ${name}: chown -R ${name} ${folder} gives it away`)
  if (owner === null) giveFolder(folder, user)
  startAnewAs(user)
}
