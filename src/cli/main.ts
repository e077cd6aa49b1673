// The command line's program: runs a command, tells its exit code; `serve` runs the servers.
import { Command } from 'commander'
import { OperationError } from '#/operations/errors.ts'
import { StoreError } from '#/storage/store.ts'
import { addBackup } from './backup.ts'
import { addRest, addSettings } from './care.ts'
import { addCollect } from './collect.ts'
import { addCompact } from './compact.ts'
import { addCertificate, addLog } from './machine.ts'
import { addMessage } from './message.ts'
import { addAdmin, addAudit, addSessions, addTokens } from './people.ts'
import { version } from './print.ts'
import { addAccess } from './access.ts'
import { addAddress, addDomain, addMailbox } from './program.ts'
import { addQueue } from './queue.ts'
import { addDrafts } from './drafts.ts'
import { addSend } from './send.ts'
import { addRestore } from './restore.ts'
import { sendmail } from './sendmail.ts'
import { addServe } from './serve.ts'
import { addService } from './service.ts'
import { addConnections, addStatus } from './status.ts'
import { addAlternate, addRelay, addRoute } from './relay.ts'
import { addTutorial } from './tutorial.ts'
import { addTrace } from './trace.ts'

/** Exit codes: 0 done, 1 refused or failed, 2 wrong usage; of `sendmail` those that programs expect of it. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === 'sendmail') return sendmail(argv.slice(1))
  const program = build()
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

function build(): Command {
  const program = new Command('netcruiser')
    .description('NetCruiser Mail: mail in, mail out, and where it went')
    .version(version)
    .addHelpText('after', firstSteps)
    .enablePositionalOptions() // an option behind `send cancel` is cancel's
    .exitOverride()
  addServe(program)
  addService(program)
  addMailbox(program)
  addMessage(program)
  addDomain(program)
  addAddress(program)
  addAccess(program)
  addRelay(program)
  addAlternate(program)
  addRoute(program)
  addSend(program)
  addDrafts(program)
  addQueue(program)
  addCollect(program)
  addBackup(program)
  addRestore(program)
  addCompact(program)
  addSettings(program)
  addStatus(program)
  addConnections(program)
  addCertificate(program)
  addLog(program)
  addAdmin(program)
  addSessions(program)
  addTokens(program)
  addAudit(program)
  addTrace(program)
  addRest(program)
  addTutorial(program)
  return program
}
