// What a line of the list says about a mailbox. Pure, apart from the language.
import { count } from '../../app/format.ts'
import { language } from '../../app/texts.svelte.ts'
import type { Shape } from '../../parts/shapes.ts'
import { mailboxTexts as t } from '../../texts/mailboxes.ts'
import type { Line } from './list.svelte.ts'

/** Under the name: what is unusual about it. */
export function remark({ disabled, forward, hasPassword, pop3 }: Line): string {
  if (disabled === 'refuse') return t().refusesMail
  if (disabled === 'defer') return t().asksToWait
  if (disabled === 'no-login') return t().nobodyLogsIn
  if (forward) return forward.keep ? t().sendsCopies : t().sendsOn
  return pop3 && !hasPassword ? t().noPassword : ''
}

/** Under its first address. */
export function others({ addresses, addressCount, collectors }: Line): string {
  if (addressCount > 2) return t().andMore(count(addressCount - 1, language()))
  const second = addresses[1]
  if (second) return second.startsWith('*@') ? t().andDomain(second.slice(2)) : t().andOne(second)
  return collectors > 0 ? t().collects(collectors) : ''
}

export function access({ disabled, pop3 }: Line): { shape: Shape; text: string } {
  if (disabled !== null) return { shape: 'off', text: t().disabled }
  return pop3 ? { shape: 'ok', text: 'POP3' } : { shape: 'off', text: t().off }
}

export function fullness(percent: number): { shape: Shape | null; label: string } {
  if (percent >= 100) return { shape: 'problem', label: t().full(percent) }
  return percent >= 80 ? { shape: 'wait', label: t().gettingFull(percent) } : { shape: null, label: '' }
}
