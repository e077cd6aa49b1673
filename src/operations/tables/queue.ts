// The outbound queue: what the command line, the control socket and the console may ask for.
import { z } from 'zod'
import * as queue from '../queue.ts'
import { changes, reads } from '../operation.ts'
import * as pages from '../queue-page.ts'

const none = z.strictObject({})
const done = z.object({ changed: z.int(), busy: z.int(), held: z.int(), ids: z.array(z.string()) })
const standing = z.enum([
  'sending',
  'held',
  'needs-you',
  'scheduled',
  'first-try',
  'unreachable',
  'greylisted',
  'slowed',
  'refuses-us',
  'asks-to-wait',
])
const moment = z.number().nullable()
const row = z.object({
  id: z.string(),
  ref: z.string(),
  message: z.string(),
  from: z.string(),
  to: z.string(),
  subject: z.string().nullable(),
  state: z.enum(['waiting', 'leased', 'held', 'delivered', 'failed', 'dropped']),
  standing,
  attempts: z.int(),
  priority: z.int(),
  acceptedAt: z.number(),
  sizeBytes: z.number(),
  allowedBy: z.string(),
  nextAttemptAt: moment,
  finishedAt: moment,
  via: z.string().nullable(),
  lastReply: z.string().nullable(),
  waitsFor: z.string().nullable(),
})
const page = z.object({ rows: z.array(row), next: z.string().nullable() })
const figures = { waiting: z.int(), deferred: z.int(), leased: z.int(), held: z.int() }
const group = z.object({
  key: z.string(),
  ...figures,
  bytes: z.number(),
  oldestAcceptedAt: z.number(),
  nextDueAt: moment,
  standing,
  said: z.string().nullable(),
})

export const queueOperations = {
  'queue.list': reads('Deliveries, oldest first', { parameters: queue.listRequest, run: queue.listQueue }),
  'queue.page': reads('Deliveries page by page, the oldest or the newest first', {
    parameters: pages.pageRequest,
    answer: page,
    run: pages.page,
  }),
  'queue.groups': reads('What is in the queue by destination or by reason, with what each waits for', {
    parameters: pages.groupsRequest,
    answer: z.object({
      paused: z.boolean(),
      stale: z.boolean(),
      closed: z.string().nullable(),
      ...figures,
      oldestAcceptedAt: moment,
      groups: z.array(group),
    }),
    run: pages.groups,
  }),
  'queue.finished': reads('What was delivered, failed or dropped, the last one first', {
    parameters: pages.finishedRequest,
    answer: page,
    run: pages.finished,
  }),
  'queue.summary': reads('The queue by destination', { parameters: none, run: queue.summary }),
  'queue.count': reads('How many deliveries a selection holds', { parameters: queue.countRequest, run: queue.count }),
  'queue.retry': changes('Tries the selected deliveries now', {
    parameters: queue.actRequest,
    answer: done,
    run: queue.retry,
  }),
  'queue.hold': changes('Holds the selected deliveries', {
    parameters: queue.holdRequest,
    answer: done,
    run: queue.hold,
  }),
  'queue.release': changes('Lets held deliveries go', {
    parameters: queue.actRequest,
    answer: done,
    run: queue.release,
  }),
  'queue.reroute': changes('Sends the selected deliveries another way', {
    parameters: queue.rerouteRequest,
    answer: done,
    run: queue.reroute,
  }),
  'queue.drop': changes('Ends the selected deliveries without a notice', {
    parameters: queue.actRequest,
    answer: done,
    run: queue.drop,
  }),
  'queue.bounce': changes('Ends the selected deliveries with a notice to the sender', {
    parameters: queue.actRequest,
    answer: done,
    run: queue.bounce,
  }),
  'queue.edit': changes('Changes one delivery', { parameters: queue.editRequest, answer: done, run: queue.edit }),
  'queue.pause': changes('Stops sending', { parameters: none, run: queue.pause }),
  'queue.flush': changes('Tries everything now', { parameters: none, run: queue.flush }),
  'queue.resume': changes('Goes on sending', { parameters: none, run: queue.resume }),
}
