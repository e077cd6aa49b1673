// What status.show answers: values and codes, which the page puts into words of its language and the command line into English.
import { z } from 'zod'

export const sentence = z.strictObject({
  code: z.string(),
  values: z.record(z.string(), z.union([z.string(), z.number()])),
})
export type Values = Readonly<Record<string, string | number>>

export const partNames = ['mail-server', 'mail-relay', 'pop3-server', 'pop3-client', 'console'] as const
export type PartName = (typeof partNames)[number]
export const states = ['ok', 'wait', 'held', 'problem', 'off'] as const
export type State = (typeof states)[number]

export const partCodes = [
  'stopped',
  'not-asked',
  'nothing-listens',
  'some-listen',
  'disk-full',
  'store-failed',
  'taking',
  'taking-only',
  'paused',
  'no-route',
  'trouble',
  'asked-to-wait',
  'delivering',
  'idle',
  'access',
  'disabled',
  'no-accounts',
  'needs-you',
  'failing',
  'accounts-paused',
  'collecting',
  'open-here',
  'open-network',
] as const
export type PartCode = (typeof partCodes)[number]

export const listener = z.strictObject({
  component: z.string(),
  address: z.string(),
  port: z.int().nullable(),
  problem: z.string().nullable(),
})
export type ListenerShown = z.infer<typeof listener>

export const part = z.strictObject({
  part: z.enum(partNames),
  state: z.enum(states),
  says: sentence.extend({ code: z.enum(partCodes) }),
  listens: z.array(listener),
  /** Of the Mail Relay: the routes that are ticked, in their order. */
  ways: z.array(z.string()),
  /** Per hour, oldest first; null: nothing is counted. */
  hours: z.strictObject({ from: z.number(), counts: z.array(z.int()) }).nullable(),
  /** Connections, deliveries in the queue, logged in, collecting, pages that are open. */
  now: z.int(),
})
export type Part = z.infer<typeof part>

export const statusRequest = z.strictObject({
  /** The last midnight where it is asked, in ms since the epoch; left out: that of UTC. */
  midnight: z.number().optional(),
})

export const status = z.strictObject({
  at: z.number(),
  startedAt: z.number().nullable(),
  hostname: z.string(),
  paused: z.boolean(),
  /** Those that are not deleted. */
  mailboxes: z.int(),
  parts: z.array(part),
  today: z.strictObject({
    since: z.number(),
    offered: z.int(),
    accepted: z.int(),
    refused: z.int(),
    read: z.int(),
    collected: z.int(),
    queued: z.int(),
    delivered: z.int(),
    failed: z.int(),
    /** Now, of whatever day. */
    waiting: z.int(),
    oldestWaitingAt: z.number().nullable(),
  }),
})
export type Status = z.infer<typeof status>
