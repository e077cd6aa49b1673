// The trace and the care of the store: what the command line, the control socket and the console may ask for.
import { z } from 'zod'
import { doctor } from '../doctor.ts'
import * as mail from '../mail.ts'
import { reads } from '../operation.ts'

const none = z.strictObject({})

export const careOperations = {
  trace: reads('What happened to messages, newest first', {
    parameters: z.strictObject({
      text: z.string().optional(),
      since: z.number().optional(),
      limit: z.int().default(50),
    }),
    run: mail.trace,
  }),
  verify: reads('Reads every row and every content and tells what is wrong', { parameters: none, run: mail.verify }),
  doctor: reads('Looks for what keeps mail from flowing', { parameters: none, run: doctor }),
  facts: reads('Figures of the store', { parameters: none, run: mail.facts }),
}
