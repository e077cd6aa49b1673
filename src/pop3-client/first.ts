// What the first run of an account leaves alone. Called by session-run.ts while nothing is remembered. PC-11
import { parseDate } from '#/message/date.ts'
import { fields, fieldText, headerEnd } from '#/message/header.ts'
import type { RemoteAccount } from '#/config/remote-accounts.ts'
import type { RemoteRow } from '#/storage/collected.ts'
import type { Instant } from '#/world/world.ts'
import type { RemoteBox } from './box.ts'
import { readHeadsNow } from './heads.ts'
import type { Identified } from './identify.ts'
import { rowFor } from './rows.ts'

type Asked = { readonly box: RemoteBox; readonly first: RemoteAccount['first']; readonly now: Instant }

/** 'ask': nobody has said it yet. 'undated': the server shows no header sections. A message without a date that can be read is
 *  taken. @throws BrokenOff */
export async function firstMarks(
  all: readonly Identified[],
  { box, first, now }: Asked,
): Promise<'ask' | 'undated' | RemoteRow[]> {
  if (first === null) return all.length === 0 ? [] : 'ask'
  if (first === 'everything') return []
  const ignored = (one: Identified): RemoteRow => ({
    ...rowFor(one, now),
    state: 'ignored',
    problem: 'Older than the first run takes',
  })
  if (first === 'new') return all.map(ignored)
  const numbers = all.map(({ listed }) => listed.number)
  const dates = await readHeadsNow(box, numbers, dateOf)
  if (!box.facts.top && all.length > 0) return 'undated'
  return all.filter(({ listed }) => (dates.get(listed.number) ?? first) < first).map(ignored)
}

/** By the Date field. */
export function dateOf(head: Uint8Array): Instant | null {
  const end = headerEnd(head)?.fieldsEnd ?? head.length
  for (const field of fields(head, end)) if (field.name === 'date') return parseDate(fieldText(head, field))
  return null
}
