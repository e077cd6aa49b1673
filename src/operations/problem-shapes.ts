// What a problem is, and what problems.list answers: codes and values, which the page puts into words of its language and the
// command line into English.
import { z } from 'zod'
import type { Context } from './context.ts'
import { sentence } from './status-shapes.ts'

export const problemCodes = [
  'source-failed',
  'not-running',
  'disk-full',
  'disk-low',
  'store-failed',
  'listener',
  'certificate-none',
  'certificate-expired',
  'certificate-ending',
  'certificate-name',
  'certificate-own',
  'no-mailbox',
  'no-domain',
  'access-empty',
  'open-relay',
  'relay-no-route',
  'relay-alternate-missing',
  'relay-delay-late',
  'relay-alternate-risk',
  'relay-held',
  'relay-rate',
  'relay-alternate',
  'relay-port-25',
  'relay-unwanted',
  'queue-deep',
  'queue-old',
  'account-sign-in',
  'account-stopped',
  'account-failing',
  'mailbox-full',
  'mailbox-filling',
  'backup-failed',
  'backup-old',
  'restored',
] as const
export type ProblemCode = (typeof problemCodes)[number]

/** What can be done: a screen to go to, or an operation to run. Its code names the button. */
export const actionCodes = [
  'go',
  'sign-in',
  'new-password',
  'add-mailbox',
  'add-domain',
  'add-pattern',
  'certificate',
  'quota',
  'look-again',
] as const
export type ActionCode = (typeof actionCodes)[number]
const action = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('screen'), code: z.enum(actionCodes), path: z.string() }),
  z.strictObject({
    kind: z.literal('operation'),
    code: z.enum(actionCodes),
    name: z.string(),
    parameters: z.record(z.string(), z.unknown()),
  }),
])
export type Action = z.infer<typeof action>

/** problem: somebody must act. notice: for your information. */
export const found = z.strictObject({
  id: z.string(),
  severity: z.enum(['problem', 'notice']),
  ...sentence.extend({ code: z.enum(problemCodes) }).shape,
  action: action.nullable(),
  /** An entry of the FAQ, or a heading of the guide: `faq#port-busy`. */
  learn: z.string().nullable(),
  /** Whether somebody may answer "That's fine, stop telling me". */
  dismissable: z.boolean(),
  /** When these change, a dismissed problem comes back; counts and dates that only go on do not belong in it. */
  facts: z.string(),
})
export type Found = z.infer<typeof found>

export const shownProblem = found.omit({ facts: true }).extend({
  since: z.number(),
  dismissedAt: z.number().nullable(),
  solvedAt: z.number().nullable(),
})
export type ShownProblem = z.infer<typeof shownProblem>

export const problemList = z.strictObject({
  open: z.array(shownProblem),
  dismissed: z.array(shownProblem),
  /** Of the last month, latest first. */
  solved: z.array(shownProblem),
})
export type ProblemList = z.infer<typeof problemList>

/** Looks at one thing; may throw, which is then a problem of its own. */
export type ProblemSource = (context: Context) => Promise<readonly Found[]> | readonly Found[]

type Told = Pick<Found, 'id' | 'code'> & Partial<Omit<Found, 'id' | 'code' | 'severity'>>
const told =
  (severity: Found['severity']) =>
  ({ values = {}, facts, ...rest }: Told): Found => ({
    severity,
    action: null,
    learn: null,
    dismissable: true,
    values,
    facts: facts ?? JSON.stringify(values),
    ...rest,
  })
export const problem = told('problem')
export const notice = told('notice')
export const goTo = (path: string, code: Action['code'] = 'go'): Action => ({ kind: 'screen', code, path })
