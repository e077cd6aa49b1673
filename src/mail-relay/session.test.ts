// Plays the client's conversations without a socket: `S:` what the host says, `C:` what the session must have said by then,
// `M:` the recipients of the next mail, `O:` what must have become of each.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseAddress, type Address } from '#/message/address.ts'
import { noMailParameters, noRcptParameters } from '#/message/envelope.ts'
import { plan } from './session-test-rig.ts'
import { clientSession } from './session.ts'
import type { ClientEffect, Mail } from './session-types.ts'

const folder = join(import.meta.dirname, 'transcripts')
function address(text: string): Address {
  const parsed = parseAddress(text)
  assert.ok(parsed.ok)
  return parsed.value
}

function mailTo(recipients: readonly string[]): Mail {
  const content = Buffer.from('Subject: hello\r\n\r\n.dot\r\nend\r\n')
  return {
    from: address('ann@us.example'),
    parameters: noMailParameters,
    recipients: recipients.map((to) => ({ address: address(to), parameters: noRcptParameters })),
    needs: { eightBit: false, smtputf8: false },
    sizeBytes: content.length,
    chunks: () => [content],
  }
}

class Player {
  readonly #rows: string[]
  #said = ''

  constructor(text: string) {
    this.#rows = text.split('\n').filter((row) => row !== '' && !row.startsWith('#'))
  }

  /** Takes the rows of one kind that come next. */
  #take(kind: string): string[] {
    const other = this.#rows.findIndex((row) => !row.startsWith(kind))
    return this.#rows.splice(0, other < 0 ? this.#rows.length : other).map((row) => row.slice(3))
  }

  answer(effect: ClientEffect): unknown {
    switch (effect.do) {
      case 'write':
        return void (this.#said += effect.text)
      case 'sendBody':
        for (const chunk of effect.chunks as Iterable<Uint8Array>) this.#said += Buffer.from(chunk).toString('latin1') // one chunk
        return 'sent'
      case 'readLine':
        this.#compare()
        return this.#rows[0]?.startsWith('S:') ? { is: 'line', text: this.#rows.shift()!.slice(3) } : { is: 'closed' }
      case 'nextMail':
        return this.#rows[0]?.startsWith('M:') ? mailTo(this.#rows.shift()!.slice(3).split(' ')) : null
      case 'mailDone':
        return assert.deepEqual(effect.result.outcomes.map(({ reply, stage }) => `${reply.code} ${stage}`), this.#take('O:')) // prettier-ignore
      case 'talksEarly':
        return false
      case 'now':
        return 0
      case 'close':
      case 'deriveKey':
      case 'pause':
      case 'startClientTls':
      case 'startTls':
      case 'stream':
        return assert.fail(`no transcript asks for ${effect.do}`)
    }
  }

  #compare(): void {
    const wanted = this.#take('C:').map((line) => `${line}\r\n`)
    assert.equal(this.#said, wanted.join(''))
    this.#said = ''
  }

  finish(): void {
    this.#compare()
    assert.deepEqual(this.#rows, [])
  }
}

for (const file of readdirSync(folder)) {
  const text = readFileSync(join(folder, file), 'utf8')
  test(text.slice(2, text.indexOf('\n')), () => {
    const player = new Player(text)
    const session = clientSession(plan)
    let step = session.next()
    while (!step.done) step = session.next(player.answer(step.value))
    assert.equal(step.value.is, 'done')
    player.finish()
  })
}
