// `netcruiser send`: a message written from its pieces, or one that is written already, queued from the command line.
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { basename } from 'node:path'
import type { Command } from 'commander'
import { OperationError } from '#/operations/errors.ts'
import type { Sent } from '#/operations/send.ts'
import { addSending } from './drafts.ts'
import { nearTime, visible } from './print.ts'
import { moment } from './times.ts'
import { defined, verb, type Options, type Show } from './verb.ts'

const fileBytesMax = 45_000_000 // as base64 it still goes through the control socket; the server has its own limit

export function addSend(program: Command): void {
  const repeated = (value: string, all: string[] = []): string[] => [...all, value]
  const send = verb(program, 'send', {
    about: 'send a message: it is queued, and then delivered',
    does: 'send',
    example: "send --from ann@example.org --to bob@example.com --subject Hello --text 'See you at five'",
    ask: sendParameters,
    show: showSent,
  })
    .option('--from <address>', 'the sender, also as "Ann <ann@example.org>"; left out: the name of the user here')
    .option('--to <address>', 'a recipient; may be repeated', repeated)
    .option('--cc <address>', 'gets a copy; may be repeated', repeated)
    .option('--bcc <address>', 'gets a copy, and no other recipient sees it; may be repeated', repeated)
    .option('--subject <text>', 'the subject')
    .option('--text <text>', 'the text; without it and --text-file standard input is read')
    .option('--text-file <file>', 'the text from a file')
    .option('--attach <file>', 'a file to go with it; may be repeated', repeated)
    .option('--at <time>', 'not before then: 17:30, 30m, 2030-01-31T18:00')
    .option('--undo-seconds <count>', 'wait so long, in which send cancel KEY takes it back')
    .enablePositionalOptions()
  addRaw(send)
  addSending(send)
  verb(send, 'cancel <key>', {
    about: 'take a message back, as long as its delivery has not begun',
    does: 'send.cancel',
    example: 'send cancel 01m3kq8x2c5f0a9b7d4e6g8h1j',
    ask: ([message]) => ({ message }),
    show: ({ recipients: n }: { recipients: number }) => `Taken back for ${n} recipient${n === 1 ? '' : 's'}.`,
  })
}

function addRaw(send: Command): void {
  verb(send, 'raw <file>', {
    about: 'send a message that is written already, to those in its To, Cc and Bcc; - is standard input',
    does: 'send.raw',
    example: 'send raw message.eml',
    ask: ([file], o) =>
      defined({
        base64: readBounded(file === '-' ? 0 : file!).toString('base64'),
        defaultFrom: userName(),
        from: o['from'],
        recipients: o['to'],
        fromHeader: o['to'] === undefined,
        ...timing(o),
      }),
    show: showSent,
  })
    .option('--from <address>', 'the sender of the envelope; <>: nobody hears of a failure')
    .option('--to <address...>', 'to these, whatever the header says')
    .option('--at <time>', 'not before then')
    .option('--undo-seconds <count>', 'wait so long, in which send cancel KEY takes it back')
}

function sendParameters(_args: string[], o: Options): Options {
  const attached = (o['attach'] as string[] | undefined) ?? []
  return defined({
    from: o['from'] ?? userName(),
    to: o['to'],
    cc: o['cc'],
    bcc: o['bcc'],
    subject: o['subject'],
    text: o['text'] ?? readBounded(typeof o['textFile'] === 'string' ? o['textFile'] : 0).toString('utf8'),
    attachments: attached.map((file) => ({
      name: basename(file),
      type: 'application/octet-stream',
      base64: readBounded(file).toString('base64'),
    })),
    ...timing(o),
  })
}

export const userName = (): string => userInfo().username

function timing(o: Options): Options {
  const seconds = o['undoSeconds']
  return {
    at: typeof o['at'] === 'string' ? moment(o['at']) : undefined,
    undoMs: seconds === undefined ? undefined : Math.round(Number(seconds) * 1000),
  }
}

/** A file, or standard input. The size is looked at before it is read: SE-06. */
export function readBounded(file: string | 0): Buffer {
  const opened = file === 0 ? 0 : openSync(file, 'r')
  try {
    if (fstatSync(opened).size > fileBytesMax) throw new OperationError(`${file || 'The message'} is too large`)
    return readFileSync(opened)
  } finally {
    if (file !== 0) closeSync(opened)
  }
}

const showSent: Show = (sent: Sent) => {
  if (sent.refused.length > 0) process.exitCode = 1
  return visible(sentence(sent))
}

export function sentence({ key, laterAt, refused }: Sent): string {
  if (refused.length > 0)
    return ['Nothing was sent:', ...refused.map(({ to, because }) => `  ${to}: ${because}`)].join('\n')
  if (key === null) return 'Nobody gets it: mail for these addresses is thrown away here'
  const when = laterAt === null ? '' : `, to be sent ${nearTime(laterAt)}; netcruiser send cancel ${key} takes it back`
  return `queued as ${key}; see netcruiser trace ${key}${when}`
}
