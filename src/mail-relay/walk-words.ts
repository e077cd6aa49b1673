// Outcomes from what hosts and DNS said. Pure; used by walk.ts.
import { cutText } from '#/message/printable.ts'
import { reply, type Reply } from '#/message/reply.ts'
import { classify, type RefusalKind } from './classify.ts'
import type { Outcome } from './outcome.ts'
import type { RelayRoute } from './routes.ts'
import type { MailResult, RecipientOutcome, SessionFailure, Stage } from './session-types.ts'
import { routeName, type Target } from './walk-types.ts'

const plain = {
  kind: 'other',
  fromRemote: false,
  uncertain: false,
  host: null,
  remoteMta: null,
  tls: null,
  dsn: false,
  hold: null,
  missing: false,
} as const

/** "mx.example [192.0.2.1]:25" */
export const hostName = ({ hop, address }: Target): string => `${hop.name} [${address}]:${hop.port}`

/** No host was asked: DNS or our own rules say why. */
export const ourOutcome = (route: RelayRoute, said: Reply): Outcome => ({
  ...plain,
  reply: said,
  stage: 'dns',
  route: routeName(route),
})

const at = (target: Target): Pick<Outcome, 'route' | 'host' | 'remoteMta'> => ({
  route: routeName(target.route),
  host: hostName(target),
  remoteMta: target.hop.name,
})

export function sessionOutcome(target: Target, end: SessionFailure): Outcome {
  const { reply: said, stage, fromRemote, authRefused, loop } = end
  const hold = authRefused ? refusal(target, said) : null
  const kind = loop ? 'recipient' : authRefused ? 'auth' : kindOf(target, said, stage)
  return { ...plain, ...at(target), reply: said, stage, fromRemote, kind, hold }
}

/** Only an alternate server has an account of ours that the operator can mend: an exchanger that wants one does not want us. */
function kindOf({ route }: Target, said: Reply, stage: Stage): RefusalKind {
  const kind = classify(said, stage)
  return kind === 'auth' && route.is !== 'alternate' ? 'about-us' : kind
}

/** Of the account, or of this sender by the account: the operator can mend it. RO-27 */
const refusal = ({ hop }: Target, { code, lines }: Reply): string =>
  `${hop.name} refuses the account: ${code} ${lines.join(' ')}`

export function recipientOutcome(target: Target, heard: RecipientOutcome, { tls, dsn }: MailResult): Outcome {
  const { reply: said, stage, uncertain, fromRemote, atOnce } = heard
  const shown = tls === null ? null : `${tls.version} ${tls.cipher}${tls.verified ? ', certificate checked' : ''}`
  const kind = said.code < 400 ? null : kindOf(target, said, stage)
  const hold = kind === 'auth' && said.code >= 500 && target.route.is === 'alternate' ? refusal(target, said) : null
  return {
    reply: said,
    stage,
    kind,
    fromRemote,
    uncertain,
    route: routeName(target.route),
    host: hostName(target),
    remoteMta: target.hop.name,
    tls: shown,
    dsn,
    hold,
    missing: false,
    ...(atOnce !== undefined && { atOnce }),
  }
}

/** A host's "never" is no last word while another one that matters could not be asked. OUT-17 */
export function softened(outcome: Outcome): Outcome {
  const { code, lines } = outcome.reply
  const who = outcome.fromRemote ? `${outcome.remoteMta ?? 'a host'} said ${code} ` : ''
  const words = cutText(`${who}${lines.join(' ')}`, 900)
  return { ...outcome, reply: reply(450, '4.4.0', `${words}; it is asked again`), kind: 'other' }
}

export const outOfTime = (route: RelayRoute): Outcome =>
  ourOutcome(route, reply(451, '4.4.2', 'The attempt took too long; it goes on with the next one'))

export const ourTrouble = (route: RelayRoute): Outcome =>
  ourOutcome(route, reply(451, '4.3.0', 'Trouble on our side; it is tried again'))
