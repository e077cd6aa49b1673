// The notice to a sender who asked to hear of success, when the message has come to a mailbox here. Called by receiving.ts,
// which commits it together with the message. Of mail that goes on to others the relay tells. What a stranger asked for is
// written down as well, but leaves only when the relay knows that the sender is his. RFC 3461 §5.2.1, DS-10, DS-13
import { formatAddress } from '#/message/address.ts'
import { messageKey } from '#/message/key.ts'
import { composeNotice, type Notice } from '#/message/notice.ts'
import type { Acceptance } from '#/storage/store.ts'
import { isForward } from './acceptance.ts'
import type { HeaderFacts } from './header-cleaning.ts'
import { prepareOwn } from './own.ts'
import type { IntakeParts } from './parts.ts'
import type { Transaction } from './receiving.ts'
import { strangerOf } from './strangers.ts'
import type { Accepted } from './types.ts'

/** Did somebody ask to hear of what is delivered here? Nearly always not. */
export const isConfirmed = ({ envelope, recipients }: Transaction): boolean =>
  envelope.from !== null && recipients.some(isToldOf)

/** What goes on from here by a mapping has arrived as well, as far as its sender may know. DS-06, RFC 3461 §5.2.7.3 */
function isToldOf(accepted: Accepted): boolean {
  const { notify } = accepted.recipient.parameters
  const here = accepted.route.mailboxes.length > 0 || isForward(accepted)
  return here && notify !== null && notify !== 'NEVER' && notify.includes('SUCCESS')
}

/** Null when the sender cannot be reached from here. @throws StoreError */
export async function confirmationOf(
  parts: IntakeParts,
  transaction: Transaction,
  header: HeaderFacts,
): Promise<Acceptance | null> {
  const { key, envelope } = transaction
  const notice = noticeOf(parts, transaction, header)
  const stranger = strangerOf({ directory: parts.directory, now: parts.world.clock.now() }, transaction)
  const { acceptance } = await prepareOwn(parts, {
    from: null,
    to: [{ address: notice.to, parameters: { notify: 'NEVER', orcpt: null } }],
    parameters: { ...envelope.parameters, sizeBytes: null, body: null, ret: null, envid: null, auth: null },
    octets: composeNotice(notice),
    by: 'notice',
    step: stranger === null ? 'notified' : 'notice-waits',
    detail: {
      about: key,
      kind: notice.kind,
      recipients: notice.recipients.map(({ address }) => formatAddress(address)),
      ...(stranger && {
        waitsFor: `a sign that ${stranger.client} may send for ${notice.to.domain}: it is no known client`,
      }),
    },
    priority: 2,
    memo: { notice: true, ...(stranger && { stranger }) },
  })
  return acceptance
}

function noticeOf(parts: IntakeParts, transaction: Transaction, header: HeaderFacts): Notice {
  const { key, at, envelope, recipients } = transaction
  const { world, hostname } = parts
  const { subject, messageId } = header
  return {
    kind: 'delivered',
    reportingMta: hostname,
    from: `MAILER-DAEMON@${hostname}`,
    to: envelope.from!, // isConfirmed
    key,
    noticeId: messageKey(at, world.random.bytes(10)),
    at: world.clock.now(),
    arrivedAt: at,
    retryUntil: null,
    envid: envelope.parameters.envid,
    recipients: recipients.filter(isToldOf).map(({ recipient: { address, parameters } }) => ({
      address,
      orcpt: parameters.orcpt,
      reply: null,
      fromRemote: false,
      remoteMta: null,
      lastAttemptAt: null,
      explain: '',
    })),
    original: { header: Buffer.concat(header.kept), messageId, subject, whole: null }, // RFC 3461 §4.3: RET is for failures
    boundary: Buffer.from(world.random.bytes(18)).toString('hex'),
  }
}
