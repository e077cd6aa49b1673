// What changed, in a few words: counted as units become durable, so that a page looks again only when there is something new.
import type { StatementName } from './sql/writes.ts'
import type { Unit } from './work.ts'

export const topics = [
  'mailboxes',
  'queue',
  'trace',
  'rules',
  'accounts',
  'settings',
  'people',
  'problems',
  'drafts',
] as const
export type Topic = (typeof topics)[number]
/** How often each topic was written since the store was opened. */
export type Versions = Record<Topic, number>

const topicOf = new Map<StatementName, Topic>([
  ['addEntry', 'mailboxes'],
  ['dropEntries', 'mailboxes'],
  ['setSeen', 'mailboxes'],
  ['restoreEntry', 'mailboxes'],
  ['dropDeleted', 'mailboxes'],
  ['addMailbox', 'mailboxes'],
  ['setMailboxName', 'mailboxes'],
  ['setMailboxPop3', 'mailboxes'],
  ['setMailboxArgon2', 'mailboxes'],
  ['setMailboxQuota', 'mailboxes'],
  ['setMailboxDisabled', 'mailboxes'],
  ['setMailboxForward', 'mailboxes'],
  ['setMailboxAway', 'mailboxes'],
  ['setMailboxDeleted', 'mailboxes'],
  ['dropMailbox', 'mailboxes'],
  ['noteLogin', 'mailboxes'],
  ['addAppPassword', 'mailboxes'],
  ['dropAppPassword', 'mailboxes'],
  ['addDelivery', 'queue'],
  ['moveDelivery', 'queue'],
  ['replan', 'queue'],
  ['pruneDeliveries', 'queue'],
  ['addTrace', 'trace'],
  ['pruneTrace', 'trace'],
  ['putDomain', 'rules'],
  ['dropDomain', 'rules'],
  ['putAddress', 'rules'],
  ['dropAddress', 'rules'],
  ['putAccess', 'rules'],
  ['changeAccess', 'rules'],
  ['dropAccess', 'rules'],
  ['noteAccess', 'rules'],
  ['putAlternate', 'rules'],
  ['dropAlternate', 'rules'],
  ['addRoute', 'rules'],
  ['clearRoutes', 'rules'],
  ['addAccount', 'accounts'],
  ['putAccount', 'accounts'],
  ['dropAccount', 'accounts'],
  ['addRun', 'accounts'],
  ['putSetting', 'settings'],
  ['dropSetting', 'settings'],
  ['dropRestored', 'settings'],
  ['putProblem', 'problems'],
  ['addDraft', 'drafts'],
  ['dropDraft', 'drafts'],
  ['sendDraft', 'drafts'],
  ['letDraftLeave', 'drafts'],
  ['giveDraftBack', 'drafts'],
  ['dropSentOf', 'drafts'],
  ['addAdministrator', 'people'],
  ['addFirstAdministrator', 'people'],
  ['setAdministratorPassword', 'people'],
  ['setSecondStep', 'people'],
  ['dropAdministrator', 'people'],
  ['addSession', 'people'],
  ['dropSessions', 'people'],
  ['addToken', 'people'],
  ['dropToken', 'people'],
  ['addAudit', 'people'],
])

export const noVersions = (): Versions => Object.fromEntries(topics.map((topic) => [topic, 0])) as Versions // one of each

export function countTopics(versions: Versions, unit: Unit): void {
  for (const { run } of unit) {
    const topic = topicOf.get(run)
    if (topic !== undefined) versions[topic]++
  }
}
