// A message of the scripted POP3 server as it goes over the line: whole, or its top. Used by pop3-remote.ts. RFC 1939 §3
import type { RemoteMessage } from './pop3-remote.ts'

const stuffed = (octets: string): string => {
  const ended = octets.endsWith('\r\n') || octets === '' ? octets : `${octets}\r\n`
  return ended.replace(/(^|\r\n)\./g, '$1..')
}
/** Made once: some tests fetch thousands. */
const wireForms = new WeakMap<RemoteMessage, string>()
export function wireForm(message: RemoteMessage): string {
  let form = wireForms.get(message)
  if (form === undefined) {
    form = `+OK ${message.octets.length} octets\r\n${stuffed(message.octets)}.\r\n`
    wireForms.set(message, form)
  }
  return form
}

/** What LIST says. */
export const sizeOf = (message: RemoteMessage): number => message.sizeBytes ?? message.octets.length

/** The header section and so many lines. */
export const topForm = (message: RemoteMessage, lines: number): string =>
  `+OK\r\n${stuffed(topOf(message, lines))}.\r\n`

function topOf({ octets }: RemoteMessage, lines: number): string {
  const end = octets.startsWith('\r\n') ? 0 : octets.indexOf('\r\n\r\n') + 2
  const [head, body] = [octets.slice(0, end), octets.slice(end + 2)]
  return end === 1 ? octets : `${head}\r\n${body.split('\r\n', lines).map((line) => `${line}\r\n`).join('')}` // prettier-ignore
}
