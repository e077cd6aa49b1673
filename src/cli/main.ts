// The command line's program: runs a command, tells its exit code; `serve` runs the servers.
import { Command } from 'commander'
import { OperationError } from '#/operations/errors.ts'
import { StoreError } from '#/storage/store.ts'
import { version } from './print.ts'
import { addServe } from './serve.ts'

/** Exit codes: 0 done, 1 refused or failed, 2 wrong usage; of `sendmail` those that programs expect of it. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === 'sendmail') {
    const { sendmail } = await import('./sendmail.ts')
    return sendmail(argv.slice(1))
  }
  const program = await build(argv[0])
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return process.exitCode === undefined ? 0 : Number(process.exitCode)
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    if (code?.startsWith('commander.'))
      return code === 'commander.helpDisplayed' || code === 'commander.version' || code === 'commander.help' ? 0 : 2
    process.stderr.write(`netcruiser: ${message}\n`)
    if (!(error instanceof OperationError || error instanceof StoreError) && process.env['NETCRUISER_DEBUG'])
      console.error(error)
    return 1
  }
}

const firstSteps = `
Examples:
  netcruiser serve                                 run the servers
  netcruiser mailbox add ann --pop3 --password     make a mailbox
  netcruiser message list ann                      what lies in a mailbox
  netcruiser domain add example.org --catch ann    take mail for a domain
  netcruiser access add '192.168.*' --note office  let printers send to other servers
  netcruiser trace ann@example.org                 where did my mail go?
  netcruiser send --to bob@example.com             send a message that is typed in
  netcruiser sendmail -t                           as programs call it: see bin/sendmail
  netcruiser queue list                            what waits to go out
  netcruiser collect list                          what is collected from other servers
  netcruiser service                               a unit for systemd
  netcruiser backup create                         keep all of it as it is now
  netcruiser status                                how is everything?
  netcruiser doctor                                is all well?`

/** `command`: the one that is asked for, where it is known. */
async function build(command: string | undefined): Promise<Command> {
  const program = new Command('netcruiser')
    .description('NetCruiser Mail: mail in, mail out, and where it went')
    .version(version)
    .addHelpText('after', firstSteps)
    .enablePositionalOptions() // an option behind `send cancel` is cancel's
    .exitOverride()
  addServe(program)
  if (command === 'serve') return program
  const { addCommands } = await import('./commands.ts') // a server runs for months without them
  addCommands(program)
  return program
}
