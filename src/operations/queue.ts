// The queue workbench: what waits to go out, and every act on it by hand, each told in the trace with who did it. QU-11, QU-12
// Works on a stopped server too, except what only a relay at work can do.
import { z } from 'zod'
import type { MailRelaySettings } from '#/config/mail-relay-settings.ts'
import { openNotices } from '#/mail-relay/notices.ts'
import * as byHand from '#/mail-relay/by-hand.ts'
import { about } from '#/mail-relay/events.ts'
import { ownerOf } from '#/mail-relay/server.ts'
import { prepareOwn } from '#/intake/own.ts'
import type { DeliveryRow, DeliveryState, Fate, MovesUnit, Priority } from '#/storage/queue.ts'
import type { Acceptance } from '#/storage/store.ts'
import { whoIs } from './audit.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { changeSelected, type Deed, type Done } from './queue-change.ts'
import { readdressing } from './queue-readdress.ts'
import {
  assertNamed,
  countMax,
  countSelected,
  selected,
  selectionFields,
  shownDelivery,
  type Selection,
  type ShownDelivery,
} from './queue-select.ts'
import { setSetting } from './world.ts'

export const listRequest = z.strictObject({ ...selectionFields, limit: z.int().min(1).max(10_000).default(100) })
export const countRequest = z.strictObject({ ...selectionFields, all: z.boolean().default(false) })
/** `expected`: how many deliveries whoever asks has seen; when there are more or fewer, nothing is done. */
const actFields = { ...countRequest.shape, yes: z.boolean().default(false), expected: z.int().optional() }
export const actRequest = z.strictObject(actFields)
export const holdRequest = z.strictObject({ ...actFields, why: z.string().max(200).default('held by hand') })
export const rerouteRequest = z.strictObject({ ...actFields, route: z.string() })
export const editRequest = z.strictObject({
  ...actFields,
  lifetimeMs: z.int().min(1000).max(31_536_000_000).optional(),
  priority: z.union([z.literal(0), z.literal(1), z.literal(2)]).optional(),
  to: z.string().max(400).optional().describe('Another recipient, for one delivery'),
})
type Act = z.infer<typeof actRequest>

export async function listQueue(context: Context, { limit, ...selection }: z.infer<typeof listRequest>) {
  const shown: ShownDelivery[] = []
  const closed = closedBy(context.settings.now().mailRelay)
  for await (const rows of selected(context, selection)) {
    shown.push(...rows.slice(0, limit - shown.length).map((row) => shownDelivery(row, closed)))
    if (shown.length === limit) break
  }
  return shown
}

export function closedBy({ paused, sendWhen }: MailRelaySettings): string | null {
  if (paused) return 'the relay is paused'
  if (sendWhen === 'always') return null
  return sendWhen === 'asked' ? 'queue flush' : `its time: ${sendWhen.join(', ')}`
}

/** Counts, and the destinations with most mail first. */
export async function summary({ store, settings }: Context) {
  const [figures, destinations] = await Promise.all([store.queue.figures(), store.queue.summary(summaryRows)])
  return { paused: settings.now().mailRelay.paused, ...figures, destinations }
}
const summaryRows = 100

/** How many an act would change, for the question before it. */
export const count = (context: Context, { all, ...selection }: z.infer<typeof countRequest>): Promise<number> => {
  assertNamed(selection, all)
  return countSelected(context, selection)
}

const open: readonly DeliveryState[] = ['waiting', 'held']

export const retry = (context: Context, request: Act): Promise<Done> =>
  changed(context, request, {
    from: ['waiting'],
    step: 'retried',
    freshHosts: true,
    to: (row, now) => byHand.triedAtOnce(row, now),
  })

export const hold = (context: Context, { why, ...request }: z.infer<typeof holdRequest>): Promise<Done> =>
  changed(context, request, {
    from: ['waiting'],
    step: 'held',
    detail: { why },
    to: (row, at) => byHand.held(row, { by: whoOf(context), why, at }),
  })

export const release = (context: Context, request: Act): Promise<Done> =>
  changed(context, request, { from: ['held'], step: 'released', to: (row, now) => byHand.released(row, now) })

export function reroute(context: Context, { route, ...request }: z.infer<typeof rerouteRequest>): Promise<Done> {
  const alternate = /^alternate:(.+)$/.exec(route)?.[1]
  if (route !== 'mx' && route !== 'address' && (alternate === undefined || !context.relay.alternates().has(alternate)))
    throw new OperationError(`${route} is no route: write mx, address, or alternate:NAME with a name of alternate list`)
  const to = (row: DeliveryRow, now: number): Fate => byHand.rerouted(row, route, now)
  return changed(context, request, {
    from: open,
    step: 'rerouted',
    detail: { route },
    freshHosts: true,
    keepsHeld: true,
    to,
  })
}

export const drop = (context: Context, request: Act): Promise<Done> =>
  changed(context, request, { from: open, step: 'dropped', to: byHand.dropped })

export function edit(
  context: Context,
  { lifetimeMs, priority, to: another, ...request }: z.infer<typeof editRequest>,
): Promise<Done> {
  const isNothing = lifetimeMs === undefined && priority === undefined
  if (another !== undefined && !isNothing) throw new OperationError('Change the recipient alone')
  if (another !== undefined) return changeMany(context, request, readdressing(context, another))
  if (isNothing) throw new OperationError('Say what to change: --lifetime, --priority or --to')
  const changes = { lifetimeMs, priority: priority as Priority | undefined } // the schema's literals
  const to = (row: DeliveryRow, now: number): Fate => byHand.edited(row, changes, now)
  return changed(context, request, { from: open, step: 'edited', detail: { ...changes }, to })
}

export const pause = (context: Context) => setPaused(context, true)
export const resume = (context: Context) => setPaused(context, false)

async function setPaused(context: Context, paused: boolean) {
  const line = await setSetting(context, { name: 'mailRelay.paused', value: paused })
  context.outgoing?.wake({ fresh: true })
  return line
}

/** "Send now": what waits for its hour, for a route, for its next attempt. QU-13 */
export async function flush({ outgoing, store, settings }: Context) {
  if (!outgoing) throw new OperationError('Only a running server sends: start it with netcruiser serve')
  if (settings.now().mailRelay.paused) throw new OperationError('The relay is paused: queue resume lets it send')
  await outgoing.flush()
  return { waiting: (await store.queue.figures()).waiting }
}

/** Failed, with the notice that a failure calls for, in one commit. */
export async function bounce(context: Context, request: Act): Promise<Done> {
  const { store, settings, world, hostname, directory, resolver } = context
  const intake = { store, directory, resolver, settingsNow: settings.now, world, hostname }
  const notices = openNotices({
    queue: store.queue,
    world,
    settingsNow: () => settings.now().mailRelay,
    prepare: (mail) => prepareOwn(intake, mail),
    hostname,
    ownerOf: (name) => ownerOf(intake, name),
  })
  const unit = async (rows: readonly DeliveryRow[], at: number): Promise<MovesUnit> => {
    const told = rows.map((row) => byHand.sentBack(row, at))
    const acceptances: Acceptance[] = []
    for (const one of Map.groupBy(told, ({ row }) => row.message).values())
      acceptances.push(...(await notices.ofAttempt(one, at)))
    const moves = told.map(({ row, settled }) => ({ row, to: settled.fate }))
    const events = rows.map((row) => ({ ...about(row, at), step: 'bounced', detail: { by: whoOf(context) } }))
    return { at, moves, events, acceptances }
  }
  return changeMany(context, request, { from: open, unit })
}

const whoOf = ({ actor }: Context): string => whoIs(actor)

type Change = {
  readonly from: readonly DeliveryState[]
  readonly step: string
  readonly detail?: Readonly<Record<string, unknown>>
  readonly freshHosts?: boolean
  readonly keepsHeld?: boolean
  readonly to: (row: DeliveryRow, now: number) => Fate
}

function changed(context: Context, request: Act, { step, detail, to, ...change }: Change): Promise<Done> {
  const unit = (rows: readonly DeliveryRow[], at: number): MovesUnit => ({
    at,
    moves: rows.map((row) => ({ row, to: { ...to(row, at), lease: null } })),
    events: rows.map((row) => ({ ...about(row, at), step, detail: { by: whoOf(context), ...detail } })),
  })
  return changeMany(context, request, { ...change, unit })
}

/** More than one delivery is changed only by who has heard how many. */
async function changeMany(context: Context, { all, yes, expected, ...given }: Act, deed: Deed): Promise<Done> {
  assertNamed(given, all)
  const selection: Selection = { ...given, finished: false }
  if (expected !== undefined) {
    const there = await countSelected(context, selection)
    if (there !== expected)
      throw new OperationError(`The queue has changed: these are ${there} deliveries now, not ${expected}. Look again`)
    return changeSelected(context, selection, deed)
  }
  const many = yes
    ? 0
    : await countSelected(context, {
        ...selection,
        ...(deed.from.length === 1 && !given.state && { state: deed.from[0] }),
      })
  if (many > 1)
    throw new OperationError(`This is about ${many > countMax ? `more than ${countMax}` : many} deliveries: say --yes`)
  return changeSelected(context, selection, deed)
}
