// Mailboxes and their passwords: what the command line, the control socket and the console may ask for.
import { z } from 'zod'
import * as appPasswords from '../app-passwords.ts'
import { ownMailbox } from '../authority.ts'
import * as mailboxes from '../mailboxes.ts'
import { changes, reads } from '../operation.ts'
import { ownChange, setMailboxAsAsked } from '../own-mailbox.ts'

const name = z.strictObject({ name: z.string() })
const label = z.strictObject({ name: z.string(), label: z.string() })
const none = z.strictObject({})
const mailboxChange = z.strictObject({
  name: z.string(),
  newName: z.string().optional(),
  password: z.string().optional(),
  pop3: z.boolean().optional(),
  quotaBytes: z.int().min(0).nullable().optional(),
  disabled: z.enum(['refuse', 'defer', 'no-login']).nullable().optional(),
})

export const mailboxOperations = {
  'mailbox.list': reads('Every mailbox with its size and its last login', {
    parameters: none,
    run: mailboxes.listMailboxes,
  }),
  'mailbox.add': changes('Makes a mailbox', { parameters: mailboxChange, run: mailboxes.addMailbox }),
  'mailbox.set': changes('Changes the properties of a mailbox', {
    parameters: mailboxChange.extend({ currentPassword: z.string().optional() }),
    owner: ownChange,
    run: setMailboxAsAsked,
  }),
  'mailbox.remove': changes('Marks a mailbox as deleted; it can be restored', {
    parameters: z.strictObject({ name: z.string(), force: z.boolean().default(false) }),
    run: mailboxes.removeMailbox,
  }),
  'mailbox.show': reads('One mailbox and what leads to it', {
    parameters: name,
    owner: ownMailbox,
    run: mailboxes.showMailbox,
  }),
  'mailbox.restore': changes('Brings a deleted mailbox back', {
    parameters: z.strictObject({ name: z.string(), as: z.string().optional() }),
    run: mailboxes.restoreMailbox,
  }),
  'mailbox.purge': changes('Removes a deleted mailbox for good', {
    parameters: z.strictObject({ name: z.string(), now: z.boolean().default(false) }),
    run: mailboxes.purgeMailbox,
  }),
  'app-password.add': changes("Makes a program's own password; it is shown once", {
    parameters: label,
    owner: ownMailbox,
    run: appPasswords.addAppPassword,
  }),
  'app-password.list': reads('The app passwords of a mailbox, without the passwords', {
    parameters: name,
    owner: ownMailbox,
    run: appPasswords.listAppPasswords,
  }),
  'app-password.remove': changes('Takes an app password back', {
    parameters: label,
    owner: ownMailbox,
    run: appPasswords.removeAppPassword,
  }),
}
