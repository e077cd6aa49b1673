// The remote accounts of the collector's torture, each with the box that it collects, and the world that has them.
import { Box } from './remote.ts'

export type Account = {
  readonly box: Box
  readonly rule: string
  /** Of so many that came, when all is done. */
  readonly stays: (came: number) => number
  /** Messages of more than 1 KiB are fetched and deleted by hand, and a run comes only when it is asked for. */
  readonly byHand: boolean
}
const none = (): number => 0
const all = (came: number): number => came

export function accountsOf(kind: string): Account[] {
  const made = (name: string, arrivalsMax: number, rule: string): Omit<Account, 'stays'> => ({
    box: new Box(`${kind}-${name}`, arrivalsMax),
    rule,
    byHand: name === 'hand',
  })
  return [
    { ...made('delete', 48, 'leave = false'), stays: none },
    { ...made('leave', 2, ''), stays: all },
    { ...made('newest', 16, 'keepNewest = 50'), stays: (came) => Math.min(50, came) },
    { ...made('days', 16, 'deleteAfterDays = 0'), stays: none },
    { ...made('hand', 12, 'leave = false\nsizeBytesMax = 1024\npaused = true'), stays: none },
  ]
}

export const collectHead = `[settings.server]
hostname = "mx.example.org"
[[mailbox]]
name = "ann"
password = "secret"
pop3 = true
`
export const collectEntry = ({ box: { name }, rule }: Account, port: number): string => `
[[collect]]
name = "${name}"
mailbox = "ann"
host = "127.0.0.1"
port = ${port}
tls = "none"
plainAuthAllowed = true
privateAllowed = true
user = "${name}"
password = "secret"
intervalMs = 60000
first = "everything"
${rule}
`
