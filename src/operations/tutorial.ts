// The tutorial as it is asked for and answered: a small mail world of its own inside this server, played step by step.
// The room tutorial plays it; a stopped server has none.
import { z } from 'zod'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { tutorialSteps } from './tutorial-steps.ts'

const transcript = z.strictObject({
  protocol: z.enum(['smtp', 'pop3']),
  /** Who connected, and to whom: names of the practice world. */
  client: z.string(),
  server: z.string(),
  lines: z.array(z.strictObject({ afterMs: z.number(), by: z.enum(['client', 'server']), text: z.string() })),
})
export type Transcript = z.infer<typeof transcript>

const event = z.strictObject({
  ref: z.string(),
  at: z.number(),
  step: z.string(),
  client: z.string().nullable(),
  from: z.string().nullable(),
  to: z.array(z.string()).readonly(),
  subject: z.string().nullable(),
  messageId: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
})

/** What one step did: what was said, and what the trace tells of it. */
const played = z.strictObject({
  step: z.enum(tutorialSteps),
  transcripts: z.array(transcript),
  events: z.array(event),
})
export type Played = z.infer<typeof played>

export const tutorialState = z.strictObject({
  running: z.boolean(),
  /** Of the mailbox that the player made. */
  mailbox: z.string().nullable(),
  played: z.array(played),
  /** When the practice world is taken down if nobody goes on. */
  endsAt: z.number().nullable(),
})
export type TutorialState = z.infer<typeof tutorialState>

export const startRequest = z.strictObject({
  /** Throws away what was played, and begins anew. */
  again: z.boolean().default(false),
})
export const nextRequest = z.strictObject({
  /** The step that is meant: one that was played already is not played twice. Left out: the next one. */
  step: z.enum(tutorialSteps).optional(),
  /** Of the mailbox that is made. */
  name: z.string().optional(),
})

/** At most one world at a time. */
export interface Tutorial {
  state(): TutorialState
  start(request: z.infer<typeof startRequest>): Promise<TutorialState>
  /** @throws OperationError when no world is there, or no step is left */
  next(request: z.infer<typeof nextRequest>): Promise<TutorialState>
  /** Nothing of the world is left. */
  stop(): Promise<TutorialState>
}

function tutorialOf({ tutorial }: Context): Tutorial {
  if (!tutorial) throw new OperationError('Only a running server plays the tutorial: start it with netcruiser serve')
  return tutorial
}

export const stateOfTutorial = async (context: Context): Promise<TutorialState> => tutorialOf(context).state()

export const startTutorial = (context: Context, request: z.infer<typeof startRequest>): Promise<TutorialState> =>
  tutorialOf(context).start(request)

export const nextOfTutorial = (context: Context, request: z.infer<typeof nextRequest>): Promise<TutorialState> =>
  tutorialOf(context).next(request)

export const stopTutorial = async (context: Context): Promise<TutorialState> => tutorialOf(context).stop()
