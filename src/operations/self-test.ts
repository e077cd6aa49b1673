// After each change of who may forward: asks the rules themselves whether a stranger could, and says so. AC-18
import { compileRules, judgeAccess } from '#/intake/access-judge.ts'
import type { Context } from './context.ts'

/** Addresses that no network has: RFC 5737, RFC 3849. */
const strangers = ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1']

/** Null when strangers are refused; otherwise a warning that names the entry. */
export async function relaySelfTest({ directory, settings, resolver, world }: Context): Promise<string | null> {
  if (!settings.now().mailServer.forwarding) return null
  const { access } = directory.all()
  const rules = compileRules(access)
  for (const stranger of strangers) {
    const result = await judgeAccess(stranger, rules, { resolver, clock: world.clock })
    if (result.is !== 'allow') continue
    const entry = access.find(({ id }) => id === result.rule)
    return `ANYONE may now send to other servers through this one: entry ${result.rule} "${entry?.pattern}" allows ${stranger}`
  }
  return null
}
