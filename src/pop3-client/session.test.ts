// Plays the client's conversations without a socket: `P:` what is different about the plan, `S:` what the server says, `C:`
// what the session must have said by then, `T:` how TLS came up, `R:` what it tells when it is signed in, `O:` orders, `A:`
// the answer to the oldest, `E:` how it ends.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ClientWireEffect, Line, WireEffect } from '#/wire/session.ts'
import type { TlsUp } from '#/world/world.ts'
import type { BoxFacts } from './box.ts'
import { plan } from './session-test-rig.ts'
import { clientSession } from './session.ts'
import type { Order, OrderAnswer, OwnEffect, Received, SessionPlan } from './session-types.ts'

const folder = join(import.meta.dirname, 'transcripts')
class Player {
  readonly plan: SessionPlan
  readonly #rows: string[]
  #said = ''
  #body = ''

  constructor(text: string) {
    this.#rows = text.split('\n').filter((row) => row !== '' && !row.startsWith('#'))
    const changes = this.#rows[0]?.startsWith('P:') ? this.#rows.shift()!.slice(3) : '{}'
    this.plan = { ...plan, ...(JSON.parse(changes) as Partial<SessionPlan>) }
  }

  #next(kind: string): string | null {
    return this.#rows[0]?.startsWith(kind) ? this.#rows.shift()!.slice(3) : null
  }

  #compare(): void {
    let wanted = ''
    for (let row = this.#next('C:'); row !== null; row = this.#next('C:')) wanted += `${row}\r\n`
    assert.equal(this.#said, wanted)
    this.#said = ''
  }

  answer(effect: OwnEffect | WireEffect | ClientWireEffect): unknown {
    switch (effect.do) {
      case 'write':
        return void (this.#said += effect.text)
      case 'readLine':
        return this.#line()
      case 'now':
        return 0
      case 'startClientTls':
        return this.#tls()
      case 'ready':
        return assert.equal(told(effect.facts), this.#next('R:'))
      case 'talksEarly':
        return false
      case 'nextOrder':
        return this.#order()
      case 'answer':
        return assert.equal(this.#worded(effect.answer), this.#next('A:'))
      case 'receive':
        return this.#receive(effect)
      case 'close':
      case 'deriveKey':
      case 'pause':
      case 'sendBody':
      case 'startTls':
      case 'stream':
        return assert.fail(`no transcript asks for ${effect.do}`)
    }
  }

  #line(): Line {
    this.#compare()
    const text = this.#next('S:')
    return text === null ? { is: 'closed' } : { is: 'line', text }
  }

  #tls(): TlsUp {
    this.#compare()
    const why = this.#next('T:')
    return { ok: true, version: 'TLSv1.3', cipher: 'x', verified: why === 'verified', why: why === 'verified' ? null : why } // prettier-ignore
  }

  #order(): Order | null {
    const row = this.#next('O:')
    if (row === null) return null
    const [verb, number] = row.split(' ')
    if (verb === 'DELE') return { verb, number: Number(number) }
    if (number === undefined) return { verb } as Order // what the transcripts hold
    const write = (octets: Uint8Array): undefined => void (this.#body += Buffer.from(octets).toString('latin1'))
    return { verb, number: Number(number), sink: { write }, bytesMax: 1000 } as Order // likewise
  }

  #receive({ sink }: OwnEffect & { do: 'receive' }): Received {
    this.#body = ''
    for (let row = this.#next('S:'); row !== null && row !== '.'; row = this.#next('S:'))
      void sink.write(Buffer.from(`${row.startsWith('.') ? row.slice(1) : row}\r\n`, 'latin1'))
    return { is: 'whole', facts: { sizeBytes: this.#body.length, strayLineEnds: false, nul: false, eightBit: false } }
  }

  #worded(answer: OrderAnswer): string {
    if (answer.is === 'whole') return `whole ${this.#body.replaceAll('\r\n', '|')}`
    if ('trouble' in answer) return `${answer.is} ${answer.trouble.is} ${answer.trouble.words}`
    if (answer.is !== 'listed') return answer.is
    const { messages, warnings } = answer.listing
    const entries = messages.map(({ number, sizeBytes, uid }) => `${number}=${sizeBytes}/${uid ?? '-'}`)
    return ['listed', entries.join(' ')].join(' ') + warnings.map((words) => ` | ${words}`).join('')
  }

  finish(end: string): void {
    this.#compare()
    assert.equal(end, this.#next('E:'))
    assert.deepEqual(this.#rows, [])
  }
}

function told({ pipelining, top, expireDays, loginDelaySeconds, implementation }: BoxFacts): string {
  const more = [expireDays === null ? '' : `expire=${expireDays}`, loginDelaySeconds ? `delay=${loginDelaySeconds}` : '', implementation ?? ''] // prettier-ignore
  return ['ready', pipelining ? 'pipelining' : '-', top ? 'top' : '-', ...more.filter((word) => word !== '')].join(' ')
}

for (const file of readdirSync(folder)) {
  const text = readFileSync(join(folder, file), 'latin1')
  const title = Buffer.from(text.slice(2, text.indexOf('\n')), 'latin1').toString()
  test(title, () => {
    const player = new Player(text)
    const session = clientSession(player.plan)
    let step = session.next()
    while (!step.done) step = session.next(player.answer(step.value))
    player.finish(step.value === null ? '-' : `${step.value.is} ${step.value.words}`)
  })
}
