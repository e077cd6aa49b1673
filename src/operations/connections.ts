// Who is connected now, and who signed in lately, to the POP3 Server and the Mail Server.
import { z } from 'zod'
import type { LoginNote, LoginRow } from '#/storage/notes.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import type { Pop3View, SmtpView } from './running.ts'

export const pop3Session = z.strictObject({
  id: z.string(),
  client: z.string(),
  since: z.number(),
  user: z.string().nullable(),
  tls: z.boolean(),
  retrieved: z.int(),
})
export const smtpSession = pop3Session
  .omit({ retrieved: true })
  .extend({ listener: z.string(), receiving: z.boolean() })
export const endRequest = z.strictObject({ id: z.string() })

/** Nobody is connected to a stopped server. Those who signed in first, then by when they came. */
export const pop3Sessions = ({ running }: Context): Promise<Pop3View[]> =>
  Promise.resolve(inOrder(running?.pop3.sessions() ?? []))
export const smtpSessions = ({ running }: Context): Promise<SmtpView[]> =>
  Promise.resolve(inOrder(running?.smtp.sessions() ?? []))

const sessionsMax = 500

const inOrder = <View extends Pop3View | SmtpView>(sessions: readonly View[]): View[] =>
  sessions
    .toSorted((a, b) => Number(a.user === null) - Number(b.user === null) || a.since - b.since)
    .slice(0, sessionsMax)

export function endSession(
  { running }: Context,
  { service, id }: { service: 'pop3' | 'smtp'; id: string },
): Promise<{ ended: string }> {
  if (!running?.[service].end(id)) throw new OperationError(`There is no connection ${id} any more`)
  return Promise.resolve({ ended: id })
}

const login = z.strictObject({
  name: z.string(), // of the mailbox, or as it was typed
  client: z.string(),
  /** ok, wrong, unknown, disabled, pop3-off, throttled, busy. */
  outcome: z.string(),
  times: z.int(),
  firstAt: z.number(),
  lastAt: z.number(),
})
export const loginsRequest = z.strictObject({
  mailbox: z.string().optional(),
  after: z.string().optional(),
  limit: z.int().min(1).max(500).default(50),
})
export const loginsPage = z.strictObject({ rows: z.array(login), next: z.string().nullable() })

type LoginsRequest = z.infer<typeof loginsRequest> & { readonly service: LoginNote['service'] }

/** Alike ones are one row with their number; latest first. PS-19 */
export async function listLogins(
  { store }: Context,
  { service, mailbox, after, limit }: LoginsRequest,
): Promise<z.infer<typeof loginsPage>> {
  const query = { service, name: mailbox, after: after === undefined ? undefined : readPlace(after), limit }
  const rows = (await store.notes.logins(query)).map(({ service: _service, ...row }) => row)
  const last = rows.at(-1)
  return { rows, next: last && rows.length === limit ? placeOf(last) : null }
}

type Place = Pick<LoginRow, 'lastAt' | 'name' | 'client' | 'outcome'>
const place = z.tuple([z.number(), z.string(), z.string(), z.string()])

const placeOf = ({ lastAt, name, client, outcome }: Place): string =>
  Buffer.from(JSON.stringify([lastAt, name, client, outcome])).toString('base64url')

function readPlace(text: string): Place {
  try {
    const [lastAt, name, client, outcome] = place.parse(JSON.parse(Buffer.from(text, 'base64url').toString()))
    return { lastAt, name, client, outcome }
  } catch {
    throw new OperationError('This place in the list is not known: begin again without `after`')
  }
}
