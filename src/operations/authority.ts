// Who may ask for what: denied unless an operation, and for a token one of its scopes, says otherwise. Pure. WEB-12, SX-04
import type { Actor, Scope } from '#/accounts/types.ts'
import { NotAllowed, OperationError } from './errors.ts'
import type { AnyOperation } from './operation.ts'

export type Asked = { readonly name: string; readonly parameters: unknown }
/** What of an operation, a download or an upload decides. Octets are never for `read` alone: they are the mail itself. */
export type Ruled = Pick<AnyOperation, 'owner' | 'local'> & { readonly kind?: AnyOperation['kind'] }

/** The scope that an operation needs, by its noun. One that is not here needs `all`. */
export const scopeOfNoun: ReadonlyMap<string, Scope> = new Map<string, Scope>([
  ...(
    [
      'message',
      'mail',
      'draft',
      'send',
      'sent',
      'collect',
      'trace',
      'attachment',
      'queued-message',
      'mailbox-export',
      'mailbox-import',
    ] as const
  ).map((noun) => [noun, 'mail'] as const),
  ['queue', 'queue'],
  ...(
    [
      'mailbox',
      'domain',
      'address',
      'access',
      'bans',
      'alternate',
      'route',
      'relay',
      'settings',
      'status',
      'problems',
      'activity',
      'pop3',
      'smtp',
      'certificate',
      'log',
      'doctor',
      'facts',
      'verify',
    ] as const
  ).map((noun) => [noun, 'settings'] as const),
])

/** Whoever may do these may do everything, or reads everything: no scope but `all`. */
export const nounsOfAll: ReadonlySet<string> = new Set([
  'admin',
  'session',
  'token',
  'audit',
  'app-password',
  'backup',
  'restore',
  'tutorial',
])

/** Reads that `read` does not open: they show mail, or talk to other servers with passwords of ours. */
const beyondReading = /^(?:message|mail|draft|sent)\.|^send\.waiting$|^(?:collect|relay|alternate)\.(?:test|browse)$/

/** Of a download or an upload the noun is what its name begins with: `message-raw`. */
export function nounOf(name: string): string {
  const noun = name.split('.', 1)[0]!
  return scopeOfNoun.has(noun) || nounsOfAll.has(noun) ? noun : noun.split('-', 1)[0]!
}

/** The parameters as this actor may ask them. @throws NotAllowed when it is not theirs to ask */
export function authorized(actor: Actor | undefined, operation: Ruled, { name, parameters }: Asked): unknown {
  if (!actor) return parameters
  if (operation.local && actor.via !== 'socket') throw new NotAllowed(`${name} is for the command line of the server`)
  if (!hasScope(actor, operation, name))
    throw new NotAllowed(`This token may not do ${name}: it has not the scope for it`)
  if (actor.role === 'administrator') return parameters
  if (!operation.owner || actor.mailbox === null) throw new NotAllowed('Only an administrator may do this')
  return narrowed(() => operation.owner?.(parameters as never, actor.mailbox!)) // the schema of this very operation has passed them
}

function narrowed(narrow: () => unknown): unknown {
  try {
    return narrow()
  } catch (error) {
    throw error instanceof OperationError ? new NotAllowed(error.message) : error
  }
}

function hasScope({ scopes }: Actor, { kind = 'change' }: Ruled, name: string): boolean {
  if (scopes === null || scopes.includes('all')) return true
  const needed = scopeOfNoun.get(nounOf(name))
  if (needed === undefined) return false
  return scopes.includes(needed) || (kind === 'read' && scopes.includes('read') && !beyondReading.test(name))
}

type Named = { readonly name: string }
type OfOwner = { readonly owner?: string | undefined }

/** Of operations whose `name` is a mailbox: their own one. */
export function ownMailbox<P extends Named>(parameters: P, mailbox: string): P {
  if (parameters.name.toLowerCase() !== mailbox) throw new NotAllowed('This mailbox is not yours')
  return parameters
}

/** Of operations that take `owner` as whose view it is. */
export function ownView<P extends OfOwner>(parameters: P, mailbox: string): P {
  if (parameters.owner !== undefined && parameters.owner.toLowerCase() !== mailbox)
    throw new NotAllowed('This mailbox is not yours')
  return { ...parameters, owner: mailbox }
}

/** Of operations that look at who asks by themselves, or tell nobody's secrets. */
export const anyOwner = <P>(parameters: P): P => parameters
