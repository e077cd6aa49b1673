// The command line's nouns for who may use the console: admin, session, token, and the audit.
import { type Command } from 'commander'
import type { auditAnswer, auditRequest } from '#/operations/audit.ts'
import type { linkAnswer } from '#/operations/administrators.ts'
import type { begunAnswer } from '#/operations/second-step.ts'
import type { z } from 'zod'
import { list, table } from './print.ts'
import { readPassword } from './terminal.ts'
import { moment } from './times.ts'
import { count } from './sizes.ts'
import { defined, rows, shown, verb, type Options, type Show } from './verb.ts'

const named = ([name]: string[]): Options => ({ name })
const withPassword = async ([name]: string[]): Promise<Options> => ({ name, password: await readPassword() })
const administratorColumns = ['name', 'totp', 'recoveryCodesLeft', 'createdAt', 'lastLoginAt', 'lastLoginFrom']

export function addAdmin(program: Command): void {
  const noun = program.command('admin').description('administrators of the console').exitOverride()
  verb(noun, 'add <name>', {
    about: 'add an administrator; the password is asked for, or read from standard input',
    does: 'admin.add',
    example: 'admin add ann',
    ask: withPassword,
    show: shown,
  })
  verb(noun, 'list', {
    about: 'list the administrators',
    does: 'admin.list',
    example: 'admin list',
    ask: () => ({}),
    show: rows(administratorColumns, 'There is none yet: netcruiser admin link tells how to set the first one'),
  })
  verb(noun, 'set-password <name>', {
    about: 'give an administrator another password; their sessions end',
    does: 'admin.set-password',
    example: 'admin set-password ann',
    ask: withPassword,
    show: shown,
  })
  verb(noun, 'remove <name>', {
    about: 'remove an administrator with their sessions and tokens; the last one stays',
    does: 'admin.remove',
    example: 'admin remove ann',
    ask: named,
    show: shown,
  })
  verb(noun, 'link', {
    about: 'print the one-time link that sets the first administrator',
    does: 'admin.link',
    example: 'admin link',
    ask: () => ({}),
    show: ({ link, because }: z.infer<typeof linkAnswer>) => (link === null ? because : `${link}\n${because}`),
  })
  addTotp(noun)
}

function addTotp(noun: Command): void {
  verb(noun, 'begin-totp <name>', {
    about: 'begin to set up codes of an authenticator as a second step',
    does: 'admin.begin-totp',
    example: 'admin begin-totp ann',
    ask: named,
    show: ({ secret, url, ticket }: z.infer<typeof begunAnswer>) => list({ secret, url, ticket }),
  })
  verb(noun, 'confirm-totp <name>', {
    about: 'ask for codes from now on, and print the recovery codes, once',
    does: 'admin.confirm-totp',
    example: 'admin confirm-totp ann --ticket v1:... --code 123456',
    ask: ([name], o) => ({ name, ticket: o['ticket'], code: o['code'] }),
    show: ({ recoveryCodes }: { recoveryCodes: string[] }) => recoveryCodes.join('\n'),
  })
    .requiredOption('--ticket <text>', 'what begin-totp printed')
    .requiredOption('--code <digits>', 'the code that the authenticator shows')
  verb(noun, 'reset-totp <name>', {
    about: 'ask an administrator for the password only, when the authenticator is lost',
    does: 'admin.reset-totp',
    example: 'admin reset-totp ann',
    ask: named,
    show: shown,
  })
}

export function addSessions(program: Command): void {
  const noun = program.command('session').description('who is signed in to the console').exitOverride()
  verb(noun, 'list', {
    about: 'list who is signed in, and where',
    does: 'session.list',
    example: 'session list',
    ask: () => ({}),
    show: rows(['name', 'role', 'from', 'seenAt', 'createdAt', 'agent', 'id'], 'Nobody is signed in'),
  })
  verb(noun, 'end <id>', {
    about: 'sign a browser out',
    does: 'session.end',
    example: 'session end 2jmj7l5rSw0yVb_vlWAYkK_YBwk2jmj7l5rSw0yVb_v',
    ask: ([id]) => ({ id }),
    show: shown,
  })
}

export function addTokens(program: Command): void {
  const noun = program.command('token').description('API tokens, for programs').exitOverride()
  verb(noun, 'add <label>', {
    about: 'make an API token and print it, once',
    does: 'token.add',
    example: 'token add monitoring --scope read',
    ask: ([label], o) =>
      defined({
        label,
        scopes: o['scope'],
        mailbox: o['mailbox'],
        expiresAt: typeof o['expires'] === 'string' ? moment(o['expires']) : undefined,
      }),
    show: shown,
  })
    .option(
      '--scope <scope>',
      'what it may do: read, mail, queue, settings or all; may be repeated',
      (value: string, before: string[]) => [...before, value],
      [],
    )
    .option('--mailbox <name>', 'no more than the owner of this mailbox may do')
    .option('--expires <when>', 'when it ends, such as 90d or 2030-01-31')
  verb(noun, 'list', {
    about: 'list the tokens with their last use',
    does: 'token.list',
    example: 'token list',
    ask: () => ({}),
    show: rows(
      ['label', 'scopes', 'mailbox', 'createdBy', 'createdAt', 'expiresAt', 'lastUsedAt', 'lastUsedFrom'],
      'There is none',
    ),
  })
  verb(noun, 'remove <label>', {
    about: 'take a token back',
    does: 'token.remove',
    example: 'token remove monitoring',
    ask: ([label]) => ({ label }),
    show: shown,
  })
}

const showAudit: Show = ({ rows, next }: z.infer<typeof auditAnswer>) => {
  const columns = ['at', 'actor', 'via', 'from', 'operation', 'outcome', 'parameters']
  const older = next === null ? '' : `\nOlder ones: --after ${next}`
  return table(rows, columns, 'Nothing was changed yet') + older
}

export function addAudit(program: Command): void {
  verb(program, 'audit', {
    about: 'who changed what, from where, and how it ended, newest first',
    does: 'audit',
    example: 'audit --actor ann --limit 20',
    ask: (_args, o) =>
      defined({
        actor: o['actor'],
        after: o['after'],
        limit: count(o['limit']),
      } satisfies Record<keyof z.infer<typeof auditRequest>, unknown>),
    show: showAudit,
  })
    .option('--actor <name>', 'of one administrator, or of "mailbox ann", "token monitoring", "command line"')
    .option('--limit <count>', 'how many, 100 unless told')
    .option('--after <number>', 'goes on behind the last one seen')
}
