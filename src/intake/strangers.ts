// Whose word is good for the sender they name: people who signed in, clients on the access list, senders of this server. All
// others are strangers, and a notice to the sender that a stranger names may hit somebody who wrote nothing. Called at the end
// of a message, where nothing may be waited for, and by the relay before such a notice leaves. DS-13
import type { Resolver } from '#/dns/resolver.ts'
import type { Directory } from '#/accounts/types.ts'
import type { Address } from '#/message/address.ts'
import type { Memo } from '#/storage/queue.ts'
import type { Clock } from '#/world/world.ts'
import { compileRules, judgeAccess, ruleByNumber } from './access-judge.ts'
import { mayUse } from './judge.ts'
import type { Transaction } from './receiving.ts'

type Stranger = NonNullable<Memo['stranger']>

/** What is remembered of the client until somebody can ask DNS; null: the sender may be told. */
export function strangerOf(
  { directory, now }: { readonly directory: Directory; readonly now: number },
  { client, envelope: { from }, key }: Transaction,
): Stranger | null {
  if (client.user !== null || from === null || directory.resolve(from).is !== 'remote') return null
  const rule = ruleByNumber(client.address, compileRules(directory.all().access), now)
  if (rule?.action === 'allow' && mayUse(rule.senders, from)) return null
  return { client: client.address, ehlo: client.ehlo ?? '', about: key }
}

type Names = { readonly directory: Directory; readonly resolver: Resolver; readonly clock: Clock }

/** The entry that knows this client and lets it use this sender; entries by name are asked for in DNS. */
export async function entryFor(parts: Names, client: string, from: Address): Promise<number | null> {
  const result = await judgeAccess(client, compileRules(parts.directory.all().access), parts)
  return result.is === 'allow' && mayUse(result.senders, from) ? result.rule : null
}
