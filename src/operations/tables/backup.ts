// Backups and what is brought back from them: what the command line, the control socket and the console may ask for. To restore
// all of it is no operation: no server runs then. See cli/restore.ts.
import { z } from 'zod'
import * as backups from '../backups.ts'
import { schedule, scheduleAnswer, scheduleRequest } from '../backup-schedule.ts'
import { changes, reads } from '../operation.ts'
import * as restoring from '../restoring.ts'

const none = z.strictObject({})

export const backupOperations = {
  'backup.state': reads('The last backup, the next one, what goes on, and what is wrong', {
    parameters: none,
    answer: backups.stateAnswer,
    run: backups.state,
  }),
  'backup.list': reads('Backups, newest first', {
    parameters: backups.listRequest,
    answer: backups.listAnswer,
    run: backups.list,
  }),
  'backup.create': changes('Makes a backup of this moment and reads it again', {
    parameters: backups.createRequest,
    answer: backups.createAnswer,
    run: backups.create,
  }),
  'backup.verify': reads('Reads a whole backup and tells what is damaged', {
    parameters: backups.verifyRequest,
    answer: backups.verifyAnswer,
    run: backups.verify,
  }),
  'backup.cancel': changes('Ends the work on backups that goes on; nothing half is left', {
    parameters: none,
    answer: z.strictObject({ cancelled: z.boolean() }),
    run: backups.cancel,
  }),
  'backup.remove': changes('Removes a backup for good', {
    parameters: backups.idRequest,
    answer: z.strictObject({ removed: z.string() }),
    run: backups.remove,
  }),
  'backup.schedule': changes('Says when backups are made by themselves, and how many stay', {
    parameters: scheduleRequest,
    answer: scheduleAnswer,
    run: schedule,
  }),
  'restore.contents': reads('The mailboxes in a backup', {
    parameters: restoring.contentsRequest,
    answer: restoring.contentsAnswer,
    run: restoring.contents,
  }),
  'restore.messages': reads('The messages of a mailbox in a backup, oldest first', {
    parameters: restoring.messagesRequest,
    answer: restoring.messagesAnswer,
    run: restoring.messages,
  }),
  'restore.mailbox': changes('Brings a mailbox, or one message of it, back from a backup', {
    parameters: restoring.mailboxRequest,
    answer: restoring.mailboxAnswer,
    run: restoring.mailbox,
  }),
  'restore.file': changes('Brings a mailbox, or one message of it, back from a backup that lies elsewhere', {
    parameters: restoring.fileRequest,
    answer: restoring.mailboxAnswer,
    local: true,
    run: restoring.fromFile,
  }),
  'restore.release': changes('After all was restored: lets the held mail go and accounts delete again', {
    parameters: none,
    answer: restoring.releaseAnswer,
    run: restoring.release,
  }),
}
