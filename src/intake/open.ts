// Opens intake: the one way mail gets in. Called by main; used by every service through types.ts.
// Nothing that a judge throws gets out: it becomes "try again", never "no such user". IN-16
import { Quotas } from '#/mailboxes/quota.ts'
import type { AccessRow } from '#/storage/store.ts'
import { allowsNumber, compileRules, judgeAccess, type AccessResult, type AccessRules } from './access-judge.ts'
import { AccessUses } from './access-uses.ts'
import { judgeRecipient, judgeSender, type JudgeParts } from './judge.ts'
import { beginCollecting } from './collecting.ts'
import { errorText, type IntakeParts } from './parts.ts'
import { beginReceiving, type ReceivingParts } from './receiving.ts'
import { AwayAnswering } from './away.ts'
import { Refusals } from './refusals.ts'
import { said } from './replies.ts'
import type { Answering, Intake, Verdict } from './types.ts'

/** Writes the counters that are still in memory; call it before the store closes. */
export type OpenIntake = Intake & { readonly answering: Answering; close(): Promise<void> }

export function openIntake(given: IntakeParts): OpenIntake {
  const uses = new AccessUses(given.store, given.world)
  const refusals = new Refusals(given.store, given.world)
  const quotas = new Quotas(given)
  const away = new AwayAnswering(given)
  const rules = rulesOf(given)
  const parts: JudgeParts & ReceivingParts = { ...given, quotas, away, access: accessOf(given, { rules, uses }) }
  const failed = (error: unknown): Verdict => {
    parts.world.log.error('recipient not judged', { error: errorText(error) })
    return { accept: false, reply: said.trouble }
  }
  return {
    isListed: (address) => allowsNumber(address, rules(), given.world.clock.now()),
    judgeSender(client, envelope) {
      try {
        return judgeSender(parts, client, envelope)
      } catch (error) {
        parts.world.log.error('sender not judged', { error: errorText(error) })
        return said.trouble
      }
    },
    judgeRecipient(client, { from, sizeBytes }, recipient, accepted) {
      try {
        const verdict = judgeRecipient(parts, { client, from, sizeBytes, recipient, accepted })
        return verdict instanceof Promise ? verdict.catch(failed) : verdict
      } catch (error) {
        return failed(error)
      }
    },
    begin: (client, envelope, recipients) => beginReceiving(parts, client, { envelope, recipients }),
    beginCollecting: (from) => beginCollecting(parts, from),
    refused: (client, from, to, said) => refusals.note({ client, from, to, said }),
    answering: (acceptance, head) => away.answering(acceptance, head),
    async close() {
      refusals.close()
      await away.close()
      await uses.close()
    },
  }
}

/** The list as it is at each question, compiled once per change. AC-16 */
function rulesOf({ directory }: IntakeParts): () => AccessRules {
  let rows: readonly AccessRow[] | null = null
  let rules: AccessRules = []
  return () => {
    const current = directory.all().access
    if (current !== rows) {
      rows = current
      rules = compileRules(current)
    }
    return rules
  }
}

type Counted = { readonly rules: () => AccessRules; readonly uses: AccessUses }

function accessOf({ resolver, world }: IntakeParts, { rules, uses }: Counted): JudgeParts['access'] {
  const counted = (result: AccessResult): AccessResult => {
    if (result.is !== 'unknown' && result.rule !== null) uses.note(result.rule)
    return result
  }
  return (address) => {
    const result = judgeAccess(address, rules(), { resolver, clock: world.clock })
    return result instanceof Promise ? result.then(counted) : counted(result)
  }
}
