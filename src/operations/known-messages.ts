// What a mailbox holds already, so that an import that is run twice brings nothing twice. Messages of another size are another
// message; those of the same size are read, once each. Memory: a number for each message.
import { samenessOf } from '#/intake/importing.ts'
import { StoreError, type MailboxId, type Store } from '#/storage/store.ts'

export class KnownMessages {
  readonly #store: Pick<Store, 'openMessage'>
  readonly #mailbox: MailboxId
  /** By size: those that nobody has read yet. */
  readonly #unread: Map<number, number[]>
  readonly #sameness = new Set<string>()

  private constructor(store: Pick<Store, 'openMessage'>, mailbox: MailboxId, unread: Map<number, number[]>) {
    this.#store = store
    this.#mailbox = mailbox
    this.#unread = unread
  }

  static async of(store: Pick<Store, 'openMessage' | 'list'>, mailbox: MailboxId): Promise<KnownMessages> {
    const { uids, sizes } = await store.list(mailbox)
    const bySize = new Map<number, number[]>()
    uids.forEach((uid, i) => {
      const size = sizes[i]!
      const same = bySize.get(size)
      if (same) same.push(uid)
      else bySize.set(size, [uid])
    })
    return new KnownMessages(store, mailbox, bySize)
  }

  /** True when it is there; otherwise it counts as there from now on. */
  async has({ sizeBytes, sameness }: { sizeBytes: number; sameness: string }): Promise<boolean> {
    const same = this.#unread.get(sizeBytes) ?? []
    while (!this.#sameness.has(sameness) && same.length > 0) await this.#read(same.pop()!)
    const known = this.#sameness.has(sameness)
    this.#sameness.add(sameness)
    return known
  }

  async #read(uid: number): Promise<void> {
    try {
      this.#sameness.add(await samenessOf(this.#store.openMessage(this.#mailbox, uid)))
    } catch (error) {
      if (!(error instanceof StoreError)) throw error // gone or damaged: it is no copy of anything
    }
  }
}
