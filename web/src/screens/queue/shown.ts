// How a delivery or a group is shown: its shape and its word. Pure but for the language.
import type { Answer } from '../../app/api.ts'
import type { Shape } from '../../parts/shapes.ts'
import { queueTexts as t } from '../../texts/queue.ts'
import type { Row } from './rows.svelte.ts'

export type Group = Answer<'queue.groups'>['groups'][number]
type Standing = Group['standing']

const shapes: Readonly<Record<Standing, Shape>> = {
  sending: 'now',
  held: 'held',
  'needs-you': 'problem',
  scheduled: 'off',
  'first-try': 'wait',
  unreachable: 'wait',
  greylisted: 'wait',
  slowed: 'wait',
  'refuses-us': 'problem',
  'asks-to-wait': 'wait',
}

export const groupState = ({ standing }: Group): { shape: Shape; text: string; more: string } => ({
  shape: shapes[standing],
  text: t()[`s-${standing}`],
  more: t()[`w-${standing}`],
})

export function rowState({ state, standing, gone }: Row): { shape: Shape; text: string } {
  if (gone) return { shape: 'off', text: t().stGone }
  switch (state) {
    case 'waiting':
      if (standing === 'scheduled') return { shape: 'off', text: t().stScheduled }
      return standing === 'needs-you'
        ? { shape: 'problem', text: t().stNeedsYou }
        : { shape: 'wait', text: t().stWaiting }
    case 'leased':
      return { shape: 'now', text: t().stSending }
    case 'held':
      return { shape: 'held', text: t().stHeld }
    case 'delivered':
      return { shape: 'ok', text: t().stDelivered }
    case 'failed':
      return { shape: 'problem', text: t().stFailed }
    case 'dropped':
      return { shape: 'off', text: t().stDropped }
  }
}

/** The first line of why: a hold, what must be mended, the last answer. */
export const reasonOf = ({ waitsFor, lastReply, state }: Row): string =>
  (waitsFor ?? lastReply?.split(/\r?\n/)[0] ?? (state === 'waiting' ? t().firstTry : '')).slice(0, 160)

export const isOver = ({ state, gone }: Row): boolean =>
  gone === true || ['delivered', 'failed', 'dropped'].includes(state)
