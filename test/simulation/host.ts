// A receiver of mail somewhere: an SMTP server in one file, with moods. It keeps a ledger of the complete messages that it
// got. Called over a line. What it does wrong, it does on purpose.
import type { Dice } from './dice.ts'
import type { Far, Line } from './line.ts'
import { moodAt, type Mood, type Stage, type Weather } from './moods.ts'
import type { Time } from './time.ts'

/** A complete message for one recipient. */
export type Arrival = {
  readonly host: string
  readonly to: string
  readonly octets: string
  readonly life: Line['life']
  readonly kept: boolean // else it was dropped, or refused in the end
  readonly eightBit: boolean // the host had said that it takes 8 bits
}
export type HostOptions = {
  readonly name: string
  readonly addresses: readonly string[]
  readonly weather: Weather<Mood>
  readonly extensions: readonly string[]
  readonly recipientsMax: number
}
export type HostEvents = {
  arrived(arrival: Arrival): void
  /** Somebody was told "never": this recipient, or everybody at this host. */
  refused(what: string): void
  note(line: () => string): void
}

export class Host {
  readonly options: HostOptions
  readonly time: Time
  readonly dice: Dice
  readonly events: HostEvents
  readonly knownSince = new Map<string, number>() // recipients that were greylisted

  constructor(options: HostOptions, parts: { time: Time; dice: Dice; events: HostEvents }) {
    this.options = options
    this.time = parts.time
    this.dice = parts.dice
    this.events = parts.events
  }

  mood(): Mood {
    return moodAt(this.options.weather, this.time.now)
  }

  greet(line: Line): void {
    const talk = new Talk(this, line)
    line.far = talk
    talk.answer('greeting', `220 ${this.options.name} ESMTP`)
  }
}

const greylistMs = 6 * 60_000

class Talk implements Far {
  readonly #host: Host
  readonly #line: Line
  #input = Buffer.alloc(0)
  #over = false
  #to: string[] = []
  #hasSender = false
  #inBody = false
  #eightBit = false
  #secure = false

  constructor(host: Host, line: Line) {
    this.#host = host
    this.#line = line
  }

  gone = (): void => void (this.#over = true)

  tls(): boolean {
    this.#secure = this.#host.mood().is !== 'tls-broken'
    return this.#secure
  }

  hear(octets: Buffer): void {
    this.#input = Buffer.concat([this.#input, octets])
    while (!this.#over) {
      const end = this.#inBody ? bodyEnd(this.#input) : this.#input.indexOf('\r\n')
      if (end < 0) return
      const heard = this.#input.subarray(0, end).toString('latin1')
      this.#input = this.#input.subarray(end + (this.#inBody ? 3 : 2)) // a body ends in CRLF of its own
      if (this.#inBody) this.#body(heard)
      else this.#command(heard)
    }
  }

  /** The honest answer, unless the mood has another one. Returns whether it was given. */
  answer(stage: Stage, honest: string): boolean {
    const mood = this.#host.mood()
    if ('at' in mood && mood.at === stage) return this.#misbehave(mood.is, stage)
    this.#say(honest)
    return true
  }

  #misbehave(is: 'mute' | 'busy' | 'rude' | 'dropping', stage: Stage): false {
    if (is === 'mute') this.#over = true
    if (is === 'busy') this.#say(`451 4.3.2 not now, at ${stage}`)
    if (is === 'rude') {
      this.#host.events.refused(stage === 'rcpt' ? this.#to.at(-1)! : this.#host.options.name)
      this.#say(`554 5.7.1 not you, at ${stage}`)
    }
    if (is === 'dropping') this.#hangUp()
    return false
  }

  #command(line: string): void {
    const verb = line.split(/[ :]/)[0]!.toUpperCase()
    this.#host.events.note(() => `${this.#host.options.name} hears ${line}`)
    switch (verb) {
      case 'EHLO':
        this.#eightBit = this.answer('ehlo', this.#extensions())
        return
      case 'HELO':
        this.#eightBit = false
        return void this.answer('ehlo', `250 ${this.#host.options.name}`)
      case 'STARTTLS':
        return this.#say('220 2.0.0 go on')
      case 'MAIL':
        this.#to = []
        this.#hasSender = this.answer('mail', '250 2.1.0 fine')
        return
      case 'RCPT':
        return this.#recipient(/<(.*?)>/.exec(line)![1]!)
      case 'DATA':
        if (this.#to.length === 0) return this.#say('554 5.5.1 nobody to send it to')
        this.#inBody = this.answer('data', '354 go on')
        return
      case 'RSET':
        this.#to = []
        this.#hasSender = false
        return this.#say('250 2.0.0 forgotten')
      case 'QUIT':
        this.#say('221 2.0.0 bye')
        return this.#hangUp()
      default:
        return this.#say('500 5.5.1 what?')
    }
  }

  #extensions(): string {
    const { name, extensions } = this.#host.options
    const words = [name, ...extensions.filter((word) => word !== 'STARTTLS' || !this.#secure)]
    return words.map((word, i) => `250${i < words.length - 1 ? '-' : ' '}${word}`).join('\r\n')
  }

  #recipient(to: string): void {
    if (!this.#hasSender) return this.#say('503 5.5.1 from whom?')
    if (this.#to.length >= this.#host.options.recipientsMax) return this.#say('452 4.5.3 too many recipients')
    const refusal = this.#refusalOf(to)
    if (refusal !== null) return this.#say(refusal)
    this.#to.push(to)
    if (!this.answer('rcpt', '250 2.1.5 fine')) this.#to.pop()
  }

  #refusalOf(to: string): string | null {
    const { knownSince, time, events } = this.#host
    if (to.startsWith('nobody')) {
      events.refused(to)
      return '550 5.1.1 there is no such user'
    }
    if (!to.startsWith('grey')) return null
    if (!knownSince.has(to)) knownSince.set(to, time.now)
    return time.now - knownSince.get(to)! < greylistMs ? '451 4.7.1 greylisted, come again' : null
  }

  #body(stuffed: string): void {
    this.#inBody = false
    const octets = stuffed.replaceAll('\r\n.', '\r\n').replace(/^\./, '')
    const mood = this.#host.mood()
    const refuses = mood.is === 'full' ? this.#host.dice.chance(mood.share) : 'at' in mood && mood.at === 'dot'
    const kept = mood.is === 'forgetful' ? mood.keeps : !refuses
    const about = { host: this.#host.options.name, octets, life: this.#line.life, kept, eightBit: this.#eightBit }
    for (const to of this.#to) this.#host.events.arrived({ ...about, to })
    this.#to = []
    if (mood.is === 'full' && refuses) return this.#say('452 4.3.1 no room for this one')
    if (mood.is !== 'forgetful') return void this.answer('dot', '250 2.0.0 kept')
    if (mood.says !== '') this.#line.fromFar(mood.says)
    this.#hangUp()
  }

  #say(text: string): void {
    const mood = this.#host.mood()
    this.#host.events.note(() => `${this.#host.options.name} says ${text.replaceAll('\r\n', ' ')}`)
    this.#line.fromFar(`${text}\r\n`, mood.is === 'slow' ? mood.thinkMs : 0)
  }

  #hangUp(): void {
    this.#over = true
    this.#line.endFar()
  }
}

/** Where the line with the lone dot begins; -1 while it has not come. */
function bodyEnd(octets: Buffer): number {
  if (octets.subarray(0, 3).toString('latin1') === '.\r\n') return 0
  const at = octets.indexOf('\r\n.\r\n')
  return at < 0 ? -1 : at + 2
}
