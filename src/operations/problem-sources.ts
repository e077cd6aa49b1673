// Where problems come from: each source looks at one thing. Whoever adds a part that can be in trouble adds its source to the
// list at the end.
import { statfsSync } from 'node:fs'
import { certificateProblems } from './certificate-problems.ts'
import type { Context } from './context.ts'
import { backupProblems, restoredProblem } from './backup-problems.ts'
import { accountProblems, mailboxProblems } from './problem-sources-mail.ts'
import { queueProblems, routeProblems, standingProblems } from './problem-sources-relay.ts'
import { goTo, notice, problem, type Found, type ProblemSource } from './problem-shapes.ts'
import { relaySelfTest } from './self-test.ts'

const notRunning = ({ running }: Context): Found[] =>
  running ? [] : [notice({ id: 'not-running', code: 'not-running', dismissable: false })]

const shownStep = 100_000_000 // what moves all the time is not news

function space({ store, settings, folder }: Context): Found[] {
  const { reserveBytes } = settings.now().mailServer
  const { bavail, bsize } = statfsSync(folder)
  const values = { freeBytes: Math.floor((bavail * bsize) / shownStep) * shownStep, reserveBytes }
  const [state, facts] = [store.canAccept(), `${reserveBytes}`]
  if (state === 'failed') return [problem({ id: 'store', code: 'store-failed', dismissable: false })]
  if (state === 'full' || bavail * bsize < reserveBytes)
    return [problem({ id: 'space', code: 'disk-full', values, facts, dismissable: false })]
  return values.freeBytes < 4 * reserveBytes ? [notice({ id: 'space', code: 'disk-low', values, facts })] : []
}

const listeners = ({ listening }: Context): Found[] =>
  (listening?.() ?? []).flatMap(({ component, address, problem: why }) =>
    why === null
      ? []
      : [
          problem({
            id: `listener ${component} ${address}`,
            code: 'listener',
            values: { component, address, said: why },
            learn: 'faq#port-busy',
          }),
        ],
  )

function beginnings({ directory, settings }: Context): Found[] {
  const { mailboxes, domains, access } = directory.all()
  const add = 'guide#first-domain-and-mailbox'
  return [
    ...(mailboxes.some(({ deletedAt }) => deletedAt === null)
      ? []
      : [notice({ id: 'no-mailbox', code: 'no-mailbox', action: goTo('/mailboxes', 'add-mailbox'), learn: add })]),
    ...(domains.length > 0
      ? []
      : [notice({ id: 'no-domain', code: 'no-domain', action: goTo('/mail-server', 'add-domain'), learn: add })]),
    ...(settings.now().mailServer.forwarding && access.length === 0
      ? [
          notice({
            id: 'access-empty',
            code: 'access-empty',
            action: goTo('/mail-server', 'add-pattern'),
            learn: 'guide#printers-and-the-access-list',
          }),
        ]
      : []),
  ]
}

/** Strangers may send through this server: that is never fine. AC-18 */
async function openRelay(context: Context): Promise<Found[]> {
  const said = await relaySelfTest(context)
  const values = { said: said ?? '' }
  const learn = 'guide#printers-and-the-access-list'
  const action = goTo('/mail-server')
  return said === null
    ? []
    : [problem({ id: 'open-relay', code: 'open-relay', values, learn, action, dismissable: false })]
}

export const problemSources: readonly ProblemSource[] = [
  notRunning,
  space,
  listeners,
  openRelay,
  certificateProblems,
  routeProblems,
  standingProblems,
  queueProblems,
  accountProblems,
  mailboxProblems,
  backupProblems,
  restoredProblem,
  beginnings,
]
