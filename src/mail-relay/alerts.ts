// What only the operator can mend: an account that is refused, an alternate server that cannot be used, no route, port 25
// blocked. The postmaster gets one mail for each problem and day, committed with the fates that showed it; `doctor` says it
// too. Used by server.ts, which hands it what each attempt came to. Never about single recipients. RO-16, RO-26, RO-27, RO-31,
// RO-33, RO-35
import { LRUCache } from 'lru-cache'
import type { OwnMail, Prepared } from '#/intake/own.ts'
import { parseAddress } from '#/message/address.ts'
import { composeText } from '#/message/compose.ts'
import { messageKey } from '#/message/key.ts'
import { replyText } from '#/message/reply.ts'
import type { Acceptance, MailboxId, Store, TraceEvent } from '#/storage/store.ts'
import type { Instant, World } from '#/world/world.ts'
import type { Detours } from './detours.ts'
import type { Told } from './events.ts'
import { alertEveryMs, problemsMax } from './limits.ts'
import type { Outcome } from './outcome.ts'

export type AlertParts = {
  readonly store: Pick<Store, 'trace'>
  readonly world: Pick<World, 'random'>
  readonly detours: Detours
  readonly prepare: (mail: OwnMail) => Promise<Prepared>
  readonly hostname: string
  /** Null: nobody has a mailbox. */
  readonly postmaster: () => MailboxId | null
}
export interface Alerts {
  /** Mails to the postmaster that are due after an attempt. */
  ofAttempt(told: readonly Told[], now: Instant): Promise<Acceptance[]>
  /** Of what was made and not kept: its problem is told then, when it still stands. */
  notKept(lost: readonly Pick<TraceEvent, 'subject'>[], againAt: Instant): void
  /** Sentences for `doctor`. */
  problems(now: Instant): readonly string[]
  /** The same, for whoever has words of their own. */
  standing(now: Instant): readonly StandingProblem[]
}

/** held: mail waits on this route for what is said. alternate, rate: that server cannot be used, or takes no more for now.
 *  port-25: no connection gets out. unwanted: servers that take nothing from here. */
export type StandingProblem = {
  readonly kind: 'held' | 'rate' | 'alternate' | 'port-25' | 'unwanted'
  readonly route: string | null
  readonly said: string
}

/** The subject names the problem: of one subject there is one mail a day. */
type Problem = StandingProblem & { readonly subject: string; readonly words: string }
type Standing = Problem & { readonly at: Instant }

export function openAlerts(parts: AlertParts): Alerts {
  const standing = new LRUCache<string, Standing>({ max: problemsMax })
  const toldAt = new LRUCache<string, Instant>({ max: problemsMax })
  const open = (now: Instant): Problem[] => [
    ...[...standing.values()].filter(({ at }) => now - at < alertEveryMs),
    ...ofDetours(parts.detours, now),
  ]
  return {
    async ofAttempt(told, now) {
      for (const { outcome, settled } of told) if (settled.is === 'delivered') mended(standing, outcome.route)
      const found = told.flatMap(({ outcome }) => problemOf(outcome) ?? [])
      for (const problem of found) standing.set(problem.subject, { ...problem, at: now })
      const made: Acceptance[] = []
      for (const problem of [...found, ...ofDetours(parts.detours, now)]) {
        if (now - (toldAt.get(problem.subject) ?? Number.NEGATIVE_INFINITY) < alertEveryMs) continue
        toldAt.set(problem.subject, now) // before the first wait: attempts run side by side
        const before = await toldBefore(problem, parts.store, now)
        if (before === null) made.push(...(await alertOf(problem, parts, now)))
        else toldAt.set(problem.subject, before)
      }
      return made
    },
    notKept(lost, againAt) {
      for (const { subject } of lost)
        if (subject !== null && toldAt.has(subject)) toldAt.set(subject, againAt - alertEveryMs)
    },
    problems: (now) => open(now).map(({ words }) => words),
    standing: (now) => open(now).map(({ kind, route, said }) => ({ kind, route, said })),
  }
}

function mended(standing: LRUCache<string, Standing>, taken: string): void {
  for (const [subject, { route }] of standing) if (route === taken) standing.delete(subject)
}

/** A temporary answer about one recipient is nobody's fault here. */
function problemOf(outcome: Outcome): Problem | null {
  const { reply, route, hold, stage, kind } = outcome
  if (hold !== null)
    return { kind: 'held', subject: `Mail waits: ${route}`, words: `Mail waits: ${hold}.`, route, said: hold }
  if (!route.startsWith('alternate:') || reply.code < 400) return null
  const name = route.slice('alternate:'.length)
  const said = replyText(reply)
  if (kind === 'rate')
    return {
      kind,
      subject: `Too much mail: ${name}`,
      words: `${name} takes no more mail for now: ${said}`,
      route,
      said,
    }
  if (aboutRecipients.has(stage)) return null
  const words = `The alternate mail server ${name} cannot be used: ${said}`
  return { kind: 'alternate', subject: `Not usable: ${name}`, words, route, said }
}

const aboutRecipients: ReadonlySet<Outcome['stage']> = new Set(['mail', 'rcpt', 'data', 'dot'])

const general = (kind: 'port-25' | 'unwanted', subject: string, words: string): Problem => ({
  kind,
  subject,
  words,
  route: null,
  said: words,
})

function ofDetours(detours: Detours, now: Instant): Problem[] {
  const { blocked, refusing } = detours.problems(now)
  return [
    ...(blocked === null ? [] : [general('port-25', 'No way out: port 25', blocked)]),
    ...(refusing.length === 0
      ? []
      : [{ ...general('unwanted', 'Refused: mail from here', refusing.join('\n')), words: refusingWords(refusing) }]),
  ]
}

const refusingWords = (refusing: readonly string[]): string =>
  `${refusing.join('\n')} (see FAQ: refused-by-the-other-server)`

/** When, within the time, before the program was started. */
async function toldBefore({ subject }: Problem, store: AlertParts['store'], now: Instant): Promise<Instant | null> {
  const found = await store.trace({ text: subject, since: now - alertEveryMs, limit: 100 })
  return found.find((event) => event.step === 'alert' && event.subject === subject)?.at ?? null
}

async function alertOf({ subject, words }: Problem, parts: AlertParts, at: Instant): Promise<Acceptance[]> {
  const { hostname, prepare, world, postmaster } = parts
  const mailbox = postmaster()
  const from = parseAddress(`MAILER-DAEMON@${hostname}`)
  const to = parseAddress(`postmaster@${hostname}`)
  if (mailbox === null || !from.ok || !to.ok) return []
  const composed = composeText({
    from: { name: 'Mail Relay', address: from.value },
    to: [{ name: null, address: to.value }],
    cc: [],
    subject,
    text: `${words}\n\n${advice}\n`,
    attachments: [],
    at,
    messageId: `<${messageKey(at, world.random.bytes(10))}@${hostname}>`,
  })
  if (!composed.ok) return []
  const sent = { from: null, to: [], mailboxes: [mailbox], octets: composed.value, by: 'the relay', step: 'alert' }
  const { acceptance } = await prepare(sent)
  return acceptance === null ? [] : [acceptance]
}

const advice = `Mail that waits for this is not lost and not sent back. It goes out by itself when it can.
netcruiser doctor says what is still wrong; netcruiser relay show tells which way mail goes.
Of this problem you hear once a day.`
