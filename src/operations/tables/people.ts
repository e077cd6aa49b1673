// Who may use the console: what the command line, the control socket and the console may ask for.
import { z } from 'zod'
import * as administrators from '../administrators.ts'
import { auditAnswer, auditRequest, listAudit } from '../audit.ts'
import { anyOwner } from '../authority.ts'
import { changes, reads } from '../operation.ts'
import * as secondStep from '../second-step.ts'
import * as sessions from '../sessions.ts'
import * as tokens from '../tokens.ts'

const name = z.strictObject({ name: z.string() })
const none = z.strictObject({})

export const peopleOperations = {
  'admin.list': reads('The administrators', {
    parameters: none,
    answer: administrators.administratorsAnswer,
    run: administrators.listAdministrators,
  }),
  'admin.add': changes('Adds an administrator', {
    parameters: administrators.addRequest,
    answer: administrators.administratorAnswer,
    run: administrators.addAdministrator,
  }),
  'admin.set-password': changes('Changes the password of an administrator; their other sessions end', {
    parameters: administrators.passwordRequest,
    answer: administrators.administratorAnswer,
    run: administrators.setAdministratorPassword,
  }),
  'admin.remove': changes('Removes an administrator, their sessions and their tokens; the last one stays', {
    parameters: name,
    answer: z.object({ removed: z.string() }),
    run: administrators.removeAdministrator,
  }),
  'admin.link': reads('The one-time link that sets the first administrator', {
    parameters: none,
    answer: administrators.linkAnswer,
    local: true,
    run: administrators.tellSetupLink,
  }),
  'admin.begin-totp': reads(
    'A new key for codes as a second step of signing in; nothing is kept until it is confirmed',
    {
      parameters: name,
      answer: secondStep.begunAnswer,
      run: secondStep.beginTotp,
    },
  ),
  'admin.confirm-totp': changes('Asks for codes from now on; the recovery codes are shown once', {
    parameters: secondStep.confirmRequest,
    answer: z.object({ recoveryCodes: z.array(z.string()) }),
    run: secondStep.confirmTotp,
  }),
  'admin.reset-totp': changes('Asks an administrator for the password only', {
    parameters: secondStep.resetRequest,
    answer: administrators.administratorAnswer,
    run: secondStep.resetTotp,
  }),
  'session.list': reads('Who is signed in to the console, and where', {
    parameters: none,
    answer: sessions.sessionsAnswer,
    owner: anyOwner,
    run: sessions.listSessions,
  }),
  'session.end': changes('Signs a browser out', {
    parameters: z.strictObject({ id: z.string() }),
    answer: sessions.endedAnswer,
    owner: anyOwner,
    run: sessions.endSession,
  }),
  'session.end-mine': changes('Signs out every browser of whoever asks; the one that asks may stay', {
    parameters: z.strictObject({ keepThis: z.boolean().default(false) }),
    answer: sessions.endedAnswer,
    owner: anyOwner,
    run: sessions.endMine,
  }),
  'token.list': reads('The API tokens, without their secrets', {
    parameters: none,
    answer: tokens.tokensAnswer,
    run: tokens.listTokens,
  }),
  'token.add': changes('Makes an API token; it is shown once', {
    parameters: tokens.addRequest,
    answer: tokens.addedAnswer,
    run: tokens.addToken,
  }),
  'token.remove': changes('Takes an API token back', {
    parameters: z.strictObject({ label: z.string() }),
    answer: z.object({ removed: z.string() }),
    run: tokens.removeToken,
  }),
  audit: reads('Who changed what, from where, and how it ended, newest first', {
    parameters: auditRequest,
    answer: auditAnswer,
    run: listAudit,
  }),
}
