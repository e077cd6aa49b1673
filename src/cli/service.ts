// The command that prints a unit for systemd. Called by main.ts.
import { existsSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { systemdUnit } from './systemd-unit.ts'

const howTo = `
Examples:
  netcruiser service > /etc/systemd/system/netcruiser.service
  netcruiser service --user mail --data /srv/mail`

export function addService(program: Command): void {
  program
    .command('service')
    .description('print a unit that runs the servers under systemd, as a user that may do nothing else')
    .option('--data <folder>', 'where mail is kept', '/var/lib/netcruiser')
    .option('--user <name>', 'run as this user; without it systemd makes one for the folder in /var/lib')
    .addHelpText('after', howTo)
    .exitOverride()
    .action(({ data, user }: { data: string; user?: string }) => {
      process.stdout.write(systemdUnit({ program: ownCommand(), folder: resolve(data), user: user ?? null }))
    })
}

/** In a copy of the repository it lies at its root, in the package beside what is compiled. */
function ownCommand(): string {
  const places = ['../../netcruiser', '../../bin/netcruiser'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  )
  return realpathSync(places.find((file) => existsSync(file)) ?? places[0]!)
}
