// The mailboxes and domains that fields on this screen offer. Read when it is shown and when they change.
import { call, type Answer } from '../../app/api.ts'

export type Domain = Answer<'domain.list'>[number]
const mailboxesMax = 1000 // more than anyone picks from a list

class Names {
  mailboxes = $state.raw<readonly string[]>([])
  domains = $state.raw<readonly Domain[] | null>(null)

  async load(): Promise<void> {
    const [mailboxes, domains] = await Promise.all([call('mailbox.list', { limit: mailboxesMax }), call('domain.list')])
    this.mailboxes = mailboxes.rows.map(({ name }) => name)
    this.domains = domains
  }
}

export const names = new Names()
