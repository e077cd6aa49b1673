// The command line's `mailbox app-password`: passwords for single programs. Added to the noun by program.ts.
import type { Command } from 'commander'
import { rows, shown, verb, type Options } from './verb.ts'

export function addAppPasswords(mailbox: Command): void {
  const noun = mailbox.command('app-password').description('passwords for single programs of a mailbox').exitOverride()
  const ask = ([name]: string[], o: Options): Options => ({ name, label: o['label'] })
  verb(noun, 'add <name>', {
    about: 'make a password for one program and print it, once',
    does: 'app-password.add',
    example: 'mailbox app-password add ann --label phone',
    ask,
    show: shown,
  }).requiredOption('--label <text>', 'which program it is for')
  verb(noun, 'list <name>', {
    about: 'list them with their last use',
    does: 'app-password.list',
    example: 'mailbox app-password list ann',
    ask: ([name]) => ({ name }),
    show: rows(['label', 'createdAt', 'lastUsedAt', 'lastUsedFrom'], 'There is none'),
  })
  verb(noun, 'remove <name>', {
    about: 'take one back; the others and the main password stay',
    does: 'app-password.remove',
    example: 'mailbox app-password remove ann --label phone',
    ask,
    show: shown,
  }).requiredOption('--label <text>', 'which one')
}
