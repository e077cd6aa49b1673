// The steps of mail as they happen.
import type { ActivityCode } from '../../../src/operations/activity.ts'
import { texts } from '../app/texts.svelte.ts'

type Steps = Record<ActivityCode, string>
const en: Steps = {
  stored: 'Stored for {to:strong}[ and {others} more][ from {from:addr}][, {sizeBytes:size}]',
  queued: 'Taken for {to:addr}[ and {others} more][ from {from:addr}][ by {client:mono}]',
  'stored-and-queued': 'Stored and taken for {to:addr}[ and {others} more][ from {from:addr}]',
  refused: 'Refused[ {client:mono}][ for {to:addr}][: {reply:q}]',
  'refused-more': 'Refused[ {client:mono}] {more} more times within a minute',
  sent: 'Sent from here[ to {to:addr}][ and {others} more]',
  notified: 'Notice[ to {to:addr}]',
  alert: 'Told the postmaster[: {subject}]',
  delivered: 'Delivered to {to:addr}[ and {others} more]',
  deferred: '{to:addr}[ and {others} more] must wait[: {reply:q}]',
  delayed: '[{from:addr} ]was told of the delay[ to {to:addr}]',
  failed: 'Failed for {to:addr}[ and {others} more][: {reply:q}]',
  held: 'Held[: {to:addr}][ and {others} more]',
  read: '{to:strong} read {messages:message/messages} by POP3[ from {client:mono}]',
  deleted: '{to:strong} deleted by POP3[ from {client:mono}]',
  collected: 'Collected[ from {account:mono}] into {to:strong}[, {sizeBytes:size}]',
  'removed-remotely': 'Removed on the server[ of {account:mono}]',
  'mailbox-filling': 'Mailbox {to:strong} is {percent} % full',
  'mailbox-full': 'Mailbox {to:strong} is full',
  'by-hand': 'By hand: {step}[ {to:addr}][ and {others} more]',
  other: '{step}[ {to:addr}]',
}
const de: Steps = {
  stored: 'Abgelegt für {to:strong}[ und {others} weitere][ von {from:addr}][, {sizeBytes:size}]',
  queued: 'Angenommen für {to:addr}[ und {others} weitere][ von {from:addr}][ durch {client:mono}]',
  'stored-and-queued': 'Abgelegt und angenommen für {to:addr}[ und {others} weitere][ von {from:addr}]',
  refused: 'Abgewiesen[ {client:mono}][ für {to:addr}][: {reply:q}]',
  'refused-more': 'Abgewiesen[ {client:mono}] noch {more} Mal in einer Minute',
  sent: 'Von hier gesendet[ an {to:addr}][ und {others} weitere]',
  notified: 'Nachricht über die Zustellung[ an {to:addr}]',
  alert: 'Dem Postmaster gesagt[: {subject}]',
  delivered: 'Zugestellt an {to:addr}[ und {others} weitere]',
  deferred: '{to:addr}[ und {others} weitere] muss warten[: {reply:q}]',
  delayed: '[{from:addr} ]weiß von der Verspätung[ an {to:addr}]',
  failed: 'Gescheitert für {to:addr}[ und {others} weitere][: {reply:q}]',
  held: 'Gehalten[: {to:addr}][ und {others} weitere]',
  read: '{to:strong} hat {messages:Nachricht/Nachrichten} mit POP3 gelesen[ von {client:mono}]',
  deleted: '{to:strong} hat mit POP3 gelöscht[ von {client:mono}]',
  collected: 'Abgeholt[ von {account:mono}] für {to:strong}[, {sizeBytes:size}]',
  'removed-remotely': 'Auf dem Server[ von {account:mono}] gelöscht',
  'mailbox-filling': 'Postfach {to:strong} ist zu {percent} % voll',
  'mailbox-full': 'Postfach {to:strong} ist voll',
  'by-hand': 'Von Hand: {step}[ {to:addr}][ und {others} weitere]',
  other: '{step}[ {to:addr}]',
}
export const activityTexts = texts({ en, de })
