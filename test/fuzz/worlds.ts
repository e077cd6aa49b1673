// Scripted worlds in which sessions run without sockets, and what must hold there: no session throws, and each command
// gets exactly one reply.
import assert from 'node:assert/strict'
import { defaultSettings } from '#/config/settings.ts'
import { Maildrop, rememberListings } from '#/mailboxes/maildrop.ts'
import { factsOf, newState, smtpSession } from '#/mail-server/session.ts'
import type { Effect as SmtpEffect } from '#/mail-server/state.ts'
import { reply } from '#/message/reply.ts'
import { pop3Session } from '#/pop3-server/session.ts'
import type { Effect as Pop3Effect, State as Pop3State } from '#/pop3-server/state.ts'
import type { MailboxRow, Store } from '#/storage/store.ts'
import { DotReader } from '#/wire/dots.ts'
import { LineReader } from '#/wire/lines.ts'
import type { Line } from '#/wire/session.ts'
import { clock } from '#/world/node/clock.ts'

const mailbox = { id: 1, name: 'ann' } as MailboxRow // sessions look at no more
const keys = { iterations: 4096, salt: Buffer.alloc(16), storedKey: Buffer.alloc(32), serverKey: Buffer.alloc(32) }
const login = (password: string): unknown =>
  password === 'secret' ? { ok: true, mailbox, app: null } : { ok: false, why: password === 'busy' ? 'busy' : 'wrong' }
const bug = (): never => {
  throw new Error('a bug')
}

/** The client's octets: lines, and bodies between them. */
class Client {
  readonly #lines = new LineReader()
  readonly hurries: boolean // or waits for each reply: an exclamation mark at the end of the script tells

  constructor(octets: Buffer) {
    this.#lines.push(octets)
    this.hurries = octets.at(-1) === 33
  }

  line(bytesMax: number): Line {
    return this.#lines.next(bytesMax) ?? { is: 'closed' }
  }

  body(): 'done' | 'closed' {
    const reader = new DotReader()
    const rest = this.#lines.take()
    if (!rest) return 'closed'
    const taken = reader.push(rest, () => undefined)
    this.#lines.push(rest.subarray(taken))
    return reader.done ? 'done' : 'closed'
  }
}

function smtpAnswer(effect: SmtpEffect, client: Client): unknown {
  switch (effect.do) {
    case 'readLine':
      return client.line(effect.lineBytesMax)
    case 'talksEarly':
      return client.hurries
    case 'judgeSender':
      return effect.envelope.from?.local === 'broken' ? bug() : reply(250, '2.1.0', 'Fine')
    case 'judgeRecipient':
      if (effect.recipient.address.local === 'broken') return bug()
      return effect.recipient.address.local === 'no'
        ? { accept: false, reply: reply(550, '5.1.1', 'No') }
        : {
            accept: true,
            reply: reply(250, '2.1.5', 'Fine'),
            route: { mailboxes: [1], outside: [], allowedBy: 'local' },
          }
    case 'receive':
      if (effect.envelope.from?.local === 'full') return bug()
      return client.body() === 'done' ? { is: 'done', reply: reply(250, '2.0.0', 'Stored') } : { is: 'closed' }
    case 'login':
      return login(effect.password)
    case 'scram':
      return { keys, mailbox: null, nonce: 'nonce' }
    case 'loginDelay':
      return 0
    case 'startTls':
      return true
    case 'tlsFacts':
      return { version: 'TLSv1.3', cipher: 'x', servername: null }
    case 'write':
    case 'stream':
    case 'pause':
    case 'close':
    case 'noteScram':
    case 'refused':
    case 'unexpected':
      return undefined
  }
}

const oneSmtpReply = /^(?:(\d{3})-[^\r\n]*\r\n(?:\1-[^\r\n]*\r\n)*)?\d{3} [^\r\n]*\r\n$/

export function smtpTarget(input: Buffer): void {
  const settings = { ...defaultSettings, mailServer: { ...defaultSettings.mailServer, hardErrorsMax: 40 } }
  const identity = { fingerprint: '' }
  const facts = factsOf({ hostname: 'mx.example.org', identity, settingsNow: () => settings })
  const address = '127.0.0.1'
  const who = {
    address,
    listener: 'smtp',
    ehlo: null,
    protocol: 'SMTP',
    tls: null,
    user: null,
    userName: null,
  } as const
  const session = smtpSession(newState(facts, who))
  const client = new Client(input)
  let writes: string[] = []
  let asked: Line = { is: 'line', text: '' } // the banner is the reply to coming
  let last: unknown
  const settle = (over: boolean): void => {
    for (const text of writes) assert.match(text, oneSmtpReply)
    const bodies = writes.filter((text) => text.startsWith('354')).length
    if (asked.is === 'closed') assert.equal(writes.length, 0)
    else if (!over) assert.equal(writes.length, bodies === 1 && writes.length === 2 ? 2 : 1, writes.join(''))
    else assert.ok(writes.length <= 2 + bodies, writes.join(''))
    writes = []
  }
  for (let step = session.next(); !step.done;) {
    const effect = step.value
    if (effect.do === 'close') break
    if (effect.do === 'readLine' && !(asked.is === 'line' && asked.text.toUpperCase().startsWith('STARTTLS')))
      settle(false)
    else if (effect.do === 'readLine') writes = []
    if (effect.do === 'write') writes.push(effect.text)
    try {
      last = smtpAnswer(effect, client)
    } catch (error) {
      step = session.throw(error)
      continue
    }
    if (effect.do === 'readLine') asked = last as Line // what Client answers
    step = session.next(last)
  }
  settle(true)
}

const message = Buffer.from('Subject: x\r\n\r\n..dot\r\nlast\r\n.\r\n')
const replyLine = `+OK ${message.length - 4} octets\r\n`
const laidOut = Buffer.concat([Buffer.from(replyLine), message])
const count = 5
/** Five messages: the fourth is gone, the fifth damaged. */
const drop = {
  lockMaildrop: () => Promise.resolve(true),
  unlockMaildrop: () => Promise.resolve(),
  removeEntries: () => Promise.resolve(),
  list: () =>
    Promise.resolve({
      mailbox: 1,
      uidValidity: 1,
      changeNumber: 1,
      uids: Uint32Array.from({ length: count }, (_, i) => i + 1),
      sizes: new Float64Array(count).fill(message.length - 4),
      uidls: new Map([[2, 'imported']]),
    }),
  readStuffed: (_mailbox: number, uids: Uint32Array) =>
    Promise.resolve({
      octets: Buffer.concat(Array.from(uids, () => laidOut)),
      starts: Float64Array.from(uids, (_, i) => i * laidOut.length + replyLine.length),
      ends: Float64Array.from(uids, (_, i) => (i + 1) * laidOut.length),
      status: Uint8Array.from(uids, (uid) => Math.max(0, uid - 3)),
    }),
} as unknown as Store // what a maildrop asks for

async function pop3Answer(effect: Pop3Effect, client: Client): Promise<unknown> {
  switch (effect.do) {
    case 'readLine':
      return client.line(effect.lineBytesMax)
    case 'login':
      return login(effect.password)
    case 'scramKeys':
      return { keys, mailbox: null, nonce: 'nonce' }
    case 'loginDelay':
      return 0
    case 'open':
      return new Maildrop(
        { store: drop, clock, listings: rememberListings() },
        { mailbox: 1, holder: 'x', until: Number.MAX_SAFE_INTEGER },
        { messages: count, bytes: 5 * message.length, changeNumber: 1, uidValidity: 1, uidNext: count + 1 },
      )
    case 'wait':
      return await (effect.for as Promise<unknown>)
    case 'waiting':
      return client.hurries
    case 'startTls':
      return true
    case 'write':
    case 'stream':
    case 'pause':
    case 'close':
    case 'talksEarly':
    case 'noteScram':
    case 'commit':
    case 'report':
      return undefined
  }
}

/** One line, or a first line and a body that ends with the last octet. */
function assertOnePop3Reply(text: string): void {
  const end = text.indexOf('\r\n')
  assert.match(text.slice(0, end), /^(\+OK|-ERR|\+ )[^\r\n]*$/)
  const rest = Buffer.from(text.slice(end + 2), 'latin1')
  if (rest.length === 0) return
  const reader = new DotReader()
  assert.equal(
    reader.push(rest, () => undefined),
    rest.length,
  )
  assert.ok(reader.done && text.startsWith('+OK'), text)
}

export async function pop3Target(input: Buffer): Promise<void> {
  const fresh = {
    user: null,
    app: null,
    mailbox: null,
    maildrop: null,
    prefetch: null,
    errors: 0,
    retrieved: { count: 0, first: [] },
  }
  const identity = { fingerprint: '' }
  const base = {
    hostname: 'mx.example.org',
    identity,
    settings: () => defaultSettings,
    welcome: () => true,
    client: '127.0.0.1',
  }
  const state: Pop3State = { ...base, secure: false, phase: 'authorization', ...fresh }
  const session = pop3Session(state)
  const client = new Client(input)
  let text = ''
  let asked = ''
  try {
    for (let step = session.next(); !step.done;) {
      const effect = step.value
      if (effect.do === 'readLine') {
        assertOnePop3Reply(text)
        text = ''
      }
      if (effect.do === 'commit') assert.match(asked, /^QUIT/i) // PS-05
      if (effect.do === 'write') text += effect.text
      if (effect.do === 'stream') for await (const chunk of effect.chunks) text += Buffer.from(chunk).toString('latin1')
      const answer = await pop3Answer(effect, client)
      if (effect.do === 'readLine') asked = (answer as { text?: string }).text ?? '' // a line, or none
      step = session.next(answer)
    }
    if (text !== '') assertOnePop3Reply(text)
  } finally {
    await state.maildrop?.close()
  }
}
