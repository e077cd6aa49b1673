// Settings, their history and the world file: what the command line, the control socket and the console may ask for.
import { z } from 'zod'
import { importWorld } from '../world-import.ts'
import * as world from '../world.ts'
import { changes, reads } from '../operation.ts'

const none = z.strictObject({})
const line = z.object({
  name: z.string(),
  value: z.unknown(),
  default: z.unknown(),
  changed: z.boolean(),
  about: z.string(),
  form: z.record(z.string(), z.unknown()),
})
const change = z.object({
  n: z.int(),
  at: z.number(),
  by: z.string(),
  name: z.string(),
  before: z.unknown(),
  after: z.unknown(),
})

export const settingsOperations = {
  'settings.show': reads('Every setting with its default', {
    parameters: none,
    answer: z.array(line),
    run: world.showSettings,
  }),
  'settings.set': changes('Changes a setting; without a value it goes back to its default', {
    parameters: z.strictObject({ name: z.string(), value: z.unknown().optional() }),
    run: world.setSetting,
  }),
  'settings.change': changes('Changes several settings, all or none', {
    parameters: z.strictObject({
      changes: z
        .array(z.strictObject({ name: z.string(), value: z.unknown().optional() }))
        .min(1)
        .max(500),
    }),
    answer: z.object({ lines: z.array(line), selfTest: z.string().nullable() }),
    run: world.changeSettings,
  }),
  'settings.history': reads('Who changed what, newest first', {
    parameters: none,
    answer: z.array(change).readonly(),
    run: world.settingsHistory,
  }),
  'settings.import': changes('Takes a world file over', {
    parameters: z.strictObject({ text: z.string() }),
    run: importWorld,
  }),
  'settings.undo': changes('Takes a change of the settings back', {
    parameters: z.strictObject({ n: z.int().min(1) }),
    run: world.undoSetting,
  }),
  'settings.export': reads('Everything as a world file', {
    parameters: z.strictObject({ hashes: z.boolean().default(false), secrets: z.boolean().default(false) }),
    answer: z.object({ text: z.string() }),
    run: world.exportWorld,
  }),
}
