// What a remote account's state looks like. Pure.
import type { Answer } from '../../app/api.ts'
import type { Shape } from '../../parts/shapes.ts'

export type Account = Answer<'collect.status'>[number]
type Words = Readonly<
  Record<'stateIdle' | 'stateBusy' | 'stateFailing' | 'stateStopped' | 'statePaused' | 'stateSignIn', string>
>

/** A provider that ended our sign-in: only a person can help. */
export const needsSignIn = ({ state, last }: Account): boolean => state === 'stopped' && last?.reason === 'sign-in'

/** The server gave all messages new UIDs: somebody says what is to be made of them. PC-10 */
export const renamed = ({ state, last }: Account): boolean => state === 'stopped' && last?.reason === 'uids-changed'

export function lookOf(account: Account, words: Words): { shape: Shape; text: string } {
  if (account.now) return { shape: 'now', text: words.stateBusy }
  if (needsSignIn(account)) return { shape: 'problem', text: words.stateSignIn }
  switch (account.state) {
    case 'busy':
      return { shape: 'now', text: words.stateBusy }
    case 'failing':
      return { shape: 'wait', text: words.stateFailing }
    case 'stopped':
      return { shape: 'problem', text: words.stateStopped }
    case 'paused':
      return { shape: 'held', text: words.statePaused }
    case 'idle':
      return { shape: 'ok', text: words.stateIdle }
  }
}
