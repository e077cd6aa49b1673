// What the panels of the tutorial show: four stations on a line, where the envelope is, and a card with what is said or done.
// Pure data; the words that are not on the wire stand in texts/tutorial.ts under the names given here.
import type { tutorialSteps } from '../../../../src/operations/tutorial-steps.ts'
import type { CardWord } from '../../texts/tutorial.ts'

export type Step = (typeof tutorialSteps)[number]
export type Mark = 'off' | 'now' | 'ok' | 'wait' | 'problem'
/** `word`: a text of the page, `wire`: the exact words of a protocol, `mailbox`: an address there, `press`: a button. */
export type Line =
  | { readonly word: CardWord; readonly bold?: true }
  | { readonly wire: string; readonly tone?: 'ok' | 'wait' | 'problem' }
  | { readonly press: CardWord }
export type Frame = {
  readonly marks: readonly [Mark, Mark, Mark, Mark]
  /** A station, or between two of them; null: it is nowhere. */
  readonly envelope: number | null
  /** How far the line is travelled. */
  readonly line: number
  readonly card: readonly Line[]
  /** How much of the conversation has been said when the frame ends. */
  readonly said: number
}
export type Station = { readonly word: CardWord } | { readonly name: string } | 'mailbox'
/** The first frame waits for the person who plays; the others follow by themselves. */
export type Panel = {
  readonly step: Step
  readonly stations: readonly [Station, Station, Station, Station]
  readonly frames: readonly Frame[]
}

const marks = (text: string): Frame['marks'] => text.split(' ').map((one) => one as Mark) as unknown as Frame['marks'] // four of them, written below
const frame = (
  words: string,
  rest: { envelope?: number; line?: number; said?: number },
  ...card: readonly Line[]
): Frame => ({ marks: marks(words), envelope: null, line: 0, said: 0, ...rest, card })
const wire = (text: string, tone?: 'ok' | 'wait' | 'problem'): Line => ({ wire: text, ...(tone && { tone }) })

const inbound: Panel['stations'] = [{ name: 'school.test' }, { name: 'Mail Server' }, 'mailbox', { word: 'phone' }]
const outbound: Panel['stations'] = ['mailbox', { word: 'queue' }, { name: 'Mail Relay' }, { name: 'harbour.test' }]

export const panels: readonly Panel[] = [
  {
    step: 'world',
    stations: inbound,
    frames: [
      frame('off off off off', {}, { word: 'world', bold: true }, { word: 'servers' }, { press: 'start' }),
      frame('now off off off', { said: 1 }, { word: 'world', bold: true }, { word: 'ready' }),
      frame('off off off off', { said: 1 }, { word: 'world', bold: true }, { word: 'ready' }),
    ],
  },
  {
    step: 'mailbox',
    stations: inbound,
    frames: [
      frame('off off now off', {}, { word: 'nameOf' }, { press: 'create' }),
      frame('off off ok off', { said: 1 }, { word: 'nameOf' }, { word: 'made' }),
    ],
  },
  {
    step: 'incoming',
    stations: inbound,
    frames: [
      frame('now off off off', { envelope: 0 }, { word: 'letter' }, { press: 'sendMe' }),
      frame(
        'ok now off off',
        { envelope: 1, line: 1, said: 0.55 },
        wire('RCPT TO:<ada@home.test>'),
        wire('250 2.1.5 Recipient accepted', 'ok'),
      ),
      frame(
        'ok now off off',
        { envelope: 1, line: 1, said: 1 },
        wire('DATA … and a line with a single dot'),
        wire('250 2.0.0 Stored', 'ok'),
      ),
      frame('ok ok ok off', { envelope: 2, line: 2, said: 1 }, wire('250 2.0.0 Stored', 'ok'), { word: 'safe' }),
    ],
  },
  {
    step: 'refused',
    stations: [{ name: 'school.test' }, { name: 'Mail Server' }, { word: 'nobody' }, { word: 'phone' }],
    frames: [
      frame('now off off off', { envelope: 0 }, { word: 'wrongName' }, { press: 'tryIt' }),
      frame('ok now off off', { envelope: 1, line: 1, said: 0.8 }, wire('RCPT TO:<nobdy@home.test>')),
      frame(
        'ok problem off off',
        { envelope: 1, line: 1, said: 1 },
        wire('RCPT TO:<nobdy@home.test>'),
        wire('550 5.1.1 There is no mailbox …', 'problem'),
      ),
      frame(
        'wait problem off off',
        { envelope: 0.4, line: 1, said: 1 },
        wire('550 5.1.1 There is no mailbox …', 'problem'),
        { word: 'goesHome' },
      ),
    ],
  },
  {
    step: 'reading',
    stations: inbound,
    frames: [
      frame('ok ok ok off', { envelope: 2, line: 2 }, { word: 'allowPop3' }, { word: 'password' }, { press: 'save' }),
      frame('ok ok ok now', { envelope: 2, line: 2, said: 0.4 }, wire('USER ada'), wire('+OK 1 messages', 'ok')),
      frame('ok ok ok now', { envelope: 3, line: 3, said: 1 }, wire('RETR 1'), wire('+OK 457 octets', 'ok')),
      frame('ok ok ok ok', { envelope: 3, line: 3, said: 1 }, { word: 'letter', bold: true }, { word: 'letterText' }),
    ],
  },
  {
    step: 'sending',
    stations: outbound,
    frames: [
      frame('now off off off', { envelope: 0 }, { word: 'answerTo' }, { word: 'answer' }, { press: 'send' }),
      frame(
        'ok now off off',
        { envelope: 1, line: 1, said: 1 },
        { word: 'answer', bold: true },
        { word: 'queuedUndo' },
      ),
    ],
  },
  {
    step: 'later',
    stations: outbound,
    frames: [
      frame('ok now off off', { envelope: 1, line: 1 }, { word: 'goesOut' }, { press: 'goOn' }),
      frame('ok ok ok now', { envelope: 2.6, line: 3, said: 0.2 }, wire('RCPT TO:<grace@harbour.test>')),
      frame('ok wait ok wait', { envelope: 1, line: 2, said: 0.3 }, wire('451 4.7.1 Greylisted, come again', 'wait'), {
        word: 'nextTry',
      }),
      frame(
        'ok ok ok now',
        { envelope: 2.6, line: 3, said: 0.6 },
        { word: 'secondTry' },
        wire('250 2.1.5 Ok, that is ours', 'ok'),
      ),
      frame('ok ok ok ok', { envelope: 3, line: 3, said: 1 }, { word: 'secondTry' }, wire('250 2.0.0 Stored', 'ok')),
    ],
  },
  {
    step: 'another-way',
    stations: [{ word: 'queue' }, { name: 'Mail Relay' }, { word: 'alternate' }, { name: 'quay.test' }],
    frames: [
      frame('now off off off', { envelope: 0 }, { word: 'routeMx' }, { word: 'routeAlternateOff' }, { press: 'tick' }),
      frame('ok now off problem', { envelope: 1, line: 1 }, { word: 'routeMxFails' }, { word: 'routeAlternate' }),
      frame(
        'ok ok now off',
        { envelope: 2, line: 2, said: 0.7 },
        { word: 'routeMxFails' },
        wire('250 2.1.5 Ok, that is ours', 'ok'),
      ),
      frame('ok ok ok ok', { envelope: 3, line: 3, said: 1 }, { word: 'routeMxFails' }, wire('250 2.0.0 Stored', 'ok')),
    ],
  },
  {
    step: 'collecting',
    stations: [{ word: 'oldBox' }, { name: 'POP3 Client' }, 'mailbox', { word: 'phone' }],
    frames: [
      frame('now off off off', { envelope: 0 }, { word: 'threeThere' }, { word: 'leave' }, { press: 'deleteOne' }),
      frame('now now off off', { line: 1, said: 0.35 }, { word: 'threeThere' }, wire('TOP 2 0')),
      frame(
        'now now off off',
        { line: 1, said: 0.6 },
        wire('DELE 2'),
        wire('+OK deleted at the end of this session', 'ok'),
        { word: 'unread' },
      ),
      frame('now ok now off', { envelope: 1.5, line: 2, said: 0.95 }, wire('RETR 1 … RETR 2'), { word: 'twoCome' }),
      frame('ok ok ok off', { envelope: 2, line: 2, said: 1 }, { word: 'twoHere', bold: true }, { word: 'stayThere' }),
    ],
  },
  {
    step: 'trace',
    stations: outbound,
    frames: [
      frame('off off off off', {}, { word: 'whereIs' }, { press: 'look' }),
      frame('ok ok ok ok', { envelope: 3, line: 3, said: 1 }, { word: 'storyTold' }),
    ],
  },
]

/** How long a frame stands, and how long a panel is read before it goes on by itself, at usual speed. */
export const frameMs = 2_200
export const readMs = 4_000
export const speeds = [0.5, 1, 2, 4] as const

/** How long it all takes at usual speed. */
export const wholeMs = panels.reduce((sum, { frames }) => sum + readMs + frames.length * frameMs, 0)
