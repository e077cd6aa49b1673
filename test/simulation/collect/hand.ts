// What people do with single accounts while the collector works. Used by simulation.ts.
import { CollectError } from '#/pop3-client/types.ts'
import { StoreError } from '#/storage/store.ts'
import type { AccountId } from '#/storage/collected.ts'
import type { Far } from './far.ts'
import type { Judge } from './judge.ts'
import type { Program } from './program.ts'
import type { Happening } from './scenario.ts'

export type HandParts = {
  readonly program: Program | null
  readonly judge: Judge
  readonly fars: ReadonlyMap<string, Far>
  readonly ids: ReadonlyMap<string, AccountId>
  readonly note: (line: () => string) => void
}
type Asked = Happening & { readonly do: 'hand' }

/** One of them at a time for each account. */
export async function handWork(parts: HandParts, { account, what }: Asked): Promise<void> {
  const { program, judge, note } = parts
  if (program === null) return
  note(() => `by hand: ${what} ${account}`)
  judge.inHand.set(account, (judge.inHand.get(account) ?? 0) + 1)
  await work(parts, { account, what }, program).catch((error: unknown) => {
    if (!(error instanceof CollectError || error instanceof StoreError))
      judge.blame(`${what} of ${account} ends with ${String(error)}`)
  })
  const others = judge.inHand.get(account)! - 1
  if (others > 0) judge.inHand.set(account, others)
  else judge.inHand.delete(account)
}

async function work(
  { ids, fars, judge }: HandParts,
  { account, what }: Pick<Asked, 'account' | 'what'>,
  { collector, accounts }: Program,
): Promise<unknown> {
  const id = ids.get(account)!
  const { settings } = accounts.byId(id)!
  if (what === 'run') return collector.run(id)
  if (what === 'test') return collector.test(settings)
  if (what === 'browse') return collector.browse(id, { before: null, limit: 5 })
  if (what === 'cancel') {
    const wasRunning = collector.cancel(id)
    if (wasRunning) judge.cancelled(account)
    return wasRunning
  }
  const some = fars.get(settings.host)!.messages.slice(0, 2)
  if (what === 'delete' || what === 'fetch-delete') for (const { tag } of some) judge.unwanted.add(tag)
  const uids = some.map(({ uid }) => uid)
  return collector.act(id, uids, what)
}
