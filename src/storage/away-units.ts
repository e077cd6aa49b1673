// What an answer of an absent owner adds to a unit of work. Pure. Called by units.ts.
import type { Acceptance } from './store.ts'
import type { Step } from './work.ts'

const hourMs = 3_600_000

/** Those that are too old go first, so that whoever is still there is a conflict. LP-05 */
export function answeredSteps({ answered }: Acceptance): Step[] {
  if (!answered) return []
  const { mailbox, sender, at, since, perHourMax } = answered
  return [
    { run: 'forgetAnswered', with: [mailbox, since] },
    { run: 'addAnswered', with: [mailbox, sender, at, at - hourMs, perHourMax], changes: 1 },
  ]
}
