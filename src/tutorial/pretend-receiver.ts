// A pretend SMTP server of somebody else, which takes every message and may ask each sender to come again once. RFC 5321 §3
import { retryMs } from './limits.ts'
import type { Talk } from './talk.ts'

export type ReceiverOptions = {
  readonly host: string
  /** Tells everybody to come again, the first time. */
  readonly greylists: boolean
}

const seconds = retryMs / 1000
const come = `451 4.7.1 Greylisted: we do not know you yet, come again in ${seconds} seconds`

/** What it says to one client at a time. It remembers whom it has sent away. */
export function pretendReceiver({ host, greylists }: ReceiverOptions): (talk: Talk) => Promise<void> {
  const known = new Set<string>()
  let taken = 0

  const recipient = (line: string): string => {
    if (!greylists || known.has(line)) return '250 2.1.5 Ok, that is ours'
    known.add(line)
    return come
  }
  const answers: ReadonlyMap<string, (line: string) => readonly string[]> = new Map([
    ['EHLO', () => [`250-${host} greets you`, '250-8BITMIME', '250 SIZE 10000000']],
    ['HELO', () => [`250 ${host}`]],
    ['MAIL', () => ['250 2.1.0 Ok']],
    ['RCPT', (line: string) => [recipient(line)]],
    ['RSET', () => ['250 2.0.0 Ok']],
    ['NOOP', () => ['250 2.0.0 Ok']],
  ])

  return async (talk) => {
    await talk.say(`220 ${host} ESMTP`)
    for (let line = await talk.line(); line !== null; line = await talk.line()) {
      const verb = line.slice(0, 4).toUpperCase()
      if (verb === 'QUIT') return talk.say('221 2.0.0 Goodbye')
      if (verb === 'DATA') {
        await talk.say('354 Go ahead, end with a dot')
        await talk.untilDot()
        await talk.say(`250 2.0.0 Stored as letter ${++taken}`)
      } else await talk.say(...(answers.get(verb)?.(line) ?? ['502 5.5.1 Not here']))
    }
  }
}
