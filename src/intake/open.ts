// Opens intake: the one way mail gets in. Called by main; used by every service through types.ts.
import type { AccessResult } from './access-judge.ts'
import { judgeRecipient, judgeSender, type JudgeParts } from './judge.ts'
import { errorText, type IntakeParts } from './parts.ts'
import { beginReceiving } from './receiving.ts'
import { said } from './replies.ts'
import type { Intake, Verdict } from './types.ts'

export function openIntake(given: IntakeParts): Intake {
  const parts: JudgeParts = { ...given, access: (): AccessResult => ({ is: 'deny', rule: null, method: 'no rule' }) }
  const failed = (error: unknown): Verdict => {
    parts.world.log.error('recipient not judged', { error: errorText(error) })
    return { accept: false, reply: said.trouble }
  }
  return {
    judgeSender(client, envelope) {
      try {
        return judgeSender(parts, client, envelope)
      } catch (error) {
        parts.world.log.error('sender not judged', { error: errorText(error) })
        return said.trouble
      }
    },
    judgeRecipient(client, from, recipient, accepted) {
      try {
        const verdict = judgeRecipient(parts, { client, from, recipient, accepted })
        return verdict instanceof Promise ? verdict.catch(failed) : verdict
      } catch (error) {
        return failed(error)
      }
    },
    begin: (client, envelope, recipients) => beginReceiving(parts, client, { envelope, recipients }),
    refused() {},
  }
}
