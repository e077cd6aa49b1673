// The properties of one mailbox while somebody changes them: what the server has, what differs, saving it at once.
import { call, type Answer, wordsOf } from '../../app/api.ts'
import { awayAsked, awayFields, awayWrong, type AwayFields } from './away.ts'
import { addressesIn, quotaOf, quotaText } from './fields.ts'

export type Shown = Answer<'mailbox.show'>
export type Disabled = Shown['disabled']

type Fields = {
  pop3: boolean
  quota: string
  disabled: Disabled
  forwards: boolean
  to: string
  keep: boolean
  away: AwayFields
}

const fieldsOf = ({ pop3, quotaBytes, disabled, forward, away }: Shown): Fields => ({
  pop3,
  quota: quotaText(quotaBytes),
  disabled,
  forwards: forward !== null,
  to: forward?.to.join('\n') ?? '',
  keep: forward?.keep ?? true,
  away: awayFields(away),
})

export class PropertiesDraft {
  readonly name: string
  shown = $state.raw<Shown | null>(null)
  fields = $state<Fields | null>(null)
  problem = $state('')
  busy = $state(false)

  constructor(name: string) {
    this.name = name
  }

  /** What somebody has changed stays as they wrote it. */
  async load(): Promise<void> {
    const before = this.shown
    const changes = this.changes
    const shown = await call('mailbox.show', { name: this.name })
    this.shown = shown
    if (before === null || Object.keys(changes).length === 0) this.fields = fieldsOf(shown)
  }

  /** What saving would send; `quotaBytes` is absent while it is no number. */
  get changes(): {
    pop3?: boolean
    quotaBytes?: number | null
    disabled?: Disabled
    forward?: Shown['forward']
    away?: ReturnType<typeof awayAsked>
  } {
    const { shown, fields } = this
    if (!shown || !fields) return {}
    const quota = quotaOf(fields.quota)
    const forward = fields.forwards ? { to: addressesIn(fields.to), keep: fields.keep } : null
    const away = awayAsked(fields.away, shown.away)
    return {
      ...(fields.pop3 !== shown.pop3 && { pop3: fields.pop3 }),
      ...(quota !== undefined && quota !== shown.quotaBytes && { quotaBytes: quota }),
      ...(fields.disabled !== shown.disabled && { disabled: fields.disabled }),
      ...(JSON.stringify(forward) !== JSON.stringify(shown.forward) && { forward }),
      ...(away && { away }),
    }
  }
  get quotaWrong(): boolean {
    return this.fields !== null && quotaOf(this.fields.quota) === undefined
  }
  /** Sent on, but nowhere. */
  get forwardWrong(): boolean {
    const { fields } = this
    if (!fields?.forwards) return false
    const to = addressesIn(fields.to)
    return to.length === 0 || to.some((address) => !/^[^@\s]+@[^@\s]+$/.test(address))
  }
  get count(): number {
    return Object.keys(this.changes).length + (this.quotaWrong ? 1 : 0)
  }

  undo(): void {
    if (this.shown) this.fields = fieldsOf(this.shown)
    this.problem = ''
  }

  /** Whether it was saved; else `problem` says why not. */
  async save(): Promise<boolean> {
    if (this.quotaWrong || this.forwardWrong || (this.fields && awayWrong(this.fields.away) !== null)) return false
    this.busy = true
    this.problem = ''
    try {
      await call('mailbox.set', { name: this.name, ...this.changes })
      this.shown = await call('mailbox.show', { name: this.name })
      this.undo()
      return true
    } catch (error) {
      this.problem = wordsOf(error)
      return false
    } finally {
      this.busy = false
    }
  }
}
