// One message from a remote account on its way in: fields of ours on top, then the octets as they came, straight to the
// spool. Made by open.ts for the POP3 Client. Whoever reads it decides at its end whether it is kept; it is kept together with
// its row of what was collected, or not at all. PC-13, PC-19
import { createHash, type Hash } from 'node:crypto'
import { isLimited, type Quotas } from '#/mailboxes/quota.ts'
import { formatPath } from '#/message/address.ts'
import { parseAddressList } from '#/message/address-list.ts'
import { noMailParameters } from '#/message/envelope.ts'
import { headerHash } from '#/message/header-hash.ts'
import { messageKey, type MessageKey } from '#/message/key.ts'
import { collectedFields, rawFields } from '#/message/trace-fields.ts'
import { StoreError, type Acceptance, type MailboxId, type Spool, type TraceEvent } from '#/storage/store.ts'
import { nameOf } from './acceptance.ts'
import { readCollected, type CollectedHeader } from './collected-header.ts'
import { HeaderHold, type Held } from './header-hold.ts'
import { errorText, type IntakeParts } from './parts.ts'
import { fieldsMax, headerBytesMax, namingCharsMax } from './limits.ts'
import type { Collecting, CollectedFrom, Ended, Kept } from './types.ts'

type Parts = IntakeParts & { readonly quotas: Quotas }
type Place = { readonly mailboxes: readonly MailboxId[]; readonly named: boolean }

export const beginCollecting = (parts: Parts, from: CollectedFrom): Collecting => new MessageCollecting(parts, from)

class MessageCollecting implements Collecting {
  readonly #parts: Parts
  readonly #from: CollectedFrom
  readonly #key: MessageKey
  readonly #at: number
  readonly #spool: Spool
  readonly #sameness: Hash = createHash('sha256')
  #held: HeaderHold | null = new HeaderHold() // until the header section has ended
  #header: CollectedHeader | null = null
  #headerHash = ''
  #problem: string | null = null
  #error: StoreError | null = null

  constructor(parts: Parts, from: CollectedFrom) {
    this.#parts = parts
    this.#from = from
    this.#at = parts.world.clock.now()
    this.#key = messageKey(this.#at, parts.world.random.bytes(10))
    this.#spool = parts.store.spool()
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#held === null) return this.#body(chunk)
    const end = this.#held.push(chunk)
    if (end) return this.#endHeader(end)
    return this.#held.bytes > headerBytesMax ? this.#endHeader(this.#held.end()) : undefined
  }

  #endHeader({ seen, fieldsEnd }: Held): Promise<void> | undefined {
    this.#held = null
    const section = seen.subarray(0, fieldsEnd)
    const { hostname, settingsNow } = this.#parts
    const { header, kept } = readCollected(section, { hostname, distribution: this.#from.distribution })
    this.#header = header
    this.#headerHash = headerHash(section)
    this.#sameness.update(header.common)
    if (this.#from.raw) return this.#put(Buffer.from(this.#fields(), 'latin1')) ?? this.#body(seen)
    if (fieldsEnd > headerBytesMax || header.fieldCount > fieldsMax)
      this.#problem = 'Its header section is too large: more than 1 MiB or 1000 fields'
    else if (header.receivedCount > settingsNow().mailServer.receivedFieldsMax)
      this.#problem = `It has passed ${header.receivedCount} servers: it seems to loop`
    else if (this.#isLooping(header))
      this.#problem = 'It was collected into this mailbox before and came back: two mailboxes collect from each other'
    let wait = this.#put(Buffer.from(this.#fields(), 'latin1'))
    for (const part of kept) wait = this.#put(part) ?? wait
    return (seen.length > fieldsEnd ? this.#body(seen.subarray(fieldsEnd)) : undefined) ?? wait
  }

  /** LP-06. The mark is keyed: nobody else can keep mail away from a mailbox with it. */
  #isLooping({ marks }: CollectedHeader): boolean {
    const mark = this.#mark()
    return mark !== '' && marks.some((text) => text.includes(mark))
  }

  #mark(): string {
    return this.#parts.collectMark?.(this.#from.mailbox) ?? ''
  }

  #fields(): string {
    const { host, address, tls, account, uid, raw } = this.#from
    const [by, key, at] = [this.#parts.hostname, this.#key, this.#at]
    const top = collectedFields({ host, address, tls, account: account.name, uid, by, key, at, mark: this.#mark() })
    return raw ? top + rawFields({ by, account: account.name, at, key }) : top
  }

  #body(octets: Uint8Array): Promise<void> | undefined {
    this.#sameness.update(octets)
    return this.#put(octets)
  }

  #put(octets: Uint8Array): Promise<void> | undefined {
    if (this.#error) return undefined
    return this.#spool.write(octets)?.catch((error: unknown) => this.#fail(error))
  }

  #fail(error: unknown): void {
    this.#parts.world.log.error('collected message not stored', { key: this.#key, error: errorText(error) })
    this.#error = error instanceof StoreError ? error : new StoreError('failed', errorText(error))
  }

  end(): Ended {
    if (this.#held) void this.#endHeader(this.#held.end()) // its promise is kept by the spool
    const sameness = this.#sameness.digest('base64url').slice(0, 22)
    return { headerHash: this.#headerHash, sameness, problem: this.#problem }
  }

  async keep({ uid, headerHash: hash, sameness, problem }: Parameters<Collecting['keep']>[0]): Promise<Kept> {
    try {
      if (this.#error) throw this.#error
      const finished = this.#spool.finish()
      const content = finished instanceof Promise ? await finished : finished
      if (this.#error) throw this.#error as StoreError // set while it was waited for
      const acceptance = this.#acceptance(content, this.#place())
      const { account, sizeBytes } = this.#from
      const collected = { account: account.id, uid, headerHash: hash, sizeBytes, sameness, problem }
      await this.#parts.store.accept({ ...acceptance, collected })
      this.#watchQuotas(acceptance)
      return { is: 'kept', message: this.#key, mailboxes: acceptance.local.map(({ mailbox }) => mailbox) }
    } catch (error) {
      this.#spool.discard()
      if (error instanceof StoreError && error.kind === 'conflict') return this.#conflict()
      if (error !== this.#error) this.#fail(error)
      const full = this.#error?.kind === 'full'
      return { is: 'store', words: full ? 'The disk of this server is full' : 'This server cannot store mail' }
    }
  }

  discard(): void {
    this.#spool.discard()
  }

  /** Only mailboxes of this server: what is collected is never sent on. `named`: it says whose it is. P3C-12, PC-26 */
  #place(): Place {
    const { distribution, mailbox } = this.#from
    if (distribution === null || this.#header === null) return { mailboxes: [mailbox], named: false }
    const { recipient, addressees } = this.#header
    const named = [...(recipient === null ? addressees : [recipient])].flatMap(
      (text) => parseAddressList(text, null).correspondents,
    )
    const found = named.flatMap(({ address }) => {
      const resolution = this.#parts.directory.resolve(address)
      return resolution.is === 'local' ? resolution.mailboxes.map(({ id }) => id) : []
    })
    return found.length === 0 ? { mailboxes: [mailbox], named: false } : { mailboxes: [...new Set(found)], named: true }
  }

  #acceptance(content: Acceptance['content'], { mailboxes, named }: Place): Acceptance {
    const { datedAt } = this.#header ?? { datedAt: null }
    const dated = this.#from.dateFromHeader && datedAt !== null && datedAt < this.#at ? { datedAt } : {}
    return {
      key: this.#key,
      at: this.#at,
      envelope: { from: this.#header?.returnPath ?? null, parameters: noMailParameters, to: [] },
      content,
      local: mailboxes.map((mailbox) => ({ mailbox, recipients: [], prefix: '', ...dated })),
      remote: [],
      event: this.#event(content.sizeBytes, { mailboxes, named }),
    }
  }

  #event(sizeBytes: number, { mailboxes, named }: Place): TraceEvent {
    const { account, host, address, uid, tls } = this.#from
    const header = this.#header
    const storedIn = mailboxes.map((mailbox) => nameOf(this.#parts, mailbox))
    return {
      ref: this.#key,
      at: this.#at,
      step: 'collected',
      client: address,
      from: formatPath(header?.returnPath ?? null),
      to: storedIn,
      subject: header?.subject ?? null,
      messageId: header?.messageId ?? null,
      detail: {
        account: account.name,
        host,
        uid,
        tls: tls === null ? null : `${tls.version} ${tls.cipher}`,
        sizeBytes,
        storedIn,
        ...this.#distributed(named),
        ...((header?.removed.length ?? 0) > 0 && { removedFields: header?.removed }),
      },
    }
  }

  /** What the mailbox was found by, or what names nobody here. */
  #distributed(named: boolean): TraceEvent['detail'] {
    const { distribution } = this.#from
    if (distribution === null) return {}
    const { recipient = null, addressees = [] } = this.#header ?? {}
    const guessed = addressees.length > 0 ? `To or Cc: ${addressees.join(', ')}` : `no ${distribution.header}`
    const by = (recipient === null ? guessed : `${distribution.header}: ${recipient}`).slice(0, namingCharsMax)
    return named ? { distributedBy: by } : { unmatched: by }
  }

  /** The store refused the whole: a mailbox is full or gone, or the message was kept by another run. */
  async #conflict(): Promise<Kept> {
    const { directory, store } = this.#parts
    for (const id of this.#place().mailboxes) {
      const row = directory.mailboxById(id)
      const isOwn = id === this.#from.mailbox
      if (row === undefined || row.deletedAt !== null)
        return { is: 'mailbox', words: 'The mailbox is not there any more', isOwn }
      if (isLimited(row) && (await store.mailboxState(id)).bytes >= row.quotaBytes)
        return { is: 'mailbox', words: `The mailbox ${row.name} is full`, isOwn }
    }
    return { is: 'known' }
  }

  #watchQuotas({ local }: Acceptance): void {
    const { directory, quotas, world } = this.#parts
    for (const { mailbox } of local) {
      const row = directory.mailboxById(mailbox)
      if (isLimited(row))
        quotas
          .noteDelivery(row)
          .catch((error: unknown) => world.log.error('quota not watched', { error: errorText(error) }))
    }
  }
}
