// A pretend POP3 server of somebody else with one mailbox in it. What is deleted goes at QUIT. RFC 1939 §3 to §7
import type { Talk } from './talk.ts'

export type BoxOptions = {
  readonly user: string
  readonly password: string
  readonly letters: ReadonlyMap<string, readonly string[]>
}
type Message = { readonly uid: string; readonly lines: readonly string[] }

const octetsOf = ({ lines }: Message): number => lines.reduce((sum, line) => sum + line.length + 2, 0)
const stuffed = (lines: readonly string[]): string[] => lines.map((line) => (line.startsWith('.') ? `.${line}` : line))
const no = ['-ERR not here'] as const

/** What it says to one client at a time. */
export function pretendBox({ user, password, letters }: BoxOptions): (talk: Talk) => Promise<void> {
  let messages: readonly Message[] = [...letters].map(([uid, lines]) => ({ uid, lines }))
  return async (talk) => {
    const session = new Session(messages, { user, password })
    await talk.say('+OK old.test is ready')
    for (let line = await talk.line(); line !== null; line = await talk.line()) {
      const [verb = '', ...args] = line.split(' ')
      await talk.say(...session.answer(verb.toUpperCase(), args))
      if (verb.toUpperCase() !== 'QUIT') continue
      messages = session.left()
      return
    }
  }
}

class Session {
  readonly #messages: readonly Message[]
  readonly #account: Pick<BoxOptions, 'user' | 'password'>
  readonly #deleted = new Set<Message>()
  #open = false

  constructor(messages: readonly Message[], account: Pick<BoxOptions, 'user' | 'password'>) {
    this.#messages = messages
    this.#account = account
  }

  left = (): readonly Message[] => this.#messages.filter((message) => !this.#deleted.has(message))

  answer(verb: string, args: readonly string[]): readonly string[] {
    if (verb === 'CAPA') return ['+OK', 'USER', 'UIDL', 'TOP', '.']
    if (verb === 'QUIT') return ['+OK goodbye']
    if (verb === 'USER') return [args[0] === this.#account.user ? '+OK' : '-ERR nobody of this name']
    if (verb === 'PASS') return this.#enter(args.join(' '))
    return this.#open ? this.#transaction(verb, args) : no
  }

  #enter(password: string): readonly string[] {
    this.#open = password === this.#account.password
    return [this.#open ? `+OK ${this.#messages.length} messages` : '-ERR [AUTH] wrong password']
  }

  #transaction(verb: string, [number = '', count = '0']: readonly string[]): readonly string[] {
    const left = this.left()
    if (verb === 'NOOP') return ['+OK']
    if (verb === 'STAT') return [`+OK ${left.length} ${left.reduce((sum, one) => sum + octetsOf(one), 0)}`]
    if (verb === 'LIST') return this.#listed(octetsOf)
    if (verb === 'UIDL') return this.#listed(({ uid }) => uid)
    const message = this.#messages[Number(number) - 1]
    if (message === undefined || this.#deleted.has(message)) return ['-ERR no such message']
    if (verb === 'RETR') return [`+OK ${octetsOf(message)} octets`, ...stuffed(message.lines), '.']
    if (verb === 'TOP') return ['+OK', ...stuffed(top(message.lines, Number(count))), '.']
    if (verb !== 'DELE') return no
    this.#deleted.add(message)
    return ['+OK deleted at the end of this session']
  }

  #listed(what: (message: Message) => number | string): readonly string[] {
    const rows = this.#messages.flatMap((message, i) =>
      this.#deleted.has(message) ? [] : [`${i + 1} ${what(message)}`],
    )
    return ['+OK', ...rows, '.']
  }
}

/** The header section, the empty line and so many lines more. */
const top = (lines: readonly string[], count: number): readonly string[] =>
  lines.slice(0, lines.indexOf('') + 1 + count)
