// Every administrative act, once: the command line, the control socket and later the console call these by name.
import { z } from 'zod'
import * as access from './access.ts'
import * as addresses from './addresses.ts'
import * as alternates from './alternates.ts'
import * as appPasswords from './app-passwords.ts'
import * as collect from './collect.ts'
import { named } from './collect-find.ts'
import * as collectLook from './collect-look.ts'
import { listProviders } from './collect-presets.ts'
import * as collectSignIn from './collect-sign-in.ts'
import * as collectWork from './collect-work.ts'
import type { Context } from './context.ts'
import { doctor } from './doctor.ts'
import { OperationError } from './errors.ts'
import * as mail from './mail.ts'
import * as mailboxes from './mailboxes.ts'
import * as queue from './queue.ts'
import * as relay from './relay.ts'
import { testRelay, testRequest } from './relay-test.ts'
import * as routes from './routes.ts'
import * as send from './send.ts'
import { importWorld } from './world-import.ts'
import * as world from './world.ts'

export type Operation = {
  readonly parameters: z.ZodType
  readonly run: (context: Context, parameters: never) => Promise<unknown>
}

/** Ties the type of the parameters to the schema that checks them. */
function operation<T>(parameters: z.ZodType<T>, run: (context: Context, parameters: T) => Promise<unknown>): Operation {
  return { parameters, run: run as Operation['run'] } // `perform` hands over only what the schema has passed
}

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

export const operations: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['mailbox.list', operation(none, mailboxes.listMailboxes)],
  ['mailbox.add', operation(mailboxChange, mailboxes.addMailbox)],
  ['mailbox.set', operation(mailboxChange, mailboxes.setMailbox)],
  [
    'mailbox.remove',
    operation(z.strictObject({ name: z.string(), force: z.boolean().default(false) }), mailboxes.removeMailbox),
  ],
  ['mailbox.show', operation(name, mailboxes.showMailbox)],
  [
    'mailbox.restore',
    operation(z.strictObject({ name: z.string(), as: z.string().optional() }), mailboxes.restoreMailbox),
  ],
  [
    'mailbox.purge',
    operation(z.strictObject({ name: z.string(), now: z.boolean().default(false) }), mailboxes.purgeMailbox),
  ],
  ['app-password.add', operation(label, appPasswords.addAppPassword)],
  ['app-password.list', operation(name, appPasswords.listAppPasswords)],
  ['app-password.remove', operation(label, appPasswords.removeAppPassword)],
  ['domain.list', operation(none, addresses.listDomains)],
  [
    'domain.add',
    operation(
      z.strictObject({
        name: z.string(),
        mode: z.enum(['by-name', 'one-mailbox', 'alias', 'addresses-only']).default('by-name'),
        target: z.string().nullable().default(null),
      }),
      addresses.addDomain,
    ),
  ],
  ['domain.remove', operation(name, addresses.removeDomain)],
  ['address.list', operation(none, addresses.listAddresses)],
  [
    'address.add',
    operation(
      z.strictObject({
        address: z.string(),
        targets: z.array(z.string()).min(1),
        note: z.string().default(''),
        expiresAt: z.number().nullable().default(null),
      }),
      addresses.addAddress,
    ),
  ],
  ['address.remove', operation(z.strictObject({ address: z.string() }), addresses.removeAddress)],
  ['address.explain', operation(z.strictObject({ address: z.string() }), addresses.explain)],
  ['access.list', operation(none, access.listAccess)],
  [
    'access.add',
    operation(
      z.strictObject({
        pattern: z.string(),
        action: z.enum(['allow', 'deny']).default('allow'),
        note: z.string().default(''),
        senders: z.array(z.string()).default([]),
        expiresAt: z.number().nullable().default(null),
        everyone: z.boolean().default(false),
      }),
      access.addAccess,
    ),
  ],
  ['access.remove', operation(z.strictObject({ id: z.int() }), access.removeAccess)],
  ['access.test', operation(z.strictObject({ address: z.string(), name: z.string().optional() }), access.testAccess)],
  ['alternate.list', operation(none, alternates.listAlternates)],
  ['alternate.add', operation(alternates.alternateRequest, alternates.addAlternate)],
  ['alternate.set', operation(alternates.alternateRequest, alternates.setAlternate)],
  [
    'alternate.remove',
    operation(z.strictObject({ name: z.string(), force: z.boolean().default(false) }), alternates.removeAlternate),
  ],
  ['route.list', operation(none, routes.listRoutes)],
  ['route.add', operation(routes.routeRequest, routes.addRoute)],
  ['route.remove', operation(z.strictObject({ number: z.int().min(1) }), routes.removeRoute)],
  ['route.move', operation(z.strictObject({ number: z.int().min(1), to: z.int().min(1) }), routes.moveRoute)],
  ['relay.show', operation(none, relay.showRelay)],
  [
    'relay.explain',
    operation(
      z.strictObject({ to: z.string(), from: z.string().default('<>'), client: z.string().default('') }),
      relay.explainRelay,
    ),
  ],
  ['relay.test', operation(testRequest, testRelay)],
  ['bans.list', operation(none, access.listBans)],
  ['bans.clear', operation(z.strictObject({ client: z.string() }), access.clearBan)],
  ['settings.show', operation(none, world.showSettings)],
  ['settings.set', operation(z.strictObject({ name: z.string(), value: z.unknown().optional() }), world.setSetting)],
  ['settings.history', operation(none, world.settingsHistory)],
  ['settings.import', operation(z.strictObject({ text: z.string() }), importWorld)],
  ['settings.undo', operation(z.strictObject({ n: z.int().min(1) }), world.undoSetting)],
  [
    'settings.export',
    operation(
      z.strictObject({ hashes: z.boolean().default(false), secrets: z.boolean().default(false) }),
      world.exportWorld,
    ),
  ],
  ['send', operation(send.sendRequest, send.send)],
  ['send.raw', operation(send.sendRawRequest, send.sendRaw)],
  ['queue.list', operation(queue.listRequest, queue.listQueue)],
  ['queue.summary', operation(none, queue.summary)],
  ['queue.count', operation(queue.countRequest, queue.count)],
  ['queue.retry', operation(queue.actRequest, queue.retry)],
  ['queue.hold', operation(queue.holdRequest, queue.hold)],
  ['queue.release', operation(queue.actRequest, queue.release)],
  ['queue.reroute', operation(queue.rerouteRequest, queue.reroute)],
  ['queue.drop', operation(queue.actRequest, queue.drop)],
  ['queue.bounce', operation(queue.actRequest, queue.bounce)],
  ['queue.edit', operation(queue.editRequest, queue.edit)],
  ['queue.pause', operation(none, queue.pause)],
  ['queue.flush', operation(none, queue.flush)],
  ['queue.resume', operation(none, queue.resume)],
  ['collect.add', operation(collect.collectRequest, collect.addCollect)],
  ['collect.set', operation(collect.collectRequest, collect.setCollect)],
  ['collect.confirm-delete', operation(named, collect.confirmDelete)],
  ['collect.remove', operation(collect.removeRequest, collect.removeCollect)],
  ['collect.pause', operation(named, collect.pauseCollect)],
  ['collect.resume', operation(named, collect.resumeCollect)],
  ['collect.providers', operation(none, listProviders)],
  ['collect.list', operation(collectLook.listRequest, collectLook.listCollect)],
  ['collect.show', operation(named, collectLook.showCollect)],
  ['collect.status', operation(collectLook.statusRequest, collectLook.collectStatus)],
  ['collect.log', operation(collectLook.logRequest, collectLook.collectLog)],
  ['collect.stayed', operation(named, collectLook.listStayed)],
  ['collect.duplicates', operation(named, collectLook.listDuplicates)],
  ['collect.run', operation(named, collectWork.runCollect)],
  ['collect.cancel', operation(named, collectWork.cancelCollect)],
  ['collect.test', operation(collect.collectRequest, collectWork.testCollect)],
  ['collect.browse', operation(collectWork.browseRequest, collectWork.browseCollect)],
  ['collect.copies', operation(collectWork.copiesRequest, collectWork.copiesHere)],
  ['collect.act', operation(collectWork.actRequest, collectWork.actCollect)],
  ['collect.mark-all', operation(named, collectWork.markAllCollect)],
  ['collect.adopt', operation(collectWork.adoptRequest, collectWork.adoptCollect)],
  ['collect.sign-in-begin', operation(collectSignIn.beginRequest, collectSignIn.beginSignIn)],
  ['collect.sign-in-finish', operation(collectSignIn.finishRequest, collectSignIn.finishSignIn)],
  [
    'trace',
    operation(
      z.strictObject({ text: z.string().optional(), since: z.number().optional(), limit: z.int().default(50) }),
      mail.trace,
    ),
  ],
  ['verify', operation(none, mail.verify)],
  ['doctor', operation(none, doctor)],
  ['facts', operation(none, mail.facts)],
])

/** Acts after which mail that waits may find another way. RO-34 */
const changesWays = /^(?:settings|route|alternate|domain|address)\.(?!list|show|export|history|explain)/

/** Checks the parameters and runs. @throws OperationError for what the operator did wrong */
export async function perform(context: Context, call: { name: string; parameters: unknown }): Promise<unknown> {
  const found = operations.get(call.name)
  if (!found) throw new OperationError(`There is no operation ${call.name}`)
  const parsed = found.parameters.safeParse(call.parameters)
  if (!parsed.success) throw new OperationError(z.prettifyError(parsed.error))
  const value = await found.run(context, parsed.data as never) // the schema of this very operation has passed it
  if (changesWays.test(call.name)) context.outgoing?.wake({ fresh: true })
  return value
}
