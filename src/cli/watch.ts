// How somebody watches an operation at work, and ends it.
import type { Call } from '#/operations/control-lines.ts'
import type { OnShare } from '#/operations/context.ts'

export type Watch = {
  /** Is told how much of a long operation is done. */
  readonly onShare?: OnShare | undefined
  /** What ends the operation early, when the signal is given. */
  readonly stop?: { readonly signal: AbortSignal; readonly by: Call } | undefined
}

export function onStop({ stop }: Watch, end: (by: Call) => Promise<unknown>): void {
  stop?.signal.addEventListener('abort', () => void end(stop.by).catch(() => undefined), { once: true }) // then it goes on
}
