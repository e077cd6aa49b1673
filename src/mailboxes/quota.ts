// How full a mailbox may get. Judged at RCPT with the announced size; the store holds the line at the commit, so that
// parallel deliveries exceed a quota by at most one message. The operator is told at 80 and 95 percent. MB-03, MB-04
import { messageKey } from '#/message/key.ts'
import type { MailboxId, MailboxRow, Store } from '#/storage/store.ts'
import type { World } from '#/world/world.ts'

export type QuotaParts = {
  readonly store: Pick<Store, 'mailboxState' | 'record'>
  readonly world: Pick<World, 'clock' | 'random' | 'log'>
}
type Limited = MailboxRow & { readonly quotaBytes: number }
type Fullness = { readonly percent: number; readonly bytes: number; readonly quotaBytes: number }
const warnPercents = [95, 80]

export const isLimited = (row: MailboxRow | undefined): row is Limited => row !== undefined && row.quotaBytes !== null

export class Quotas {
  readonly #parts: QuotaParts
  readonly #told = new Map<MailboxId, number>() // percent; what a mailbox held when it was first seen needs no telling
  readonly #missed = new Set<MailboxId>() // lists have delivered without it

  constructor(parts: QuotaParts) {
    this.#parts = parts
  }

  /** Those without room for `addingBytes` more, or for a message whose size nobody announced. @throws StoreError */
  async full(mailboxes: readonly Limited[], addingBytes: number): Promise<MailboxId[]> {
    const used = await Promise.all(mailboxes.map((row) => this.#bytesOf(row)))
    mailboxes.forEach(({ id, quotaBytes }, i) => {
      const percent = reached(used[i]!, quotaBytes)
      this.#told.set(id, Math.min(this.#told.get(id) ?? percent, percent)) // lower when mail was deleted
    })
    const hasRoom = ({ quotaBytes }: Limited, i: number): boolean =>
      used[i]! < quotaBytes && used[i]! + addingBytes <= quotaBytes
    for (const { id } of mailboxes.filter(hasRoom)) this.#missed.delete(id)
    return mailboxes.filter((row, i) => !hasRoom(row, i)).map(({ id }) => id)
  }

  /** A list delivered without this mailbox, for want of room. Warns once, until there is room. @throws StoreError */
  async noteMissed(mailbox: Limited): Promise<void> {
    if (this.#missed.has(mailbox.id)) return
    this.#missed.add(mailbox.id)
    const { quotaBytes } = mailbox
    const bytes = await this.#bytesOf(mailbox)
    const percent = quotaBytes === 0 ? 100 : Math.floor((bytes * 100) / quotaBytes)
    await this.#warn(mailbox, 'mailbox-full', { percent, bytes, quotaBytes })
  }

  /** After a delivery. Warns once per threshold. @throws StoreError */
  async noteDelivery(mailbox: Limited): Promise<void> {
    const bytes = await this.#bytesOf(mailbox)
    const percent = reached(bytes, mailbox.quotaBytes)
    if (percent <= (this.#told.get(mailbox.id) ?? 0)) return
    this.#told.set(mailbox.id, percent)
    await this.#warn(mailbox, 'mailbox-filling', { percent, bytes, quotaBytes: mailbox.quotaBytes })
  }

  #warn({ name }: Limited, step: 'mailbox-filling' | 'mailbox-full', detail: Fullness): Promise<void> {
    const { store, world } = this.#parts
    world.log.warn(step.replace('-', '.'), { mailbox: name, ...detail })
    const at = world.clock.now()
    const ref = messageKey(at, world.random.bytes(10))
    const nobody = { client: null, from: null, subject: null, messageId: null }
    return store.record([{ ref, at, step, to: [name], ...nobody, detail }])
  }

  async #bytesOf({ id }: Limited): Promise<number> {
    return (await this.#parts.store.mailboxState(id)).bytes
  }
}

const reached = (bytes: number, quotaBytes: number): number =>
  warnPercents.find((percent) => bytes * 100 >= quotaBytes * percent) ?? 0
