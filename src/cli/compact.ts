// The command that makes deleted mail vanish from the database of a stopped server. Called by main.ts. SEC-08
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Compacted } from '#/storage/compact.ts'
import { asOwner } from './call.ts'
import { sized } from './sizes.ts'
import { withProgress } from './terminal.ts'
import { dataOption, type Options } from './verb.ts'

export function addCompact(program: Command): void {
  program
    .command('compact')
    .description('write the database anew without what was deleted, on a stopped server')
    .addOption(dataOption())
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  netcruiser compact')
    .exitOverride()
    .action(async (options: Options) => {
      const folder = resolve(String(options['data']))
      asOwner(folder)
      const { compact } = await import('#/storage/compact.ts') // a database is opened by few commands
      const done = await withProgress('Writing the database anew', () => Promise.resolve(compact(folder)))
      process.stdout.write(`${options['json'] ? JSON.stringify(done) : sentences(done)}\n`)
    })
}

function sentences({ beforeBytes, afterBytes, waiting, copies }: Compacted): string {
  const lines = [`The database has ${sized(afterBytes)} now, before it had ${sized(beforeBytes)}`]
  if (waiting > 0)
    lines.push(`${waiting} deleted messages are still kept: mailboxes.messageGraceDays says for how long`)
  if (copies.length > 0) lines.push(`Mail of an earlier time is still in ${copies.join(', ')}`)
  return lines.join('\n')
}
