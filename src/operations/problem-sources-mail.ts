// What may be wrong with mailboxes: accounts that collect nothing, quotas that are reached. In the list of problem-sources.ts.
import type { AccountRow } from '#/pop3-client/types.ts'
import type { Context } from './context.ts'
import { goTo, notice, problem, type Found } from './problem-shapes.ts'

/** PC-03, PC-04, PC-39 */
export const accountProblems = ({ accounts }: Context): Found[] =>
  accounts.all().flatMap((row) => (isTroubled(row) ? [accountProblem(row)] : []))

const isTroubled = ({ settings, status: { is, alertedAt } }: AccountRow): boolean =>
  !settings.paused && (is === 'stopped' || alertedAt !== null)

function accountProblem({ settings: { name, host, auth }, status }: AccountRow): Found {
  const { is, reason, words: said, left } = status
  const path = `/pop3-client?account=${encodeURIComponent(name)}`
  return (is === 'stopped' ? problem : notice)({
    id: `account ${name}`,
    code: is !== 'stopped' ? 'account-failing' : reason === 'sign-in' ? 'account-sign-in' : 'account-stopped',
    values: { account: name, user: auth.user, host, reason, said, left },
    facts: `${is} ${reason}`,
    action: goTo(path, reason === 'sign-in' ? (auth.kind === 'oauth' ? 'sign-in' : 'new-password') : 'go'),
    learn: reason === 'uids-changed' ? 'faq#uids-changed' : 'faq#account-stopped',
  })
}

const fullPercent = 100
const fillingPercent = 90
const mailboxesMax = 50

/** MB-04 */
export async function mailboxProblems({ store }: Context): Promise<Found[]> {
  const rows = await store.notes.fullMailboxes(fillingPercent, mailboxesMax)
  return rows.map(({ name, bytes, quotaBytes }) => {
    const percent = quotaBytes === 0 ? fullPercent : Math.floor((bytes * 100) / quotaBytes)
    const code = percent >= fullPercent ? 'mailbox-full' : 'mailbox-filling'
    const values = { mailbox: name, percent, bytes, quotaBytes }
    const action = goTo(`/mailboxes?mailbox=${encodeURIComponent(name)}`, 'quota')
    const made = { id: `quota ${name}`, code, values, facts: `${code} ${quotaBytes}`, action } as const
    return (percent >= fullPercent ? problem : notice)({ ...made, learn: 'faq#mailbox-full' })
  })
}
