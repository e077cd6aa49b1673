// The command line's noun for who may send mail to other servers through this one.
import type { Command } from 'commander'
import { instant } from './program.ts'
import { answered, defined, rows, shown, verb, type Options } from './verb.ts'

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
  verb(noun, 'set <id>', {
    about: 'change an entry; what is not named stays',
    does: 'access.set',
    example: "access set 3 --note 'the new printer'",
    ask: ([id], o) =>
      defined({
        id: Number(id),
        pattern: o['pattern'],
        action: o['deny'] ? 'deny' : o['allow'] ? 'allow' : undefined,
        note: o['note'],
        expiresAt: o['expires'] === 'never' ? null : instant(o['expires']),
        senders: o['sender'] === false ? [] : o['sender'],
        everyone: o['yesEveryone'],
      }),
    show: shown,
  })
    .option('--pattern <pattern>', 'another pattern')
    .option('--allow', 'allow what it matches')
    .option('--deny', 'refuse what it matches')
    .option('--note <text>', 'what this is')
    .option('--expires <when>', 'until then; never: for good')
    .option('--sender <address...>', 'only these sender addresses or @domains')
    .option('--no-sender', 'any sender address')
    .option('--yes-everyone', 'I know that this pattern lets everyone send')
    .hook('preAction', (_this, command) => {
      if (command.getOptionValueSource('sender') !== 'cli') command.setOptionValue('sender', undefined)
    })
  verb(noun, 'move <id> <place>', {
    about: 'move an entry to another place, counted from 1; the first that matches decides',
    does: 'access.move',
    example: 'access move 3 1',
    ask: ([id, place]) => ({ id: Number(id), place: Number(place) }),
    show: shown,
  })
  verb(noun, 'meaning <pattern>', {
    about: 'tell what a pattern means, or what was probably meant',
    does: 'access.meaning',
    example: "access meaning '192.168.*'",
    ask: ([pattern]) => ({ pattern }),
    show: shown,
  })
  verb(noun, 'openness', {
    about: 'tell whether strangers could send through this server',
    does: 'access.openness',
    example: 'access openness',
    ask: () => ({}),
    show: shown,
  })
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
    ask: ([address, name], o) => defined({ address, name, sender: o['sender'] }),
    show: answered,
  }).option('--sender <address>', 'as if it sent under this address')
}
