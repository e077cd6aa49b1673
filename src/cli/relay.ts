// The command line's nouns for mail that goes out: the relay, alternate servers, exceptions to the default routes.
import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import type { Tested } from '#/operations/relay-test.ts'
import { table, visible } from './print.ts'
import { readPassword } from './terminal.ts'
import { defined, rows, sentences, shown, verb, type Options, type Row, type Show } from './verb.ts'

export function addRelay(program: Command): void {
  const noun = program.command('relay').description('where outgoing mail goes').exitOverride()
  verb(noun, 'show', {
    about: 'show the routes, the exceptions, and what will not work',
    does: 'relay.show',
    example: 'relay show',
    ask: () => ({}),
    show: showRelay,
  })
  verb(noun, 'explain <address>', {
    about: 'tell which way mail to an address would go now, asking DNS',
    does: 'relay.explain',
    example: 'relay explain bob@example.com --from ann@example.org',
    ask: ([to], o) => defined({ to, from: o['from'], client: o['client'] }),
    show: sentences,
  })
    .option('--from <address>', 'the sender; left out: a notice without sender')
    .option('--client <rule>', 'who hands it over: a user name, or "access rule 3"')
  addRelayTest(noun, 'test')
}

/** As `relay test` and as `settings test relay`. */
export function addRelayTest(parent: Command, usage: string): void {
  verb(parent, usage, {
    about: 'talk to the server that mail would go to, and print what is said; nothing is sent without --send',
    does: 'relay.test',
    example: 'settings test relay --to bob@example.com',
    waiting: 'Talking to the server',
    ask: (_args, o) => defined({ to: o['to'], from: o['from'], alternate: o['alternate'], send: o['send'] }),
    show: ({ ok, lines }: Tested) => {
      if (!ok) process.exitCode = 1
      return lines.map(visible).join('\n')
    },
  })
    .option('--to <address>', 'asks for this recipient, by the routes that mail to it takes')
    .option('--from <address>', 'the sender; left out: the postmaster of this server')
    .option('--alternate <name>', 'by this alternate server, whatever the routes are')
    .option('--send', 'send a short test message')
}

const routeColumns = ['number', 'recipient', 'sender', 'client', 'routes']

const showRelay: Show = (value: { paused: boolean; routes: string; exceptions: Row[]; advice: string[] }) =>
  [
    value.paused ? 'The relay is paused: mail waits.' : `Routes: ${visible(value.routes)}.`,
    table(value.exceptions, routeColumns, 'There are no exceptions.'),
    ...value.advice.map((line) => `- ${visible(line)}`),
  ].join('\n')

/** Secrets come by standard input: an argument is seen by everybody on the machine. */
async function alternateParameters([name, hosts]: unknown[], o: Options): Promise<Options> {
  const token = o['tokenStdin'] ? (JSON.parse(readFileSync(0, 'utf8')) as Options) : {}
  return defined({
    name,
    hosts: Array.isArray(hosts) && hosts.length > 0 ? hosts : undefined,
    useMx: o['mx'],
    tls: o['tls'],
    ca: typeof o['ca'] === 'string' ? (o['ca'] === 'none' ? null : readFileSync(o['ca'], 'utf8')) : undefined,
    pin: o['pin'] === 'none' ? null : o['pin'],
    plainAuthAllowed: o['plainLogin'],
    user: o['user'] === 'none' ? null : o['user'],
    password: o['password'] || o['passwordStdin'] ? await readPassword() : undefined,
    tokenEndpoint: token['tokenEndpoint'],
    clientId: token['clientId'],
    clientSecret: token['clientSecret'],
    refreshToken: token['refreshToken'],
  })
}

export function addAlternate(program: Command): void {
  const noun = program.command('alternate').description('mail servers that send for this one').exitOverride()
  for (const [usage, does, about] of [
    ['add <name> <hosts...>', 'alternate.add', 'add a server: smart.example:587; further hosts are tried after it'],
    ['set <name> [hosts...]', 'alternate.set', 'change a server'],
  ] as const)
    verb(noun, usage, {
      about,
      does,
      example: `${does.replace('.', ' ')} smart smart.example:587 --user ann --password`,
      ask: alternateParameters,
      show: shown,
    })
      .addOption(new Option('--tls <how>', 'TLS').choices(['implicit', 'required', 'opportunistic', 'none']))
      .option('--mx', 'the hosts are domains whose mail exchangers are used')
      .option('--no-mx', 'the hosts are hosts')
      .option('--user <name>', 'the account; none: without account')
      .option('--password', 'ask for the password; on a terminal it is not shown')
      .option('--password-stdin', 'read the password from standard input')
      .option('--token-stdin', 'read JSON with tokenEndpoint, clientId, clientSecret, refreshToken')
      .option('--plain-login', 'allow the password to be sent without TLS')
      .option('--no-plain-login', 'send the password over TLS only')
      .option('--ca <file>', 'certificate of a private authority, PEM; none: the usual authorities')
      .option('--pin <sha256>', 'the certificate of the server, SHA-256 in hex; none: any valid one')
  verb(noun, 'list', {
    about: 'list the servers',
    does: 'alternate.list',
    example: 'alternate list',
    ask: () => ({}),
    show: rows(['name', 'hosts', 'tls', 'account', 'signsIn'], 'There is no alternate server'),
  })
  verb(noun, 'remove <name>', {
    about: 'remove a server',
    does: 'alternate.remove',
    example: 'alternate remove smart',
    ask: ([name], o) => defined({ name, force: o['force'] }),
    show: shown,
  }).option('--force', 'even when routes lead there')
}

export function addRoute(program: Command): void {
  const noun = program.command('route').description('exceptions to the default routes').exitOverride()
  const list = rows(routeColumns, 'There are no exceptions: all mail takes the default routes')
  verb(noun, 'add <routes...>', {
    about: 'send some mail another way: mx, address, alternate:NAME in their order; or hold, or fail',
    does: 'route.add',
    example: 'route add mx alternate:smart --to example.com',
    ask: (given, o) => defined({ routes: given[0], recipient: o['to'], sender: o['from'], client: o['client'] }),
    show: shown,
  })
    .option('--to <recipient>', 'an address, a domain or *.domain')
    .option('--from <sender>', 'an address, a domain, *.domain, or <> for notices')
    .option('--client <rule>', 'who handed it over: a user name, or "access rule 3"')
  verb(noun, 'list', {
    about: 'list them; the most specific one counts, then the first',
    does: 'route.list',
    example: 'route list',
    ask: () => ({}),
    show: list,
  })
  verb(noun, 'remove <number>', {
    about: 'remove one',
    does: 'route.remove',
    example: 'route remove 2',
    ask: ([number]) => ({ number: Number(number) }),
    show: shown,
  })
  verb(noun, 'move <number> <to>', {
    about: 'give one another place',
    does: 'route.move',
    example: 'route move 3 1',
    ask: ([number, to]) => ({ number: Number(number), to: Number(to) }),
    show: list,
  })
}
