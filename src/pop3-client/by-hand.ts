// What somebody asks for single messages of a remote mailbox: by UID, matched anew in a session of its own, and looked at
// again afterwards. Called by collector.ts. What is not there any more, or is not one message, is told and not guessed. PC-33
// to PC-35
import type { Intake } from '#/intake/types.ts'
import { messageKey } from '#/message/key.ts'
import type { RemoteKey, RemoteRow } from '#/storage/collected.ts'
import type { World } from '#/world/world.ts'
import { contentUid, isHere, isNameless, type Identified } from './identify.ts'
import { byHandBytesMax } from './limits.ts'
import { keyText } from './plan.ts'
import { originOf, rowFor } from './rows.ts'
import type { AccountRow, ActionReport, RemoteAction } from './types.ts'
import { tellApart, visit, type VisitParts, type Visited } from './visit.ts'

export type HandParts = VisitParts & {
  readonly intake: Pick<Intake, 'beginCollecting'>
  readonly world: Pick<World, 'clock' | 'random'>
}
type Report = Omit<ActionReport, 'uid'>
type Fetched = Report | { readonly row: RemoteRow; readonly words: string }

export async function act(
  parts: HandParts,
  row: AccountRow,
  { uids, action }: { uids: readonly string[]; action: RemoteAction },
): Promise<ActionReport[]> {
  if (action === 'again') return again(parts, row, uids)
  const reports = new Map<string, Report>()
  const removed = await visit(parts, row, async (visited) => {
    const found = Map.groupBy(await tellApart(visited, uids), ({ key }) => key.uid)
    const removing: RemoteRow[] = []
    const work = new Work(parts, row, visited)
    for (const uid of new Set(uids)) reports.set(uid, await work.one(found.get(uid) ?? [], action, removing))
    const done = await visited.box.leave()
    if (done === 'doubtful' && removing.length > 0) doubt(reports, removing)
    return done === 'committed' ? removing : []
  })
  if (removed.length > 0) await confirm(parts, row, { removed, reports })
  return Array.from(reports, ([uid, report]) => ({ uid, ...report }))
}

class Work {
  readonly #parts: HandParts
  readonly #row: AccountRow
  readonly #visited: Visited

  constructor(parts: HandParts, row: AccountRow, visited: Visited) {
    this.#parts = parts
    this.#row = row
    this.#visited = visited
  }

  async one(found: readonly Identified[], action: RemoteAction, removing: RemoteRow[]): Promise<Report> {
    const [one, other] = found
    if (!one) return { is: 'vanished', words: 'It is not on the server any more' }
    if (other) return { is: 'ambiguous', words: `${found.length} messages have this UID: nothing was done` }
    if (action === 'ignore') return this.#ignore(one)
    if (action === 'delete') return this.#remove(one, rowFor(one, this.#parts.world.clock.now()), removing)
    const fetched = await this.#fetch(one, action === 'fetch-raw')
    if (!('row' in fetched)) return fetched
    if (action === 'fetch-delete') return this.#remove(one, fetched.row, removing)
    return { is: 'fetched', words: fetched.words }
  }

  async #ignore(one: Identified): Promise<Report> {
    const row = rowFor(one, this.#parts.world.clock.now())
    if (isHere(row)) return { is: 'ignored', words: 'It is here already' }
    await this.#parts.store.collected.mark(this.#row.id, [{ ...row, state: 'ignored', problem: null }])
    return { is: 'ignored', words: 'It will not be fetched' }
  }

  async #remove({ listed, row }: Identified, as: RemoteRow, removing: RemoteRow[]): Promise<Report> {
    const answer = await this.#visited.box.remove(listed.number)
    if (answer.is === 'withdrawn') return { is: 'failed', words: 'It was broken off before the server heard of it' }
    if (answer.is !== 'done') return { is: 'failed', words: answer.trouble.words }
    removing.push(as)
    return {
      is: 'deleted',
      words: isHere(row) || isHere(as) ? 'Deleted there; the copy here stays' : 'Deleted there without a copy here',
    }
  }

  /** A copy that was deleted here is fetched anew. */
  async #fetch(one: Identified, raw: boolean): Promise<Fetched> {
    const { row, listed } = one
    const { collected } = this.#parts.store
    if (isHere(row)) {
      const deleted = (await collected.deletedHere(this.#row.id)).some((key) => keyText(key) === keyText(one.key))
      if (!deleted) return { row: row!, words: 'It was here already' } // isHere: there is a row
      await collected.forget(this.#row.id, [one.key])
    }
    const collecting = this.#parts.intake.beginCollecting(originOf(this.#row, this.#visited.box.facts, { ...one, raw }))
    const answer = await this.#visited.box.fetch(listed.number, collecting, byHandBytesMax)
    if (answer.is !== 'whole') {
      collecting.discard()
      return { is: 'failed', words: 'trouble' in answer ? answer.trouble.words : 'It does not end' }
    }
    const { headerHash, sameness, problem } = collecting.end()
    if (problem !== null && !raw) {
      collecting.discard()
      return { is: 'failed', words: `${problem}. It can be fetched raw, as a file` }
    }
    const key: RemoteKey = {
      uid: isNameless(one) ? contentUid(sameness) : one.key.uid,
      headerHash: one.key.headerHash || headerHash,
    }
    const kept = await collecting.keep({ ...key, sameness, problem: null })
    if (kept.is === 'known') return this.#known(key)
    if (kept.is !== 'kept') return { is: 'failed', words: kept.words }
    const fresh = rowFor({ ...one, row: null }, this.#parts.world.clock.now())
    const { message } = kept
    return { row: { ...fresh, ...key, state: 'stored', message, sameness }, words: 'It is in the mailbox now' }
  }

  /** It was not kept a second time, or not at all since the account is gone: only a row with a copy tells. PC-13 */
  async #known(key: RemoteKey): Promise<Fetched> {
    const rows = await this.#parts.store.collected.messages(this.#row.id)
    const row = rows.find((one) => isHere(one) && keyText(one) === keyText(key))
    if (row) return { row, words: 'It was here already' }
    return { is: 'failed', words: 'It could not be kept: the account was changed meanwhile' }
  }
}

function doubt(reports: Map<string, Report>, removing: readonly RemoteRow[]): void {
  for (const { uid } of removing)
    reports.set(uid, { is: 'failed', words: 'The server did not confirm that it was deleted: look again' })
}

/** What the server has confirmed is written down, and looked at once more. PC-34 */
async function confirm(
  parts: HandParts,
  row: AccountRow,
  { removed, reports }: { removed: readonly RemoteRow[]; reports: Map<string, Report> },
): Promise<void> {
  const { clock, random } = parts.world
  const at = clock.now()
  const { name, host } = row.settings
  const uids = removed.map(({ uid }) => uid)
  const event = {
    ref: messageKey(at, random.bytes(10)),
    at,
    step: 'removed-remotely',
    client: null,
    from: null,
    to: [],
    subject: null,
    messageId: null,
    detail: { account: name, host, uids, by: 'hand' },
  }
  await parts.store.collected.mark(
    row.id,
    removed.map((one) => ({ ...one, state: 'removed' })),
    { events: [event] },
  )
  const still = await visit(
    parts,
    row,
    async (visited) => new Set((await tellApart(visited)).map(({ key }) => keyText(key))),
  ).catch(() => null)
  for (const one of removed) {
    const report = reports.get(one.uid)
    if (still === null)
      reports.set(one.uid, { is: 'deleted', words: `${report?.words ?? ''}; the server could not be asked again` })
    else if (still.has(keyText(one)))
      reports.set(one.uid, { is: 'failed', words: 'The server said yes, and it is still there' })
  }
}

async function again({ store }: HandParts, row: AccountRow, uids: readonly string[]): Promise<ActionReport[]> {
  const rows = await store.collected.messages(row.id)
  const reports = uids.map((uid) => {
    const own = rows.filter((one) => one.uid === uid)
    const forgotten = own.filter((one) => !isHere(one))
    return { uid, own, forgotten }
  })
  await store.collected.forget(
    row.id,
    reports.flatMap(({ forgotten }) => forgotten),
  )
  return reports.map(({ uid, own, forgotten }) => {
    if (own.length === 0) return { uid, is: 'vanished', words: 'Nothing is remembered of this UID' }
    if (forgotten.length === 0)
      return { uid, is: 'failed', words: 'It is here: fetch brings it again after its copy was deleted' }
    return { uid, is: 'again', words: 'The next run fetches it' }
  })
}
