// What went wrong with a remote server, told apart and put into words for people. Pure; used by session.ts, its parts and
// dial.ts. The server's own words are quoted readable, short and without our secrets. PC-04, PC-36
import { readable } from '#/message/printable.ts'
import type { RemoteTrouble } from './box.ts'
import { wordsCharsMax } from './limits.ts'
import type { Talk } from './session-types.ts'
import type { Heard } from './talk.ts'

type Kind = RemoteTrouble['is']

export const trouble = (is: Kind, words: string): RemoteTrouble => ({ is, words })

/** It may be granted later: it says nothing of what the server can, or of a message. PC-04 */
export const isForNow = ({ is }: RemoteTrouble): boolean => is === 'temporary' || is === 'busy' || is === 'too-soon'

/** A refusal without a code that is known is `plain`. */
export function troubleOf(
  talk: Talk,
  { at, plain = 'refused' }: { at: string; plain?: Kind },
  heard: Heard,
): RemoteTrouble {
  const { host } = talk.plan
  if (heard.is === 'closed') return trouble('lost', `${host} closed the connection at ${at}`)
  if (heard.is === 'timeout') return trouble('timeout', `${host} was silent for too long at ${at}`)
  if (heard.is !== 'refused') return trouble('garbage', `${host} gave an answer at ${at} that is no POP3`)
  const said = quote(talk, heard.text)
  return trouble(kindOf(heard.text) ?? plain, `${host} said no at ${at}${said === '' ? '' : `: ${said}`}`)
}

/** RFC 2449 §8.1, RFC 3206 §4 */
const codes: ReadonlyMap<string, Kind> = new Map([
  ['IN-USE', 'busy'],
  ['LOGIN-DELAY', 'too-soon'],
  ['SYS/TEMP', 'temporary'],
  ['SYS/PERM', 'permanent'],
  ['AUTH', 'auth'],
])

/** Null: it says no more than no. Codes may have further levels, of which we know none. RFC 2449 §8 */
export function kindOf(text: string): Kind | null {
  const levels = (/^\[([!-Z^-~]{1,100})\]/.exec(text)?.[1] ?? '').toUpperCase().split('/')
  const code = codes.get(levels.slice(0, 2).join('/')) ?? codes.get(levels[0]!)
  if (code !== undefined) return code
  return locked.test(text) ? 'busy' : null
}
/** Older servers have no code for it: RFC 1939 §7 has `maildrop already locked` and `unable to lock maildrop`. */
const locked = /\b(?:already locked|(?:unable to|cannot|could not) lock|lock busy|locked by|in use|another session)\b/i

/** Words of the server, latin1, for people: readable, short; a secret that it repeats is masked. P3C-10 */
export function quote({ secrets }: Pick<Talk, 'secrets'>, text: string): string {
  const masked = secrets.reduce((masked, secret) => masked.replaceAll(secret, '***'), text)
  return readable(masked, wordsCharsMax)
}
