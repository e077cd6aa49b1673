// `netcruiser sendmail`: what programs expect of /usr/sbin/sendmail. Reads a message from standard input and queues it.
// Its options are old and not those of other commands, so they are read here. SE-08
import { resolve } from 'node:path'
import { OperationError } from '#/operations/errors.ts'
import type { Sent } from '#/operations/send.ts'
import { call } from './call.ts'
import { readBounded, sentence, userName } from './send.ts'
import { visible } from './print.ts'

/** sysexits.h, which programs look at. */
const exit = { ok: 0, usage: 64, data: 65, noUser: 67, again: 75 } as const

type Asked = {
  readonly folder: string
  readonly from: string | undefined
  readonly fromHeader: boolean
  readonly dotEnds: boolean
  readonly recipients: readonly string[]
}

export async function sendmail(argv: readonly string[]): Promise<number> {
  try {
    const asked = parseSendmail(argv, process.env['NETCRUISER_DATA'] ?? 'data')
    if ('problem' in asked) return told(asked.problem, exit.usage)
    const message = readBounded(0)
    const parameters = {
      base64: (asked.dotEnds ? untilDot(message) : message).toString('base64'),
      defaultFrom: userName(),
      ...(asked.from !== undefined && { from: asked.from }),
      recipients: asked.recipients,
      fromHeader: asked.fromHeader,
    }
    const sent = (await call(resolve(asked.folder), { name: 'send.raw', parameters })) as Sent // its own shape
    return sent.refused.length === 0 ? exit.ok : told(sentence(sent), exit.noUser)
  } catch (error) {
    return told(error instanceof Error ? error.message : String(error), isTheirs(error) ? exit.data : exit.again)
  }
}

const isTheirs = (error: unknown): boolean => error instanceof OperationError

function told(problem: string, code: number): number {
  process.stderr.write(`sendmail: ${visible(problem)}\n`)
  return code
}

/** Options with a value, which may stand in the same word: `-fann@example.org`. */
const valued = new Set('fFrBCDNOVRXLhMp'.split(''))
/** Modes of other programs: an inbound session, a queue run, the alias table. */
const otherMode = /^-(?:b[^m]|q|I)/

export function parseSendmail(argv: readonly string[], folder: string): Asked | { readonly problem: string } {
  const asked = { folder, from: undefined as string | undefined, fromHeader: false, dotEnds: true }
  const words = [...argv]
  const recipients: string[] = []
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '--') {
      recipients.push(...words)
      break
    }
    if (word === '--data') asked.folder = words.shift() ?? folder
    else if (!word.startsWith('-')) recipients.push(word)
    else if (otherMode.test(word)) return { problem: `${word} is not what this program does` }
    else if (word === '-i' || word === '-oi') asked.dotEnds = false
    else if (word === '-t' || word === '-ti' || word === '-it') {
      asked.fromHeader = true
      asked.dotEnds &&= word === '-t'
    } else if (valued.has(word[1] ?? '')) {
      const value = word.length > 2 ? word.slice(2) : (words.shift() ?? '')
      if (word[1] === 'f' || word[1] === 'r') asked.from = value
    } // all else only says how, which is our matter
  }
  if (recipients.length === 0 && !asked.fromHeader) return { problem: 'name recipients, or use -t' }
  return { ...asked, recipients }
}

/** Without -i a line of one dot ends the message. */
function untilDot(message: Buffer): Buffer {
  const text = message.toString('latin1')
  const end = /(?:^|\n)\.\r?(?:\n|$)/.exec(text)
  return end ? message.subarray(0, text[end.index] === '\n' ? end.index + 1 : 0) : message
}
