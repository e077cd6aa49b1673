// What the pretend mail programs say: a server that hands a message in, a phone that reads a mailbox.
import { password, school } from './letters.ts'
import type { Talk } from './talk.ts'

/** Hands in one message, if the recipient is taken. RFC 5321 §3.3 */
export async function handIn(talk: Talk, to: string, lines: readonly string[]): Promise<void> {
  await reply(talk) // the greeting
  await ask(talk, `EHLO ${school.host}`)
  await ask(talk, `MAIL FROM:<${school.address}>`)
  const said = await ask(talk, `RCPT TO:<${to}>`)
  if (said.startsWith('2')) {
    await ask(talk, 'DATA')
    await ask(talk, ...lines.map((line) => (line.startsWith('.') ? `.${line}` : line)), '.')
  }
  await ask(talk, 'QUIT')
  talk.end()
}

async function ask(talk: Talk, ...lines: readonly string[]): Promise<string> {
  await talk.say(...lines)
  return reply(talk)
}

/** The last line of a reply. RFC 5321 §4.2.1 */
async function reply(talk: Talk): Promise<string> {
  let line = await talk.line()
  while (line?.[3] === '-') line = await talk.line()
  return line ?? ''
}

/** Reads the newest message and leaves all as it is. RFC 1939 §3 */
export async function readNewest(talk: Talk, user: string): Promise<void> {
  await talk.line() // the greeting
  for (const line of [`USER ${user}`, `PASS ${password}`]) await askPop3(talk, line)
  const [, count = ''] = (await askPop3(talk, 'STAT')).split(' ')
  if ((await askPop3(talk, `RETR ${count}`)).startsWith('+OK')) await talk.untilDot()
  await askPop3(talk, 'QUIT')
  talk.end()
}

async function askPop3(talk: Talk, line: string): Promise<string> {
  await talk.say(line)
  return (await talk.line()) ?? ''
}
