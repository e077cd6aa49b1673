// Who may forward, and who may not log in: what the command line, the control socket and the console may ask for.
import { z } from 'zod'
import * as access from '../access.ts'
import * as change from '../access-change.ts'
import { changes, reads } from '../operation.ts'

const none = z.strictObject({})
const place = z.int().min(1)
const fields = {
  pattern: z.string().max(300),
  action: z.enum(['allow', 'deny']),
  note: z.string().max(300),
  senders: z.array(z.string()).max(100),
  expiresAt: z.number().nullable(),
}
const everyone = z.boolean().default(false)

export const accessOperations = {
  'access.list': reads('Who may have mail forwarded, in order, with what each pattern means', {
    parameters: none,
    answer: access.entries,
    run: access.listAccess,
  }),
  'access.add': changes('Adds a pattern to the access list', {
    parameters: z.strictObject({
      pattern: fields.pattern,
      action: fields.action.default('allow'),
      note: fields.note.default(''),
      senders: fields.senders.default([]),
      expiresAt: fields.expiresAt.default(null),
      place: place.optional(),
      everyone,
    }),
    answer: change.changed,
    run: change.addAccess,
  }),
  'access.set': changes('Changes an entry of the access list; what is not named stays', {
    parameters: z.strictObject({
      id: z.int(),
      pattern: fields.pattern.optional(),
      action: fields.action.optional(),
      note: fields.note.optional(),
      senders: fields.senders.optional(),
      expiresAt: fields.expiresAt.optional(),
      everyone,
    }),
    answer: change.changed,
    run: change.setAccess,
  }),
  'access.move': changes('Moves an entry of the access list to another place in the order', {
    parameters: z.strictObject({ id: z.int(), place }),
    answer: z.strictObject({ id: z.int(), place: z.int(), selfTest: z.string() }),
    run: change.moveAccess,
  }),
  'access.remove': changes('Takes a pattern off the access list', {
    parameters: z.strictObject({ id: z.int() }),
    answer: z.strictObject({ removed: z.int(), selfTest: z.string() }),
    run: change.removeAccess,
  }),
  'access.meaning': reads('What a pattern of the access list means, or what was probably meant', {
    parameters: z.strictObject({ pattern: fields.pattern }),
    answer: access.meaning,
    run: access.explainPattern,
  }),
  'access.openness': reads('Whether strangers could send through this server, and which entry lets them', {
    parameters: none,
    answer: access.openness,
    run: access.accessOpenness,
  }),
  'access.test': reads('Whether a client may have mail forwarded, and which pattern decides', {
    parameters: z.strictObject({ address: z.string(), name: z.string().optional(), sender: z.string().optional() }),
    answer: access.answer,
    run: access.testAccess,
  }),
  'bans.list': reads('Clients that may not log in for a while', {
    parameters: none,
    answer: access.bans,
    run: access.listBans,
  }),
  'bans.clear': changes('Lets a client log in again', {
    parameters: z.strictObject({ client: z.string() }),
    answer: z.strictObject({ cleared: z.boolean() }),
    run: access.clearBan,
  }),
}
