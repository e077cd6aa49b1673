// Mailboxes and their passwords: what the command line, the control socket and the console may ask for.
import { z } from 'zod'
import { forwardsMax } from '#/accounts/limits.ts'
import * as appPasswords from '../app-passwords.ts'
import { awayRequest } from '../away.ts'
import { ownMailbox } from '../authority.ts'
import * as lists from '../mailbox-list.ts'
import * as removal from '../mailbox-removal.ts'
import * as mailboxes from '../mailboxes.ts'
import { changes, reads } from '../operation.ts'
import { ownChange, setMailboxAsAsked } from '../own-mailbox.ts'

const name = z.strictObject({ name: z.string() })
const label = z.strictObject({ name: z.string(), label: z.string() })
const mailboxChange = z.strictObject({
  name: z.string(),
  newName: z.string().optional(),
  password: z.string().optional(),
  pop3: z.boolean().optional(),
  quotaBytes: z.int().min(0).nullable().optional(),
  disabled: z.enum(['refuse', 'defer', 'no-login']).nullable().optional(),
  forward: z
    .strictObject({ to: z.array(z.string()).min(1).max(forwardsMax).readonly(), keep: z.boolean().default(true) })
    .nullable()
    .optional(),
  away: awayRequest.nullable().optional(),
})

export const mailboxOperations = {
  'mailbox.list': reads('Mailboxes with what reaches them, their sizes and last logins, a page at a time', {
    parameters: lists.listRequest,
    answer: lists.listAnswer,
    run: lists.listMailboxes,
  }),
  'mailbox.add': changes('Makes a mailbox', {
    parameters: mailboxChange,
    answer: mailboxes.changedAnswer,
    run: mailboxes.addMailbox,
  }),
  'mailbox.set': changes('Changes the properties of a mailbox', {
    parameters: mailboxChange.extend({ currentPassword: z.string().optional() }),
    answer: mailboxes.changedAnswer,
    owner: ownChange,
    run: setMailboxAsAsked,
  }),
  'mailbox.consequences': reads('What breaks when a mailbox is removed', {
    parameters: name,
    answer: removal.consequences,
    run: removal.mailboxConsequences,
  }),
  'mailbox.remove': changes('Marks a mailbox as deleted; it can be restored', {
    parameters: z.strictObject({
      name: z.string(),
      force: z.boolean().default(false),
      mailTo: z.string().nullable().optional(),
    }),
    answer: removal.removed,
    run: removal.removeMailbox,
  }),
  'mailbox.show': reads('One mailbox and what leads to it', {
    parameters: name,
    answer: lists.shownAnswer,
    owner: ownMailbox,
    run: lists.showMailbox,
  }),
  'mailbox.restore': changes('Brings a deleted mailbox back', {
    parameters: z.strictObject({ name: z.string(), as: z.string().optional() }),
    answer: z.strictObject({ restored: z.string() }),
    run: mailboxes.restoreMailbox,
  }),
  'mailbox.purge': changes('Removes a deleted mailbox for good', {
    parameters: z.strictObject({ name: z.string(), now: z.boolean().default(false) }),
    answer: z.strictObject({
      purged: z.string(),
      messages: z.int(),
      accountsRemoved: z.array(z.string()).optional(),
    }),
    run: mailboxes.purgeMailbox,
  }),
  'app-password.add': changes("Makes a program's own password; it is shown once", {
    parameters: label,
    answer: appPasswords.made,
    owner: ownMailbox,
    run: appPasswords.addAppPassword,
  }),
  'app-password.list': reads('The app passwords of a mailbox, without the passwords', {
    parameters: name,
    answer: z.array(appPasswords.shown),
    owner: ownMailbox,
    run: appPasswords.listAppPasswords,
  }),
  'app-password.remove': changes('Takes an app password back', {
    parameters: label,
    answer: z.strictObject({ removed: z.string() }),
    owner: ownMailbox,
    run: appPasswords.removeAppPassword,
  }),
}
