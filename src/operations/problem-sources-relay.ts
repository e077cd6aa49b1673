// What may be wrong with outgoing mail: routes that lead nowhere, servers that refuse us, a queue that grows. In the list of
// problem-sources.ts.
import type { StandingProblem } from '#/mail-relay/alerts.ts'
import { warningOf } from './alternates.ts'
import type { Context } from './context.ts'
import { goTo, notice, problem, type Found } from './problem-shapes.ts'
import { lookAtQueue } from './queue-look.ts'

const relay = goTo('/mail-relay')
const learn = 'guide#where-outgoing-mail-goes'

/** What will not work as it stands, whatever the other servers say. RO-33, RO-25, DL-03 */
export function routeProblems({ settings, relay: tables }: Context): Found[] {
  const { mx, address, alternate, delayNoticeMs, lifetimeMs, sendDelayNotices } = settings.now().mailRelay
  const values = { name: alternate }
  const found: (Found | false)[] = [
    !mx &&
      !address &&
      alternate === '' &&
      problem({ id: 'relay-no-route', code: 'relay-no-route', action: relay, learn }),
    alternate !== '' &&
      !tables.alternates().has(alternate) &&
      problem({ id: 'relay-alternate-missing', code: 'relay-alternate-missing', values, action: relay, learn }),
    sendDelayNotices &&
      delayNoticeMs >= lifetimeMs &&
      notice({ id: 'relay-delay-late', code: 'relay-delay-late', action: relay, learn: 'guide#settings' }),
    ...[...tables.alternates().values()].map((row) => {
      const said = warningOf(row)
      const id = `relay-alternate-risk ${row.name}`
      return (
        said !== null && notice({ id, code: 'relay-alternate-risk', values: { name: row.name, said }, action: relay })
      )
    }),
  ]
  return found.filter((one) => one !== false)
}

/** What attempts have shown. RO-16, RO-26, RO-27, RO-31, RO-35 */
export const standingProblems = ({ outgoing }: Context): Found[] => (outgoing?.standing() ?? []).map(shown)

const kinds = {
  held: { code: 'relay-held', learn: 'faq#stuck-mail' },
  rate: { code: 'relay-rate', learn: 'faq#stuck-mail' },
  alternate: { code: 'relay-alternate', learn: 'faq#sign-in-refused' },
  'port-25': { code: 'relay-port-25', learn: 'faq#port-25-blocked' },
  unwanted: { code: 'relay-unwanted', learn: 'faq#refused-by-the-other-server' },
} as const

function shown({ kind, route, said }: StandingProblem): Found {
  const name = route?.replace(/^alternate:/, '') ?? ''
  const { code } = kinds[kind]
  const isAccount = kind === 'alternate' && /^(?:535|530|534|538|454)\b/.test(said)
  return problem({
    ...kinds[kind],
    id: `${code} ${name}`,
    values: { name, said },
    facts: said.slice(0, 3), // the words of a reply may differ each time
    action: isAccount ? goTo('/mail-relay', 'new-password') : relay,
  })
}

const hourMs = 3_600_000

/** QU-16 */
export async function queueProblems(context: Context): Promise<Found[]> {
  const { settings, world, running } = context
  const { alarmDepth, alarmOldestMs } = settings.now().mailRelay
  const { open: depth, oldestAt } = await (running?.queue ?? lookAtQueue)(context)
  const oldestMs = oldestAt === null ? 0 : world.clock.now() - oldestAt
  const more = { facts: '', action: goTo('/queue'), learn: 'faq#stuck-mail' }
  return [
    ...(alarmDepth > 0 && depth > alarmDepth
      ? [notice({ id: 'queue-deep', code: 'queue-deep', values: { depth }, ...more })]
      : []),
    ...(alarmOldestMs > 0 && oldestMs > alarmOldestMs
      ? [notice({ id: 'queue-old', code: 'queue-old', values: { hours: Math.floor(oldestMs / hourMs) }, ...more })]
      : []),
  ]
}
