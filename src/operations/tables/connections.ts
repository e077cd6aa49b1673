// Who is connected and who signed in: what the command line, the control socket and the console may ask for.
import { z } from 'zod'
import { changes, reads } from '../operation.ts'
import * as sessions from '../connections.ts'

const none = z.strictObject({})
const ended = z.strictObject({ ended: z.string() })
type LoginsRequest = z.infer<typeof sessions.loginsRequest>
/** Owners see how their own mailbox was opened. */
const own = (request: LoginsRequest, mailbox: string): LoginsRequest => ({ ...request, mailbox })

export const connectionOperations = {
  'pop3.sessions': reads('Who is connected to the POP3 Server, those who signed in first', {
    parameters: none,
    answer: z.array(sessions.pop3Session),
    run: sessions.pop3Sessions,
  }),
  'pop3.end-session': changes('Breaks a POP3 session off; nothing is deleted by that', {
    parameters: sessions.endRequest,
    answer: ended,
    run: (context, { id }) => sessions.endSession(context, { service: 'pop3', id }),
  }),
  'pop3.logins': reads('Logins to the POP3 Server and refused ones, latest first', {
    parameters: sessions.loginsRequest,
    answer: sessions.loginsPage,
    owner: own,
    run: (context, request) => sessions.listLogins(context, { ...request, service: 'pop3' }),
  }),
  'smtp.sessions': reads('Who is connected to the Mail Server', {
    parameters: none,
    answer: z.array(sessions.smtpSession),
    run: sessions.smtpSessions,
  }),
  'smtp.end-session': changes('Says goodbye to a client of the Mail Server; a message under way is not taken', {
    parameters: sessions.endRequest,
    answer: ended,
    run: (context, { id }) => sessions.endSession(context, { service: 'smtp', id }),
  }),
  'smtp.logins': reads('Logins to the Mail Server and refused ones, latest first', {
    parameters: sessions.loginsRequest,
    answer: sessions.loginsPage,
    owner: own,
    run: (context, request) => sessions.listLogins(context, { ...request, service: 'smtp' }),
  }),
}
