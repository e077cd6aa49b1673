// The command line's nouns for who gets mail: mailboxes, domains, addresses.
import { type Command, Option } from 'commander'
import { OperationError } from '#/operations/errors.ts'
import { addAppPasswords } from './app-passwords.ts'
import { addArchives } from './message.ts'
import { list, localTime, table } from './print.ts'
import { bytes, count } from './sizes.ts'
import { readPassword, readText } from './terminal.ts'
import { answered, defined, rows, shown, verb, type Options, type Row, type Show } from './verb.ts'

async function mailboxParameters([name]: string[], o: Options): Promise<Options> {
  const quota = o['quota'] === undefined ? undefined : o['quota'] === 'none' ? null : bytes(o['quota'] as string)
  const disabled = o['disable'] ?? (o['enable'] ? null : undefined)
  return defined({
    name,
    newName: o['rename'],
    pop3: o['pop3'],
    quotaBytes: quota,
    disabled,
    forward: forwarded(o),
    away: awayAsked(o),
    password: o['password'] || o['passwordStdin'] ? await readPassword() : undefined,
  })
}

function forwarded(o: Options): object | null | undefined {
  if (o['forward'] === false) return null
  return o['forward'] === undefined ? undefined : { to: o['forward'], keep: o['keep'] }
}

/** Without a text what is kept is switched on again; `none` takes a date back. */
function awayAsked(o: Options): object | undefined {
  const [subject, from, until] = [o['awaySubject'], o['awayFrom'], o['awayUntil']]
  const asked = defined({
    on: typeof o['away'] === 'boolean' ? o['away'] : undefined,
    text: o['awayTextStdin'] ? readText() : typeof o['away'] === 'string' ? o['away'] : undefined,
    subject: subject === 'none' || subject === '' ? null : subject,
    from: from === 'none' ? null : instant(from),
    until: until === 'none' ? null : instant(until),
  })
  return Object.keys(asked).length === 0 ? undefined : asked
}

/** A date, a local time, or days from now. */
export function instant(option: unknown): number | undefined {
  if (typeof option !== 'string') return undefined
  const text = option
  const days = /^(\d{1,5})d$/.exec(text)?.[1]
  const at = days === undefined ? new Date(text).getTime() : Date.now() + Number(days) * 86_400_000
  if (Number.isNaN(at)) throw new OperationError(`${text} is no time: write 2030-01-31, 2030-01-31T18:00 or 30d`)
  return at
}

/** Wherever the list goes on, it says how to see more. */
const paged =
  (columns: readonly string[], empty: string): Show =>
  ({ rows: lines, next }: { rows: Row[]; next: string | null }) =>
    table(lines, columns, empty) + (next === null ? '' : `\nThere are more: --after ${next}`)

type ShownAway = { readonly on: boolean; readonly from: number | null; readonly until: number | null } & Row

/** The away notice line by line, the text last. */
function withAway(shownRow: Row): Row {
  const { away, ...row } = shownRow
  if (!away) return shownRow
  const { on, subject, from, until, text } = away as ShownAway // as the operation answers
  const time = (at: number | null): string | null => (at === null ? null : localTime(at))
  const times = { awayFrom: time(from), awayUntil: time(until) }
  return { ...row, away: on ? 'on' : 'off', ...times, awaySubject: subject, awayText: text }
}

const mailboxShown: Show = (row: Row) => list(withAway(row))
const showMailbox: Show = ({ addresses, ...row }: Row & { addresses: Row[] }) =>
  `${list(withAway(row))}\naddresses:\n${table(addresses, ['address', 'because'], 'none leads here')}`

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
    'addressCount',
  ]
  verb(noun, 'list [text]', {
    about: 'list the mailboxes: all, or those whose name or addresses hold a text',
    does: 'mailbox.list',
    example: 'mailbox list ann',
    ask: ([text], o) => defined({ text, show: o['show'], limit: count(o['limit']), after: o['after'] }),
    show: paged(columns, 'No mailbox yet: netcruiser mailbox add ann --pop3 --password'),
  })
    .addOption(
      new Option('--show <which>', 'only these')
        .choices(['all', 'pop3', 'filling', 'disabled', 'deleted'])
        .default('all'),
    )
    .option('--limit <count>', 'how many at most', '1000')
    .option('--after <place>', 'go on where a list ended')
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
      show: mailboxShown,
    })
      .option('--pop3', 'let mail programs read it by POP3')
      .option('--no-pop3', 'no access by POP3')
      .option('--password', 'ask for the password; on a terminal it is not shown')
      .option('--password-stdin', 'read the password from standard input')
      .option('--quota <size>', 'largest size, for example 2G; none: no limit')
      .option('--rename <name>', 'a new name; mail, UIDs and mappings stay')
      .option('--forward <address...>', 'send new mail on to these addresses')
      .option('--no-forward', 'send nothing on')
      .option('--no-keep', 'keep no copy of what is sent on')
      .option('--away [text]', 'answer new mail with this text, once per sender and week; alone: with the one kept')
      .option('--away-text-stdin', 'read that text from standard input')
      .option('--away-subject <text>', 'its subject; none: "Auto: " and that of the message')
      .option('--away-from <when>', 'not before then; none: at once')
      .option('--away-until <when>', 'until then: 2030-01-31, 2030-01-31T18:00, or 14d from now; none: no end')
      .option('--no-away', 'answer nobody; the text is kept')
      .addOption(new Option('--disable <how>', 'switch it off').choices(['refuse', 'defer', 'no-login']))
      .option('--enable', 'switch it on again')
      .hook('preAction', (_this, command) => {
        for (const name of ['pop3', 'forward', 'away'])
          if (command.getOptionValueSource(name) !== 'cli') command.setOptionValue(name, undefined)
      })
  addAppPasswords(noun)
  addArchives(noun)
  verb(noun, 'consequences <name>', {
    about: 'tell what breaks when a mailbox is removed',
    does: 'mailbox.consequences',
    example: 'mailbox consequences ann',
    ask: ([name]) => ({ name }),
    show: showMailbox,
  })
  const named = ([name]: string[], o: Options): Options =>
    defined({ name, force: o['force'], mailTo: o['mailTo'] === 'reject' ? null : o['mailTo'] })
  verb(noun, 'remove <name>', {
    about: 'remove a mailbox; its mail can be restored until it is purged',
    does: 'mailbox.remove',
    example: 'mailbox remove ann',
    ask: named,
    show: shown,
  })
    .option('--force', 'even when addresses point to it')
    .option('--mail-to <mailbox>', 'gets what was addressed to it from now on; reject: nobody does')
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
  verb(noun, 'all [text]', {
    about: 'list every address that mail is taken for, mailboxes and whole domains too, and where it goes',
    does: 'address.all',
    example: 'address all example.org --show nowhere',
    ask: ([text], o) => defined({ text, show: o['show'], limit: count(o['limit']), after: o['after'] }),
    show: paged(['address', 'kind', 'goesTo', 'nowhere', 'note', 'expiresAt'], 'No mail is taken for anybody'),
  })
    .addOption(new Option('--show <which>', 'only these').choices(['all', 'mapped', 'nowhere']).default('all'))
    .option('--limit <count>', 'how many at most', '1000')
    .option('--after <place>', 'go on where a list ended')
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
    show: answered,
  })
}
