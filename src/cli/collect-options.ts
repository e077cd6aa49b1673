// The choices of a remote account as options of the command line, and the parameters that they make. Called by collect.ts.
import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { parseHost } from '#/config/host-name.ts'
import { parseIp } from '#/message/ip.ts'
import { OperationError } from '#/operations/errors.ts'
import { bytes, count } from './sizes.ts'
import { readPassword } from './terminal.ts'
import { since, span } from './times.ts'
import { defined, type Options } from './verb.ts'

export const withChoices = (command: Command): Command =>
  [...connection, ...signIn, ...choices].reduce((all, option) => all.addOption(option), command)

const text = (flags: string, about: string): Option => new Option(flags, about)

const connection = [
  text('--into <mailbox>', 'the mailbox that gets the mail'),
  text(
    '--host <name>',
    'the server: pop.example.com, with :port if it is no usual one; left out for those of collect providers',
  ),
  text('--port <number>', 'its port; left out: 995, or 110 without --tls implicit'),
  text('--tls <how>', 'TLS').choices(['implicit', 'required', 'opportunistic', 'none']),
  text('--ca <file>', 'certificate of a private authority, PEM; none: the usual authorities'),
  text('--pin <sha256>', 'the certificate of the server, SHA-256 in hex; none: any valid one'),
  text('--any-certificate', 'take any certificate: somebody on the way can pass for the server'),
  text('--no-any-certificate', 'the server must prove its name'),
  text('--plain-login', 'let the password be sent without TLS'),
  text('--no-plain-login', 'send the password over TLS only'),
  text('--private', 'let it reach addresses of this network and machine'),
  text('--no-private', 'addresses of the Internet only'),
]

const signIn = [
  text('--user <name>', 'who signs in there, mostly the address'),
  text('--password', 'ask for the password; on a terminal it is not shown'),
  text('--password-stdin', 'read the password from standard input'),
  text('--client-id <id>', 'sign in with tokens: how the provider knows this program; then collect sign-in'),
  text('--token-stdin', 'read JSON with tokenEndpoint, clientId, clientSecret, refreshToken, deviceEndpoint, scopes'),
]

const choices = [
  text('--first <what>', 'what the first run takes: everything, new, or since 2026-01-31 or 90d'),
  text('--interval <time>', 'how often: 10m, 6h'),
  text('--leave', 'leave messages on server'),
  text('--no-leave', 'delete there what is kept here'),
  text('--delete-after <days>', 'leave them for so long after they came here: 30d; never'),
  text('--keep-newest <count>', 'leave only so many, the newest; all'),
  text('--keep <size>', 'leave only so much, the newest: 500M; all'),
  text('--delete-with-local', 'delete there what is deleted here'),
  text('--no-delete-with-local', 'what is deleted here stays there'),
  text('--size-max <size>', 'larger messages stay on the server: 50M'),
  text('--delete-larger <size>', 'delete larger messages there WITHOUT collecting them; never'),
  text('--messages-max <count>', 'most messages of one run'),
  text('--bytes-max <size>', 'most octets of one run: 2G'),
  text('--minutes-max <count>', 'longest time of one run'),
  text('--duplicates <how>', 'copies of what is here already').choices(['keep', 'leave']),
  text('--date <which>', 'the date that mail gets here').choices(['header', 'collected']),
  text('--by-header <name>', 'one box for a domain: this field names the recipient; none'),
  text('--position <number>', 'which of these fields counts, from the top'),
  text('--guess', 'without the field look at To and Cc'),
  text('--note <text>', 'what this is'),
  text('--rename <name>', 'a new name; what is remembered stays'),
]

export const ownerFlag = ['--owner <mailbox>', 'as far as the owner of this mailbox may'] as const
export const named = ([name]: string[], o: Options): Options => defined({ name, owner: o['owner'] })

export async function choicesOf([name]: string[], o: Options): Promise<Options> {
  const token = o['tokenStdin'] ? (JSON.parse(readFileSync(0, 'utf8')) as Options) : {}
  return defined({
    name,
    owner: o['owner'],
    newName: o['rename'],
    mailbox: o['into'],
    ...serverOf(o),
    tls: o['tls'],
    ca: typeof o['ca'] === 'string' ? (o['ca'] === 'none' ? null : readFileSync(o['ca'], 'utf8')) : undefined,
    pin: o['pin'] === 'none' ? null : o['pin'],
    anyCertificate: o['anyCertificate'],
    plainAuthAllowed: o['plainLogin'],
    privateAllowed: o['private'],
    user: o['user'],
    password: o['password'] || o['passwordStdin'] ? await readPassword() : undefined,
    clientId: o['clientId'],
    ...token,
    ...policyOf(o),
  })
}

/** As alternate servers are written. */
function serverOf(o: Options): Options {
  const [host, port] = [o['host'], count(o['port'])]
  if (typeof host !== 'string' || parseIp(host)) return { host, port }
  const parsed = parseHost(host)
  return parsed === null ? { host, port } : { host: parsed.host, port: port ?? parsed.port ?? undefined }
}

function policyOf(o: Options): Options {
  if ((o['position'] ?? o['guess']) !== undefined && o['byHeader'] === undefined)
    throw new OperationError('--position and --guess go with --by-header')
  return {
    first: firstOf(o['first']),
    intervalMs: typeof o['interval'] === 'string' ? span(o['interval']) : undefined,
    leave: o['leave'],
    deleteAfterDays: orNull(o['deleteAfter'], 'never', days),
    keepNewest: orNull(o['keepNewest'], 'all', (text) => count(text)!),
    keepBytes: orNull(o['keep'], 'all', bytes),
    deleteWithLocal: o['deleteWithLocal'],
    sizeBytesMax: orNull(o['sizeMax'], '', bytes),
    deleteLargerBytes: orNull(o['deleteLarger'], 'never', bytes),
    messagesMax: count(o['messagesMax']),
    bytesMax: orNull(o['bytesMax'], '', bytes),
    minutesMax: count(o['minutesMax']),
    duplicates: o['duplicates'],
    dateFromHeader: o['date'] === undefined ? undefined : o['date'] === 'header',
    distribution: orNull(o['byHeader'], 'none', (header) =>
      defined({ header, position: count(o['position']), guess: o['guess'] }),
    ),
    note: o['note'],
  }
}

export function firstOf(what: unknown): string | number | undefined {
  if (typeof what !== 'string') return undefined
  return what === 'everything' || what === 'new' ? what : since(what)
}

function orNull<T>(option: unknown, none: string, read: (text: string) => T): T | null | undefined {
  if (typeof option !== 'string') return undefined
  return option === none ? null : read(option)
}

function days(option: string): number {
  const count = /^(\d{1,5})d?$/.exec(option)?.[1]
  if (count === undefined) throw new OperationError(`${option} is no number of days: write 30d`)
  return Number(count)
}
