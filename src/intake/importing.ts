// Mail that somebody brings along from elsewhere: into one mailbox, octet for octet, with the time it is from. Durable like
// any other mail, and told in the trace. Called by operations. Nothing is taken off it and nothing is put on it.
import { createHash, type Hash } from 'node:crypto'
import { noMailParameters } from '#/message/envelope.ts'
import { formatPath } from '#/message/address.ts'
import { messageKey } from '#/message/key.ts'
import type { Acceptance, MailboxId, Spool } from '#/storage/store.ts'
import { nameOf } from './acceptance.ts'
import { readCollected } from './collected-header.ts'
import { headerBytesMax } from './limits.ts'
import { HeaderHold } from './header-hold.ts'
import type { IntakeParts } from './parts.ts'

export type ImportFacts = {
  readonly mailbox: MailboxId
  readonly at: number | null // as the archive says
  readonly seen: boolean
  readonly by: string
}
export type Arrived = {
  readonly sizeBytes: number // as it will be read, its last CRLF included
  readonly sameness: string
  readonly isMessage: boolean
}

export class MessageImporting {
  readonly #parts: IntakeParts
  readonly #facts: ImportFacts
  readonly #spool: Spool
  readonly #hash: Hash = createHash('sha256')
  #hold: HeaderHold | null = new HeaderHold()
  #section: Uint8Array = new Uint8Array()
  #lastOctets: readonly [number, number] = [0, 0]
  bytes = 0

  constructor(parts: IntakeParts, facts: ImportFacts) {
    this.#parts = parts
    this.#facts = facts
    this.#spool = parts.store.spool()
  }

  /** A promise when the disk must be waited for. @throws StoreError */
  write(octets: Uint8Array): Promise<void> | undefined {
    this.bytes += octets.length
    this.#hash.update(octets)
    this.#lastOctets = [octets.at(-2) ?? this.#lastOctets[1], octets.at(-1) ?? this.#lastOctets[1]]
    if (this.#hold !== null) {
      const end = this.#hold.push(octets) ?? (this.#hold.bytes > headerBytesMax ? this.#hold.end() : null)
      if (end !== null) this.#endHeader(end)
    }
    return this.#spool.write(octets)
  }

  #endHeader({ seen, fieldsEnd }: { seen: Uint8Array; fieldsEnd: number }): void {
    this.#hold = null
    this.#section = seen.slice(0, fieldsEnd)
  }

  /** Behind the last octet, once. */
  end(): Arrived {
    if (this.#hold !== null) this.#endHeader(this.#hold.end())
    const [before, last] = this.#lastOctets
    const missing = this.bytes > 0 && !(before === 13 && last === 10)
    if (missing) this.#hash.update('\r\n')
    return {
      sizeBytes: this.bytes + (missing ? 2 : 0),
      sameness: this.#hash.digest('base64url'),
      isMessage: this.#section.length > 0,
    }
  }

  /** All that keeping it changes. @throws StoreError */
  async acceptance(): Promise<Acceptance> {
    return this.#acceptance(await this.#spool.finish())
  }

  discard(): void {
    this.#spool.discard()
  }

  #acceptance(content: Acceptance['content']): Acceptance {
    const { world, hostname } = this.#parts
    const { mailbox, seen, at: told, by } = this.#facts
    const { header } = readCollected(this.#section, { hostname, distribution: null })
    const { subject, messageId, returnPath } = header
    const at = world.clock.now()
    const key = messageKey(at, world.random.bytes(10))
    const datedAt = Math.min(at, told ?? header.datedAt ?? at)
    const storedIn = [nameOf(this.#parts, mailbox)]
    const detail = { by, storedIn, sizeBytes: content.sizeBytes, datedAt }
    const event = {
      ref: key,
      at,
      step: 'imported',
      client: null,
      from: formatPath(returnPath),
      to: storedIn,
      subject,
      messageId,
      detail,
    }
    return {
      key,
      at,
      envelope: { from: returnPath, parameters: noMailParameters, to: [] },
      content,
      local: [{ mailbox, recipients: [], prefix: '', datedAt, seen }],
      remote: [],
      event,
    }
  }
}

/** The same as `Arrived.sameness`, of a message that lies here. @throws StoreError */
export async function samenessOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  let [before, last] = [0, 0]
  let empty = true
  for await (const chunk of chunks) {
    hash.update(chunk)
    if (chunk.length === 0) continue
    ;[before, last, empty] = [chunk.at(-2) ?? last, chunk.at(-1)!, false]
  }
  if (!empty && !(before === 13 && last === 10)) hash.update('\r\n')
  return hash.digest('base64url')
}
