// The command that prints a unit for systemd. Called by main.ts.
import { existsSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { OperationError } from '#/operations/errors.ts'
import { ownerOf, userNamed } from '#/world/node/user.ts'
import { isState, systemdUnit } from './systemd-unit.ts'

const howTo = `
Examples:
  useradd --system --user-group --shell /usr/sbin/nologin netcruiser
  netcruiser service > /etc/systemd/system/netcruiser.service
  netcruiser service --user mail --data /srv/mail`

export function addService(program: Command): void {
  program
    .command('service')
    .description('print a unit that runs the servers under systemd, as a user that may do nothing else')
    .option('--data <folder>', 'where mail is kept', '/var/lib/netcruiser')
    .option('--user <name>', 'whose the mail is, a user of this machine', 'netcruiser')
    .addHelpText('after', howTo)
    .exitOverride()
    .action(({ data, user }: { data: string; user: string }) => {
      const folder = resolve(data)
      mustOwn(folder, user)
      process.stdout.write(systemdUnit({ program: ownCommand(), folder, user }))
    })
}

/** @throws OperationError where the service could not write. */
function mustOwn(folder: string, name: string): void {
  const { uid, gid } = userNamed(name)
  if (isState(folder) || ownerOf(folder)?.uid === uid) return
  throw new OperationError(
    `${folder} is no folder of ${name}: install -d -o ${name} -g ${gid} -m 700 ${folder} makes it`,
  )
}

/** In a copy of the repository it lies at its root, in the package beside what is compiled. */
function ownCommand(): string {
  const places = ['../../netcruiser', '../../bin/netcruiser'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  )
  return realpathSync(places.find((file) => existsSync(file)) ?? places[0]!)
}
