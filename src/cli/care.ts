// The command line's nouns for looking and for care: settings, verify, bans, doctor.
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { Findings } from '#/operations/doctor.ts'
import type { SettingLine } from '#/operations/settings.ts'
import { settingsTable } from '#/operations/settings-table.ts'
import { addRelayTest } from './relay.ts'
import { list, table, version, visible } from './print.ts'
import { settingValue } from './times.ts'
import { defined, rows, shown, verb, type Show } from './verb.ts'

export function addSettings(program: Command): void {
  const noun = program.command('settings').description('every option, with its default').exitOverride()
  let markdown = false
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
    ask: (_args, o) => {
      markdown = o['markdown'] === true
      return {}
    },
    show: (lines: SettingLine[]) => (markdown ? settingsTable(lines) : settings(lines as never)), // its own kind
  }).option('--markdown', 'as the table of docs/guide.md: names, defaults, sentences')
  verb(noun, 'set <name> <value>', {
    about:
      'change a setting; it takes effect at once, unless its sentence says otherwise. Times in milliseconds, or as 90s, 30m, 12h, 2d',
    does: 'settings.set',
    example: 'settings set mailServer.forwarding true',
    ask: ([name, text]) => ({ name, value: settingValue(name!, text!) }),
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
    show: rows(['n', 'at', 'by', 'name', 'before', 'after'], 'Nothing was changed yet'),
  })
  verb(noun, 'undo <n>', {
    about: 'give a setting the value that it had before change n of the history',
    does: 'settings.undo',
    example: 'settings undo 1',
    ask: ([n]) => ({ n: Number(n) }),
    show: shown,
  })
  verb(noun, 'import <file>', {
    about: 'set up a whole world from a file; - is standard input',
    does: 'settings.import',
    example: 'settings import world.toml',
    ask: ([file]) => ({ text: readFileSync(file === '-' ? 0 : file!, 'utf8') }),
    show: (tallies: Record<string, object>) =>
      table(
        Object.entries(tallies).map(([what, tally]) => ({ what, ...tally })),
        ['what', 'added', 'changed', 'unchanged'],
        '',
      ),
  })
  addRelayTest(noun.command('test').description('try a setting out').exitOverride(), 'relay')
  verb(noun, 'export', {
    about: 'write the world as TOML, without passwords unless --hashes',
    does: 'settings.export',
    example: 'settings export --hashes > world.toml',
    ask: (_args, o) => defined({ hashes: o['hashes'], secrets: o['secrets'] }),
    show: (world: { text: string }) => world.text,
  })
    .option('--hashes', 'with the hashes of the passwords, so that the world can move')
    .option('--secrets', 'with the passwords and tokens for alternate mail servers, in the open')
}

export function addRest(program: Command): void {
  verb(program, 'verify', {
    about: 'read every row, content, checksum and UID',
    does: 'verify',
    example: 'verify',
    waiting: 'Reading every message',
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
  verb(program, 'doctor', {
    about: 'look at the whole: space, listeners, certificate, and what to do',
    does: 'doctor',
    example: 'doctor',
    ask: () => ({}),
    show: showFindings,
  })
}

const showFindings: Show = ({ listeners, advice, ...row }: Findings) =>
  [
    `NetCruiser Mail ${version}, Node ${process.version}`,
    list({ ...row, freeBytes: `${Math.floor(row.freeBytes / 1_000_000)} MB` }),
    ...listeners.map(
      ({ component, address, problem }) => `${component}: ${address}${problem === null ? '' : `, ${problem}`}`,
    ),
    '',
    ...(advice.length === 0 ? ['All is well.'] : ['What to do:', ...advice.map((line) => `- ${visible(line)}`)]),
  ].join('\n')
