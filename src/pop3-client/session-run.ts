// One session of a run: what is there, what of it is wanted, fetch, keep, remove, end. Called by run.ts, again and again until
// nothing is left to do. Nothing is removed there before it is durable here; nothing is forgotten before the server has
// answered QUIT. PC-13 to PC-16
import type { Directory } from '#/accounts/types.ts'
import type { SettingsNow } from '#/config/settings.ts'
import type { Intake } from '#/intake/types.ts'
import { messageKey } from '#/message/key.ts'
import type { RemoteKey, RemoteRow } from '#/storage/collected.ts'
import type { Store, TraceEvent } from '#/storage/store.ts'
import type { World } from '#/world/world.ts'
import type { RemoteBox } from './box.ts'
import { Fetching } from './fetching.ts'
import { firstMarks } from './first.ts'
import { BrokenOff, readHashes } from './heads.ts'
import { identify, inDoubt, isHere, remember, type Identified } from './identify.ts'
import { namedMax } from './limits.ts'
import { keyText, planSession, uidsChanged, type Plan } from './plan.ts'
import { isThere, stopOf, type RunState } from './run-state.ts'
import type { Share } from './window.ts'

export type SessionParts = {
  readonly store: Store
  readonly intake: Pick<Intake, 'beginCollecting'>
  readonly directory: Directory
  readonly settingsNow: SettingsNow
  readonly world: Pick<World, 'clock' | 'random' | 'log'>
  /** What this session may have under way. */
  readonly share: () => Share
  readonly onProgress: () => void
}

/** 'more': another session goes on where this one ended. Leaves the box closed. @throws StoreError */
export async function runSession(parts: SessionParts, run: RunState, box: RemoteBox): Promise<'more' | 'done'> {
  try {
    return await session(parts, run, box)
  } catch (error) {
    if (!(error instanceof BrokenOff)) throw error
    run.end(stopOf(error.trouble)) // before anything was fetched or removed in it
    return 'done'
  }
}

async function session(parts: SessionParts, run: RunState, box: RemoteBox): Promise<'more' | 'done'> {
  const found = await look(parts, run, box)
  if (found === null) {
    box.destroy({ is: 'stopped', words: 'There is nothing to do' })
    return 'done'
  }
  const fetching = new Fetching(parts, run, box)
  const plan = await prepare(parts, run, { fetching, all: found })
  const more = await fetching.work(plan)
  run.phase = 'ending'
  await settle(parts, run, { fetching, box })
  return more && run.stop === null ? 'more' : 'done'
}

/** What is there, each message told apart; null when the run must not go on. */
async function look(parts: SessionParts, run: RunState, box: RemoteBox): Promise<Identified[] | null> {
  run.phase = 'listing'
  parts.onProgress()
  const answer = await box.list()
  if (answer.is !== 'listed') {
    const { is, words } = answer.trouble
    run.end(stopOf({ is: is === 'refused' ? 'garbage' : is, words })) // it has let us in: no login failed. PC-04
    return null
  }
  const { messages, warnings } = answer.listing
  for (const words of warnings) run.warn(words)
  const { unproven } = run
  const hashes = await readHashes(box, inDoubt(messages, run.known, { unproven }))
  const all = identify(messages, run.known, hashes, { unproven })
  run.listed = messages.length
  run.removedSince = { messages: 0, bytes: 0 }
  run.listedBytes = messages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  run.identities = messages.every(({ uid }) => uid === null) && messages.length > 0 ? withoutUids(box) : 'uidl'
  const objection = objectionTo(run, all)
  if (objection !== null) run.end(objection)
  const isFirst = run.known.size === 0
  if (objection !== null || !(await begin(parts, run, { box, all }))) return null
  return isFirst && run.known.size > 0 ? identify(messages, run.known, hashes) : all // the first run has marked some
}

const withoutUids = ({ facts }: RemoteBox): 'headers' | 'none' => (facts.top ? 'headers' : 'none')

/** What somebody must decide first. PC-09, PC-10 */
function objectionTo(run: RunState, all: readonly Identified[]): NonNullable<RunState['stop']> | null {
  const { leave, name, first } = run.row.settings
  if (run.identities === 'none' && leave)
    return {
      reason: 'settings',
      trouble: null,
      words: `This server tells neither UIDs nor header sections, so that messages left there cannot be recognised: collect set ${name} --no-leave fetches and deletes them`,
    }
  if (run.identities === 'none' && !run.begun && first !== null && first !== 'everything')
    return {
      reason: 'settings',
      trouble: null,
      words: `This server tells neither UIDs nor header sections, so that old messages cannot be told from new ones: collect set ${name} --first everything fetches all of them`,
    }
  if (uidsChanged(all, run.known, run.row.settings))
    return {
      reason: 'uids-changed',
      trouble: null,
      words: `All ${all.length} messages have new UIDs, so the provider has changed something: collect adopt ${name} recognises those that are here already, collect adopt ${name} --none fetches all of them again (see FAQ: uids-changed)`,
    }
  return null
}

/** The first run takes what the account says. PC-11 */
async function begin(
  { store, world }: SessionParts,
  run: RunState,
  { box, all }: { box: RemoteBox; all: readonly Identified[] },
): Promise<boolean> {
  if (run.begun || run.known.size > 0) return true
  const marks = await firstMarks(all, { box, first: run.row.settings.first, now: world.clock.now() })
  if (typeof marks === 'string') {
    const megabytes = (run.listedBytes / 1_048_576).toFixed(1)
    const { name } = run.row.settings
    const there = `${all.length} messages, ${megabytes} MB, are there`
    const words =
      marks === 'ask'
        ? `${there}: collect set ${name} --first everything, new or a date says which of them to fetch`
        : `${there}, and this server does not tell their dates: collect set ${name} --first everything or new says which of them to fetch`
    run.end({ reason: marks === 'ask' ? 'first-run' : 'settings', trouble: null, words })
    return false
  }
  await markAll(store, run, marks)
  run.begun = true
  return true
}

async function markAll(store: Store, run: RunState, rows: readonly RemoteRow[]): Promise<void> {
  if (rows.length > 0) await store.collected.mark(run.row.id, rows)
  for (const row of rows) remember(run.known, row)
}

async function prepare(
  parts: SessionParts,
  run: RunState,
  { fetching, all }: { fetching: Fetching; all: readonly Identified[] },
): Promise<Plan> {
  const { store, world, settingsNow } = parts
  const { settings, id } = run.row
  const deletedHere = settings.deleteWithLocal ? await store.collected.deletedHere(id) : []
  const facts = {
    now: world.clock.now(),
    fetched: { messages: run.fetched, bytes: run.fetchedBytes },
    keepGoneDays: settingsNow().pop3Client.keepGoneDays,
    deletedHere: new Set(deletedHere.map(keyText)),
    hasMailbox: (id: number): boolean => isThere(parts.directory.mailboxById(id)),
    tried: run.tried,
  }
  const planFor = (all: readonly Identified[]): Plan => planSession(all, run.known, settings, facts)
  const plan = await proven(fetching, all, planFor)
  run.skipped = plan.skipped
  run.wanted = {
    messages: run.fetched + plan.fetch.length,
    bytes: run.fetchedBytes + plan.fetch.reduce((sum, { listed }) => sum + listed.sizeBytes, 0),
  }
  await noteVanished(parts, run, plan)
  run.unproven = false // what was another message has another row, or is in doubt by itself
  return plan
}

/** Removes what was proven, and plans anew for the rest. What a server that shows others does not show now is read again, like
 *  messages of a shared UID. P3C-03 */
async function proven(
  fetching: Fetching,
  all: readonly Identified[],
  planFor: (all: readonly Identified[]) => Plan,
): Promise<Plan> {
  const plan = planFor(all)
  const doubtful = await fetching.removeProven(plan.remove)
  if (doubtful.size === 0) return plan
  const looked = all.map((one): Identified => {
    const headerHash = doubtful.get(one)
    if (headerHash === undefined) return one
    const key = { uid: one.key.uid, headerHash }
    return headerHash === '' ? { ...one, key, sharesUid: true } : { ...one, key, row: null }
  })
  return { ...planFor(looked), due: plan.due }
}

async function noteVanished({ store, world }: SessionParts, run: RunState, plan: Plan): Promise<void> {
  const now = world.clock.now()
  const note = async (rows: readonly RemoteKey[], goneAt: number | null): Promise<void> => {
    if (rows.length === 0) return
    await store.collected.markGone(run.row.id, rows, goneAt)
    for (const { uid, headerHash: hash } of rows) {
      const row = run.known.get(uid)?.find((one) => one.headerHash === hash)
      if (row) remember(run.known, { ...row, goneAt })
    }
  }
  await note(plan.gone, now)
  await note(plan.back, null)
  if (plan.forget.length > 0) await store.collected.forget(run.row.id, plan.forget)
}

/** The end of a session, and what is certain by then. */
async function settle(
  parts: SessionParts,
  run: RunState,
  { fetching, box }: { fetching: Fetching; box: RemoteBox },
): Promise<void> {
  const { store } = parts
  const { marks, removing } = fetching
  if (fetching.inDoubt) box.destroy({ is: 'stopped', words: 'Nothing is removed in this session' })
  const goodbye = !fetching.broken && !fetching.inDoubt
  const committed = goodbye && (await box.leave()) === 'committed'
  if (goodbye && !committed && removing.length > 0)
    run.warn('The server did not confirm the removals: they are said again next time') // PC-15
  const removed = committed ? removing : []
  const fresh = [...marks.values()].filter((row) => row.state === 'stored' || !isKnownHere(run, row))
  const gone = removed.map((row): RemoteRow => ({ ...row, state: 'removed' }))
  const known = gone.filter(isHere) // their rows are there, and need not be written anew: there may be thousands
  const unread = gone.filter((row) => !isHere(row))
  const events = removed.length > 0 ? [removedEvent(parts, run, removed)] : []
  if (fresh.length + gone.length > 0)
    await store.collected.mark(run.row.id, [...fresh, ...unread], { removed: known, events })
  for (const row of [...fresh, ...gone]) remember(run.known, row)
  run.removed += removed.length
  run.removedSince = { messages: removed.length, bytes: removed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) }
}

/** One of two messages of a UID and a header section may have failed while the other one was kept. */
const isKnownHere = ({ known }: RunState, { uid, headerHash }: RemoteRow): boolean =>
  known.get(uid)?.some((row) => row.headerHash === headerHash && isHere(row)) === true

function removedEvent({ world, directory }: SessionParts, run: RunState, removed: readonly RemoteRow[]): TraceEvent {
  const at = world.clock.now()
  const { name, host, mailbox } = run.row.settings
  return {
    ref: messageKey(at, world.random.bytes(10)),
    at,
    step: 'removed-remotely',
    client: null,
    from: null,
    to: [directory.mailboxById(mailbox)?.name ?? String(mailbox)],
    subject: null,
    messageId: null,
    detail: {
      account: name,
      host,
      messages: removed.length,
      uids: removed.slice(0, namedMax).map(({ uid }) => uid),
      stored: removed.slice(0, namedMax).map(({ message }) => message),
    },
  }
}
