// The command line: nouns, then verbs. Each command is an operation; this file only names, asks and prints.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { OperationError } from '#/operations/errors.ts'
import type { SettingLine } from '#/operations/settings.ts'
import { tell } from '#/operations/story.ts'
import type { TraceEvent } from '#/storage/store.ts'
import { call } from './call.ts'
import { list, localTime, table, visible } from './print.ts'

type Row = Record<string, unknown>
type Show = (value: never) => string
type Options = Record<string, unknown>

export const dataOption = (): Option =>
  new Option('--data <folder>', 'where mail is kept').env('NETCRUISER_DATA').default('data')

/** A command that runs one operation. `ask` makes its parameters of arguments and options. */
function verb(
  parent: Command,
  usage: string,
  spec: {
    about: string
    does: string
    example: string
    ask: (args: string[], options: Options) => unknown
    show: Show
  },
): Command {
  return parent
    .command(usage)
    .description(spec.about)
    .exitOverride()
    .addOption(dataOption())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  netcruiser ${spec.example}`)
    .action(async (...given: unknown[]) => {
      const command = given.at(-1) as Command // commander hands it over last
      const options = command.opts<Options>()
      const parameters = spec.ask(command.processedArgs as string[], options) // our commands take texts only
      const value = await call(resolve(String(options['data'])), { name: spec.does, parameters })
      process.stdout.write(`${options['json'] ? JSON.stringify(value) : spec.show(value as never)}\n`) // each operation's own shape
    })
}

const rows =
  (columns: readonly string[], empty: string): Show =>
  (value: Row[]) =>
    table(value, columns, empty)
const shown: Show = (value: Row) => list(value)
const sentences: Show = (value: string[]) => value.map(visible).join('\n')
const stdin = (): string => readFileSync(0, 'utf8').replace(/\r?\n$/, '')
const defined = (values: Options): Options =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

function mailboxParameters([name]: string[], o: Options): Options {
  const quota = o['quota'] === undefined ? undefined : o['quota'] === 'none' ? null : bytes(o['quota'] as string)
  const disabled = o['disable'] ?? (o['enable'] ? null : undefined)
  return defined({
    name,
    newName: o['rename'],
    pop3: o['pop3'],
    quotaBytes: quota,
    disabled,
    password: o['passwordStdin'] ? stdin() : undefined,
  })
}

function bytes(text: string): number {
  const match = /^(\d+)([kMG]?)$/.exec(text)
  if (!match) throw new OperationError(`${text} is no size: write 500M or 2G`)
  return Number(match[1]) * { '': 1, k: 1024, M: 1024 ** 2, G: 1024 ** 3 }[match[2] as '' | 'k' | 'M' | 'G'] // the pattern's letters
}

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
    show: rows(columns, 'No mailbox yet: netcruiser mailbox add ann --pop3 --password-stdin'),
  })
  for (const [usage, does, about] of [
    ['add <name>', 'mailbox.add', 'make a mailbox'],
    ['set <name>', 'mailbox.set', 'change a mailbox'],
  ] as const)
    verb(noun, usage, {
      about,
      does,
      example: `${does.replace('.', ' ')} ann --pop3 --password-stdin`,
      ask: mailboxParameters,
      show: shown,
    })
      .option('--pop3', 'let mail programs read it by POP3')
      .option('--no-pop3', 'no access by POP3')
      .option('--password-stdin', 'read the password from standard input')
      .option('--quota <size>', 'largest size, for example 2G; none: no limit')
      .option('--rename <name>', 'a new name; mail, UIDs and mappings stay')
      .addOption(new Option('--disable <how>', 'switch it off').choices(['refuse', 'defer', 'no-login']))
      .option('--enable', 'switch it on again')
      .hook('preAction', (_this, command) => {
        if (command.getOptionValueSource('pop3') !== 'cli') command.setOptionValue('pop3', undefined)
      })
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
    ask: named,
    show: shown,
  })
  verb(noun, 'purge <name>', {
    about: 'delete a removed mailbox and its mail for good',
    does: 'mailbox.purge',
    example: 'mailbox purge ann',
    ask: named,
    show: shown,
  })
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
    .option('--catch <mailbox>', 'gets what no mailbox is named for')
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
  const ask = ([address, targets]: string[], o: Options): Options => defined({ address, targets, note: o['note'] })
  verb(noun, 'add <address> <targets...>', {
    about: 'map an address to mailboxes or outside addresses',
    does: 'address.add',
    example: 'address add info@example.org admin',
    ask,
    show: shown,
  }).option('--note <text>', 'why')
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
    .option('--sender <address...>', 'only these sender addresses or @domains')
    .option('--yes-everyone', 'I know that this pattern lets everyone send')
  verb(noun, 'list', {
    about: 'list the entries in their order',
    does: 'access.list',
    example: 'access list',
    ask: () => ({}),
    show: rows(
      ['id', 'action', 'pattern', 'note', 'senders', 'uses', 'lastUsedAt'],
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
  verb(noun, 'test <address>', {
    about: 'tell whether a client would be allowed, and by which entry',
    does: 'access.test',
    example: 'access test 192.168.1.5',
    ask: ([address]) => ({ address }),
    show: sentences,
  })
}

export function addSettings(program: Command): void {
  const noun = program.command('settings').description('every option, with its default').exitOverride()
  const settings: Show = (lines: SettingLine[]) =>
    lines
      .map(
        ({ name, value, changed, about }) =>
          `${changed ? '*' : ' '} ${name} = ${JSON.stringify(value)}\n      ${about}`,
      )
      .join('\n')
  verb(noun, 'show', {
    about: 'show all settings; changed ones are marked *',
    does: 'settings.show',
    example: 'settings show',
    ask: () => ({}),
    show: settings,
  })
  const value = (text: string): unknown => {
    try {
      return JSON.parse(text)
    } catch {
      return text
    }
  }
  verb(noun, 'set <name> <value>', {
    about: 'change a setting; it takes effect at once',
    does: 'settings.set',
    example: 'settings set mailServer.forwarding true',
    ask: ([name, text]) => ({ name, value: value(text!) }),
    show: shown,
  })
  verb(noun, 'reset <name>', {
    about: 'go back to the default',
    does: 'settings.set',
    example: 'settings reset mailServer.forwarding',
    ask: ([name]) => ({ name }),
    show: shown,
  })
  verb(noun, 'history', {
    about: 'who changed what, and when',
    does: 'settings.history',
    example: 'settings history',
    ask: () => ({}),
    show: rows(['at', 'by', 'name', 'before', 'after'], 'Nothing was changed yet'),
  })
  verb(noun, 'import <file>', {
    about: 'set up a whole world from a file; - is standard input',
    does: 'settings.import',
    example: 'settings import world.toml',
    ask: ([file]) => ({ text: readFileSync(file === '-' ? 0 : file!, 'utf8') }),
    show: shown,
  })
  verb(noun, 'export', {
    about: 'write the world as TOML, without passwords',
    does: 'settings.export',
    example: 'settings export > world.toml',
    ask: () => ({}),
    show: (world: { text: string }) => world.text,
  })
}

export function addRest(program: Command): void {
  const queue = program.command('queue').description('mail that waits to go out').exitOverride()
  const queued = ['id', 'state', 'from', 'to', 'acceptedAt', 'attempts', 'allowedBy', 'sizeBytes']
  verb(queue, 'list', {
    about: 'list the outbound queue',
    does: 'queue.list',
    example: 'queue list',
    ask: () => ({}),
    show: rows(queued, 'The queue is empty'),
  })
  verb(queue, 'show <message>', {
    about: 'show the deliveries of a message',
    does: 'queue.show',
    example: 'queue show 01m3kq8x2c5f0a9b7d4e6g8h1j',
    ask: ([message]) => ({ message }),
    show: rows(queued, 'No such message in the queue'),
  })
  verb(program, 'trace [text]', {
    about: 'where did my mail go? By address, subject, Message-ID or IP address',
    does: 'trace',
    example: 'trace ann@example.org',
    ask: ([text]) => defined({ text }),
    show: (events: TraceEvent[]) =>
      events.length === 0 ? 'Nothing is known of that' : visible(tell(events, localTime)),
  })
  verb(program, 'verify', {
    about: 'read every row, content, checksum and UID',
    does: 'verify',
    example: 'verify',
    ask: () => ({}),
    show: ({ checked, problems }: { checked: number; problems: string[] }) => {
      if (problems.length > 0) process.exitCode = 1
      return problems.length === 0
        ? `${checked} contents and mailboxes checked: all is well`
        : problems.map(visible).join('\n')
    },
  })
  const bans = program.command('bans').description('clients refused for guessing passwords').exitOverride()
  verb(bans, 'list', {
    about: 'list them',
    does: 'bans.list',
    example: 'bans list',
    ask: () => ({}),
    show: rows(['client', 'failures', 'until'], 'Nobody is banned'),
  })
  verb(bans, 'clear <client>', {
    about: 'pardon a client',
    does: 'bans.clear',
    example: 'bans clear 192.0.2.7',
    ask: ([client]) => ({ client }),
    show: shown,
  })
}
