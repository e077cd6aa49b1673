// Who may forward, and who may not log in: what the command line, the control socket and the console may ask for.
import { z } from 'zod'
import * as access from '../access.ts'
import { changes, reads } from '../operation.ts'

const none = z.strictObject({})

export const accessOperations = {
  'access.list': reads('Who may have mail forwarded', { parameters: none, run: access.listAccess }),
  'access.add': changes('Adds a pattern to the access list', {
    parameters: z.strictObject({
      pattern: z.string(),
      action: z.enum(['allow', 'deny']).default('allow'),
      note: z.string().default(''),
      senders: z.array(z.string()).default([]),
      expiresAt: z.number().nullable().default(null),
      everyone: z.boolean().default(false),
    }),
    run: access.addAccess,
  }),
  'access.remove': changes('Takes a pattern off the access list', {
    parameters: z.strictObject({ id: z.int() }),
    run: access.removeAccess,
  }),
  'access.test': reads('Whether a client may have mail forwarded, and which pattern decides', {
    parameters: z.strictObject({ address: z.string(), name: z.string().optional() }),
    run: access.testAccess,
  }),
  'bans.list': reads('Clients that may not log in for a while', { parameters: none, run: access.listBans }),
  'bans.clear': changes('Lets a client log in again', {
    parameters: z.strictObject({ client: z.string() }),
    run: access.clearBan,
  }),
}
