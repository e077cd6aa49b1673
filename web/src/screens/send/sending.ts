// Queues what was written and tells of it, with a way back as long as there is one. SE-01, SE-07
import { call, wordsOf } from '../../app/api.ts'
import { span, wholeMoment } from '../../app/format.ts'
import { go } from '../../app/router.svelte.ts'
import { language } from '../../app/texts.svelte.ts'
import { ticking } from '../../app/ticking.svelte.ts'
import { closeToast, toast, toastError } from '../../app/toasts.svelte.ts'
import { send as t } from '../../texts/send.ts'
import type { Writing } from './writing.svelte.ts'

const countedMs = 600_000 // what leaves later than that is told by its time

export async function sendIt(writing: Writing, at?: number): Promise<void> {
  try {
    const { message, leavesAt, refused } = await writing.send(at)
    if (refused.length > 0) throw new Error(refused.map(({ to, because }) => `${to}: ${because}`).join(' '))
    if (message === null) return void toast({ shape: 'off', text: t().thrownAway })
    writing.forget()
    go('/send')
    if (leavesAt === null) toast({ text: t().queued, ...traced(message) })
    else tellWaiting(message, leavesAt)
  } catch (error) {
    await writing.look()
    toastError(`${t().notSent}: ${wordsOf(error)}`)
  }
}

/** With the zone, without its thousandths. */
export const toTheSecond = (at: number): string => wholeMoment(at, language()).replace(/[.,]\d{3} /, ' ')

const traced = (message: string) => ({ href: traceOf(message), link: t().trace })
export const traceOf = (message: string): string => `/trace/${encodeURIComponent(message)}`

function tellWaiting(message: string, leavesAt: number): void {
  const left = leavesAt - Date.now()
  const text = (): string =>
    left > countedMs
      ? t().queuedAt(toTheSecond(leavesAt))
      : t().queuedLeaves(span(Math.max(0, leavesAt - ticking()), language()))
  const act = { label: t().undo, run: () => takeBack(message) }
  const id = toast({ shape: 'now', text, ...traced(message), act })
  if (left <= countedMs)
    setTimeout(() => closeToast(id) && toast({ text: t().left, ...traced(message) }), Math.max(0, left))
}

/** The draft is there again, and open. */
export async function takeBack(message: string): Promise<void> {
  try {
    const { draft } = await call('send.cancel', { message })
    toast({ shape: 'held', text: t().takenBack })
    if (draft !== null) go(`/send?draft=${encodeURIComponent(draft)}`)
  } catch (error) {
    toastError(error)
  }
}
