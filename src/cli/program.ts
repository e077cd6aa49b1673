// The command line's nouns for who gets mail: mailboxes, domains, addresses, the access list.
import { type Command, Option } from 'commander'
import { OperationError } from '#/operations/errors.ts'
import { addAppPasswords } from './app-passwords.ts'
import { addArchives } from './message.ts'
import { list, table } from './print.ts'
import { bytes } from './sizes.ts'
import { readPassword } from './terminal.ts'
import { defined, rows, sentences, shown, verb, type Options, type Row, type Show } from './verb.ts'

async function mailboxParameters([name]: string[], o: Options): Promise<Options> {
  const quota = o['quota'] === undefined ? undefined : o['quota'] === 'none' ? null : bytes(o['quota'] as string)
  const disabled = o['disable'] ?? (o['enable'] ? null : undefined)
  return defined({
    name,
    newName: o['rename'],
    pop3: o['pop3'],
    quotaBytes: quota,
    disabled,
    password: o['password'] || o['passwordStdin'] ? await readPassword() : undefined,
  })
}

/** A date, a local time, or days from now. */
function instant(option: unknown): number | undefined {
  if (typeof option !== 'string') return undefined
  const text = option
  const days = /^(\d{1,5})d$/.exec(text)?.[1]
  const at = days === undefined ? new Date(text).getTime() : Date.now() + Number(days) * 86_400_000
  if (Number.isNaN(at)) throw new OperationError(`${text} is no time: write 2030-01-31, 2030-01-31T18:00 or 30d`)
  return at
}

const showMailbox: Show = ({ addresses, ...row }: Row & { addresses: Row[] }) =>
  `${list(row)}\naddresses:\n${table(addresses, ['address', 'because'], 'none leads here')}`

export function addMailbox(program: Command): void {
  const noun = program.command('mailbox').description('mailboxes: add, set, list, remove').exitOverride()
  const columns = [
    'name',
    'pop3',
    'hasPassword',
    'messages',
    'bytes',
    'quotaBytes',
    'disabled',
    'lastLoginAt',
    'addresses',
  ]
  verb(noun, 'list', {
    about: 'list the mailboxes',
    does: 'mailbox.list',
    example: 'mailbox list',
    ask: () => ({}),
    show: rows(columns, 'No mailbox yet: netcruiser mailbox add ann --pop3 --password'),
  })
  verb(noun, 'show <name>', {
    about: 'show one mailbox and every address that reaches it',
    does: 'mailbox.show',
    example: 'mailbox show ann',
    ask: ([name]) => ({ name }),
    show: showMailbox,
  })
  for (const [usage, does, about] of [
    ['add <name>', 'mailbox.add', 'make a mailbox'],
    ['set <name>', 'mailbox.set', 'change a mailbox'],
  ] as const)
    verb(noun, usage, {
      about,
      does,
      example: `${does.replace('.', ' ')} ann --pop3 --password`,
      ask: mailboxParameters,
      show: shown,
    })
      .option('--pop3', 'let mail programs read it by POP3')
      .option('--no-pop3', 'no access by POP3')
      .option('--password', 'ask for the password; on a terminal it is not shown')
      .option('--password-stdin', 'read the password from standard input')
      .option('--quota <size>', 'largest size, for example 2G; none: no limit')
      .option('--rename <name>', 'a new name; mail, UIDs and mappings stay')
      .addOption(new Option('--disable <how>', 'switch it off').choices(['refuse', 'defer', 'no-login']))
      .option('--enable', 'switch it on again')
      .hook('preAction', (_this, command) => {
        if (command.getOptionValueSource('pop3') !== 'cli') command.setOptionValue('pop3', undefined)
      })
  addAppPasswords(noun)
  addArchives(noun)
  const named = ([name]: string[], o: Options): Options => defined({ name, force: o['force'] })
  verb(noun, 'remove <name>', {
    about: 'remove a mailbox; its mail can be restored until it is purged',
    does: 'mailbox.remove',
    example: 'mailbox remove ann',
    ask: named,
    show: shown,
  }).option('--force', 'even when addresses point to it')
  verb(noun, 'restore <name>', {
    about: 'bring a removed mailbox back',
    does: 'mailbox.restore',
    example: 'mailbox restore ann',
    ask: ([name], o) => defined({ name, as: o['as'] }),
    show: shown,
  }).option('--as <name>', 'under another name')
  verb(noun, 'purge <name>', {
    about: 'delete a removed mailbox and its mail for good',
    does: 'mailbox.purge',
    example: 'mailbox purge ann',
    ask: ([name], o) => defined({ name, now: o['now'] }),
    show: shown,
  }).option('--now', 'also within the days of grace')
}

export function addDomain(program: Command): void {
  const noun = program.command('domain').description('domains whose mail is taken').exitOverride()
  const ask = ([name]: string[], o: Options): Options => {
    if (o['aliasOf']) return { name, mode: 'alias', target: o['aliasOf'] }
    if (o['allTo']) return { name, mode: 'one-mailbox', target: o['allTo'] }
    return { name, mode: o['addressesOnly'] ? 'addresses-only' : 'by-name', target: o['catch'] ?? null }
  }
  verb(noun, 'add <name>', {
    about: 'take mail for a domain: by name of the mailbox, the rest to the catch mailbox',
    does: 'domain.add',
    example: 'domain add example.org --catch ann',
    ask,
    show: shown,
  })
    .option('--catch <where>', 'where the rest goes: a mailbox, an address (a list, or outside), reject or discard')
    .option('--all-to <mailbox>', 'gets everything')
    .option('--alias-of <domain>', 'another name of a domain')
    .option('--addresses-only', 'only mapped addresses')
  verb(noun, 'list', {
    about: 'list the domains',
    does: 'domain.list',
    example: 'domain list',
    ask: () => ({}),
    show: rows(['name', 'mode', 'target'], 'No domain yet: netcruiser domain add example.org --catch ann'),
  })
  verb(noun, 'remove <name>', {
    about: 'take no more mail for a domain',
    does: 'domain.remove',
    example: 'domain remove example.org',
    ask: ([name]) => ({ name }),
    show: shown,
  })
}

export function addAddress(program: Command): void {
  const noun = program.command('address').description('single addresses and where their mail goes').exitOverride()
  const ask = ([address, targets]: string[], o: Options): Options =>
    defined({ address, targets, note: o['note'], expiresAt: instant(o['expires']) })
  verb(noun, 'add <address> <targets...>', {
    about: 'map an address to mailboxes or outside addresses',
    does: 'address.add',
    example: 'address add info@example.org admin',
    ask,
    show: shown,
  })
    .option('--note <text>', 'why')
    .option('--expires <when>', 'until then: 2030-01-31, 2030-01-31T18:00, or 30d from now')
  verb(noun, 'list', {
    about: 'list the mapped addresses',
    does: 'address.list',
    example: 'address list',
    ask: () => ({}),
    show: rows(['address', 'targets', 'note', 'expiresAt'], 'No address is mapped'),
  })
  verb(noun, 'remove <address>', {
    about: 'remove a mapping',
    does: 'address.remove',
    example: 'address remove info@example.org',
    ask: ([address]) => ({ address }),
    show: shown,
  })
  verb(noun, 'explain <address>', {
    about: 'tell who gets mail for an address, and why',
    does: 'address.explain',
    example: 'address explain info@example.org',
    ask: ([address]) => ({ address }),
    show: sentences,
  })
}

export function addAccess(program: Command): void {
  const noun = program
    .command('access')
    .description('who may send mail to other servers through this one')
    .exitOverride()
  const ask = ([pattern]: string[], o: Options): Options =>
    defined({
      pattern,
      action: o['deny'] ? 'deny' : 'allow',
      note: o['note'],
      expiresAt: instant(o['expires']),
      senders: o['sender'],
      everyone: o['yesEveryone'],
    })
  verb(noun, 'add <pattern>', {
    about: 'allow a client: 192.168.1.5, 10.0.0.0/8, 192.168.*, host.example.org, *.example.org',
    does: 'access.add',
    example: "access add '192.168.*' --note 'office printers'",
    ask,
    show: shown,
  })
    .option('--deny', 'refuse instead of allow; the first match decides')
    .option('--note <text>', 'what this is')
    .option('--expires <when>', 'until then: 2030-01-31, 2030-01-31T18:00, or 30d from now')
    .option('--sender <address...>', 'only these sender addresses or @domains')
    .option('--yes-everyone', 'I know that this pattern lets everyone send')
  verb(noun, 'list', {
    about: 'list the entries in their order',
    does: 'access.list',
    example: 'access list',
    ask: () => ({}),
    show: rows(
      ['id', 'action', 'pattern', 'note', 'senders', 'expiresAt', 'uses', 'lastUsedAt'],
      'Nobody may forward: the list is empty',
    ),
  })
  verb(noun, 'remove <id>', {
    about: 'remove an entry',
    does: 'access.remove',
    example: 'access remove 3',
    ask: ([id]) => ({ id: Number(id) }),
    show: shown,
  })
  verb(noun, 'test <address> [name]', {
    about: 'tell whether a client would be allowed, and by which entry; with a name: as if that were its reverse name',
    does: 'access.test',
    example: 'access test 192.168.1.5 printer.example.org',
    ask: ([address, name]) => defined({ address, name }),
    show: sentences,
  })
}
