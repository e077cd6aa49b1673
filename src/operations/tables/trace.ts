// The trace: what the command line, the control socket and the console may ask for.
import { z } from 'zod'
import { reads } from '../operation.ts'
import { storyWords, type StoryCode } from '../story-words.ts'
import * as trace from '../trace.ts'

const codes = Object.keys(storyWords) as [StoryCode, ...StoryCode[]] // the keys of a literal of ours
const said = z.object({ code: z.enum(codes), values: z.record(z.string(), z.union([z.string(), z.number()])) })
const shape = z.enum(['ok', 'wait', 'held', 'problem', 'now', 'off'])
const row = z.object({
  ref: z.string(),
  at: z.number(),
  lastAt: z.number(),
  from: z.string().nullable(),
  to: z.array(z.string()),
  toCount: z.int(),
  subject: z.string().nullable(),
  client: z.string().nullable(),
  step: z.string(),
  events: z.int(),
  shape,
  state: said,
})
const step = z.object({
  at: z.number(),
  shape,
  head: said,
  why: z.array(said),
  reply: z.string().nullable(),
  to: z.array(z.string()),
  waits: z.boolean(),
  planned: z.boolean(),
  link: z.string().nullable(),
  event: z
    .object({ step: z.string(), client: z.string().nullable(), detail: z.record(z.string(), z.unknown()) })
    .nullable(),
})

export const traceOperations = {
  'trace.search': reads('Messages and what became of them, newest first, by anything that the trace says of them', {
    parameters: trace.searchRequest,
    answer: z.object({ rows: z.array(row), next: z.string().nullable(), indexing: z.boolean() }),
    owner: (parameters, mailbox) => ({ ...parameters, mailbox }),
    run: trace.search,
  }),
  'trace.story': reads('The story of one message: each step with its reason and the exact reply', {
    parameters: trace.storyRequest,
    answer: row.extend({
      messageId: z.string().nullable(),
      sizeBytes: z.number().nullable(),
      summary: z.array(said),
      steps: z.array(step),
      open: z.array(z.object({ id: z.string(), to: z.string(), state: z.enum(['waiting', 'leased', 'held']) })),
      kept: z.array(z.object({ mailbox: z.string(), uid: z.int() })),
    }),
    owner: (parameters) => parameters, // the story shows an owner their part only
    run: trace.story,
  }),
}
