// Answers in words: where does this address lead, and might this client send to other servers? For the command line.
// Asks the very judges that decide about mail, so that it cannot tell another story. AD-01, AC-03
import type { Directory } from '#/accounts/types.ts'
import { formatAddress, parseAddress, type ReversePath } from '#/message/address.ts'
import type { Resolver } from '#/dns/resolver.ts'
import type { Clock } from '#/world/world.ts'
import { compileRules, judgeAccess } from './access-judge.ts'
import { mayUse } from './judge.ts'
import { parseIp } from '#/message/ip.ts'

export function explainAddress(directory: Directory, typed: string): string[] {
  const address = parseAddress(typed)
  if (!address.ok) return [`${typed} is no address: ${address.problem}`]
  const found = directory.resolve(address.value)
  switch (found.is) {
    case 'local': {
      const places = [...found.mailboxes.map(({ name }) => `mailbox ${name}`), ...found.outside.map(formatAddress)]
      return [...found.because, `Mail goes to ${places.join(', ')}.`]
    }
    case 'discarded':
      return [...found.because, 'Mail is taken, noted in the trace and thrown away; its sender is not told.']
    case 'remote':
      return [
        ...found.because,
        'This address is not of this server; mail for it is forwarded only for allowed clients.',
      ]
    case 'unknown':
      return [...found.because, 'Nobody has this address: mail is refused with 550 5.1.1.']
    case 'refused':
      return [
        ...found.because,
        `Mail is refused with ${found.reply.code} ${found.reply.status}: ${found.reply.lines.join(' ')}`,
      ]
  }
}

export type AccessTester = {
  readonly directory: Directory
  readonly resolver: Resolver
  readonly clock: Clock
  readonly forwarding: boolean
}

export type AccessAnswer = {
  /** Whether it may send to other servers now, all considered. */
  readonly may: 'yes' | 'no' | 'later'
  readonly rule: number | null
  readonly method: string
  /** The senders that the row allows; empty: all. */
  readonly senders: readonly string[]
  /** The row would let the client in, but not under this sender address. */
  readonly wrongSender: boolean
  readonly forwarding: boolean
  readonly sentences: readonly string[]
}
type Asked = { readonly address: string; readonly sender?: ReversePath | undefined }

/** "Would this client be allowed?" Only what the socket tells is asked: an address. */
export async function explainAccess(tester: AccessTester, { address, sender }: Asked): Promise<AccessAnswer> {
  const { forwarding } = tester
  const nobody = { may: 'no', rule: null, senders: [], wrongSender: false, forwarding } as const
  if (!parseIp(address)) return { ...nobody, method: 'no IP address', sentences: [`${address} is no IP address.`] }
  const { access } = tester.directory.all()
  const result = await judgeAccess(address, compileRules(access), tester)
  const lines = forwarding ? [] : ['Forwarding of non-local mail is off: nobody is allowed, whatever the list says.']
  if (result.is === 'unknown') {
    lines.push(`${address} would be asked to try again (451 4.7.1): ${result.why}.`)
    return { ...nobody, may: forwarding ? 'later' : 'no', method: result.why, sentences: lines }
  }
  const row = result.rule === null ? undefined : access.find(({ id }) => id === result.rule)
  const by = row ? `entry ${row.id} "${row.pattern}" (${result.method})` : result.method
  lines.push(`${address} ${result.is === 'allow' ? 'may' : 'may not'} send to other servers: ${by}.`)
  const senders = result.is === 'allow' ? result.senders : []
  if (senders.length > 0) lines.push(`Only as ${senders.join(', ')}.`)
  const wrongSender = sender !== undefined && !mayUse(senders, sender)
  if (wrongSender) lines.push(`Not as ${sender === null ? '<>' : formatAddress(sender)}.`)
  const may = result.is === 'allow' && !wrongSender && forwarding ? 'yes' : 'no'
  return { may, rule: result.rule, method: result.method, senders, wrongSender, forwarding, sentences: lines }
}
