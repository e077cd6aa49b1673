// What remote mailboxes are like from time to time, drawn from the seed. Pure. Used by scenario.ts and box.ts.
import type { RemoteTrouble } from '#/pop3-client/box.ts'
import type { Dice } from '../dice.ts'

export type FarMood =
  | { readonly is: 'fine' | 'dead' | 'refusing' | 'listless' } // no answer to a connection; none listens; no to LIST
  | { readonly is: 'slow'; readonly thinkMs: number }
  | { readonly is: 'said'; readonly trouble: RemoteTrouble['is'] } // no at the login
  | { readonly is: 'dropping' | 'mute' | 'rude' | 'flapping'; readonly share: number } // hangs up; falls silent; -ERR; lists less
  | { readonly is: 'forgetful'; readonly commits: boolean; readonly says: boolean } // at QUIT

const patient = ['busy', 'busy', 'too-soon', 'temporary'] as const
/** It asks to come again later, and is obeyed. */
export const isPatient = (mood: FarMood): boolean => mood.is === 'said' && patient.some((one) => one === mood.trouble)
const fatal = ['auth', 'permanent', 'refused', 'refused'] as const

export function anyFarMood(dice: Dice): FarMood {
  const is = dice.pick([
    ...(['dead', 'refusing', 'listless', 'slow', 'said', 'fatal', 'dropping', 'dropping', 'mute', 'rude'] as const),
    ...(['flapping', 'flapping', 'forgetful', 'forgetful', 'forgetful'] as const),
  ])
  switch (is) {
    case 'slow':
      return { is, thinkMs: dice.whole(500, 40_000) }
    case 'said':
      return { is, trouble: dice.pick(patient) }
    case 'fatal':
      return { is: 'said', trouble: dice.pick(fatal) }
    case 'dropping':
    case 'mute':
    case 'rude':
    case 'flapping':
      return { is, share: dice.pick([0.05, 0.3]) }
    case 'forgetful':
      return { is, commits: dice.chance(0.5), says: dice.chance(0.5) }
    case 'dead':
    case 'refusing':
    case 'listless':
      return { is }
  }
}

/** Of a mailbox that nobody gets into, ever. */
export function deadFarMood(dice: Dice): FarMood {
  const trouble = dice.pick([...fatal, 'garbage', 'tls', 'busy', 'temporary'] as const)
  return dice.pick<FarMood>([{ is: 'dead' }, { is: 'dead' }, { is: 'refusing' }, { is: 'said', trouble }])
}
