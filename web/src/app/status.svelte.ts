// How everything is, loaded once for the sidebar and the screens that show it.
import { partTexts, stateTexts } from '../texts/parts.ts'
import { call, type Answer } from './api.ts'
import { onChanged } from './live.svelte.ts'
import { midnight } from './midnight.ts'
import { setTails, type Tail } from './tails.svelte.ts'

export type Status = Answer<'status.show'>
export type Part = Status['parts'][number]

let current = $state.raw<Status | null>(null)
let trouble = $state<unknown>(null)

export const status = {
  get known() {
    return current
  },
  get error() {
    return trouble
  },
  part: (name: Part['part']): Part | undefined => current?.parts.find(({ part }) => part === name),
}

export async function loadStatus(): Promise<void> {
  try {
    current = await call('status.show', { midnight: midnight() })
    trouble = null
    setTails(tailsOf(current))
  } catch (error) {
    trouble = error
  }
}

const everyMs = 10_000

/** Follows what changes, and looks now and then at what nobody tells of: connections, the hour. Call it while the frame is made. */
export function watchStatus(): void {
  onChanged(['queue', 'trace', 'rules', 'accounts', 'settings', 'mailboxes', 'problems'], loadStatus)
  $effect(() => {
    const timer = setInterval(() => !document.hidden && void loadStatus(), everyMs)
    return () => clearInterval(timer)
  })
}

const places = {
  'mail-server': '/mail-server',
  'mail-relay': '/mail-relay',
  'pop3-server': '/pop3-server',
  'pop3-client': '/pop3-client',
}

function tailsOf({ parts, today, mailboxes }: Status): ReadonlyMap<string, Tail> {
  const shapes = parts.flatMap(({ part, state }): [string, Tail][] =>
    part === 'console' ? [] : [[places[part], { shape: state, label: `${partTexts()[part]}: ${stateTexts()[state]}` }]],
  )
  return new Map<string, Tail>([...shapes, ['/queue', today.waiting], ['/mailboxes', mailboxes]])
}
