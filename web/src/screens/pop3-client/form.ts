// An account in the fields of its form, and what is asked of the server. Pure.
import type { Answer, Asked } from '../../app/api.ts'

export type Known = Answer<'collect.show'>
export type Fields = {
  name: string
  user: string
  mailbox: string
  host: string
  port: string
  tls: 'implicit' | 'required' | 'opportunistic' | 'none'
  password: string
  plainAuthAllowed: boolean
  privateAllowed: boolean
  minutes: string
  leave: boolean
  deleteAfterDays: string
  keepNewest: string
  sizeMegabytes: string
  first: 'everything' | 'new' | 'since'
  since: string // as `<input type="date">` writes it
  leavesCopies: boolean
  byHeader: boolean
  header: string
  position: string
  guess: boolean
}

const text = (value: number | null | undefined): string => (value === null || value === undefined ? '' : String(value))
/** What is no number goes as it is, and is refused: NaN would go as null, which takes a choice away. */
function number(value: string): number | null {
  if (value.trim() === '') return null
  const read = Number(value.replace(',', '.'))
  return Number.isNaN(read) ? (value as never) : read
}

export function fieldsOf(known: Known | null): Fields {
  return {
    name: known?.name ?? '',
    user: known?.user ?? '',
    mailbox: known?.mailbox ?? '',
    host: known?.host ?? '',
    port: text(known?.port),
    tls: (known?.tls as Fields['tls'] | undefined) ?? 'implicit',
    password: '',
    plainAuthAllowed: known?.plainAuthAllowed ?? false,
    privateAllowed: known?.privateAllowed ?? false,
    minutes: text(known ? known.intervalMs / 60_000 : null),
    leave: known?.leave ?? true,
    deleteAfterDays: text(known?.deleteAfterDays),
    keepNewest: text(known?.keepNewest),
    sizeMegabytes: text(known ? known.sizeBytesMax / 1_000_000 : null),
    ...firstFields(known?.first ?? 'everything'),
    leavesCopies: known?.duplicates === 'leave',
    byHeader: (known?.distribution ?? null) !== null,
    header: known?.distribution?.header ?? '',
    position: text(known?.distribution?.position ?? 1),
    guess: known?.distribution?.guess ?? false,
  }
}

/** The first run is not over, so what it takes may still be said. */
export const choosesFirst = (known: Known | null): boolean => known === null || !known.begun

const firstFields = (first: NonNullable<Known['first']>): Pick<Fields, 'first' | 'since'> =>
  typeof first === 'number' ? { first: 'since', since: dayOf(first) } : { first, since: '' }

/** As `<input type="date">` writes it. Swedish dates are written like that. */
const dayOf = (at: number): string => new Date(at).toLocaleDateString('sv-SE')

/** Something of what was collected goes from the server. */
export const deletesThere = ({ leave, deleteAfterDays, keepNewest, keepBytes, deleteWithLocal }: Known): boolean =>
  !leave || deleteAfterDays !== null || keepNewest !== null || keepBytes !== null || deleteWithLocal

/** Only what was said: the server fills in what the provider is known for. */
export function askedOf(fields: Fields, known: Known | null, owner: boolean): Asked<'collect.add'> {
  const { host, port, password, minutes, sizeMegabytes, name, user, mailbox, tls, leave } = fields
  const interval = number(minutes)
  const size = number(sizeMegabytes)
  const wantedPort = number(port)
  return {
    name: name.trim() || user.trim().toLowerCase(),
    user: user.trim(),
    ...(!owner && mailbox !== '' && { mailbox }),
    ...(host.trim() !== '' && { host: host.trim() }),
    ...(wantedPort !== null && (known === null || wantedPort !== known.port) && { port: wantedPort }),
    ...((known !== null || tls !== 'implicit') && { tls }),
    ...(password !== '' && { password }),
    ...(interval !== null && { intervalMs: Math.round(interval * 60_000) }),
    ...((tls === 'none' || tls === 'opportunistic') && { plainAuthAllowed: fields.plainAuthAllowed }),
    ...((known !== null || fields.privateAllowed) && !owner && { privateAllowed: fields.privateAllowed }),
    leave,
    deleteAfterDays: number(fields.deleteAfterDays),
    keepNewest: number(fields.keepNewest),
    ...(size !== null && { sizeBytesMax: Math.round(size * 1_000_000) }),
    ...(choosesFirst(known) && !saysTheSame(fields, known) && { first: firstOf(fields) }),
    duplicates: fields.leavesCopies ? 'leave' : 'keep',
    ...(!owner && { distribution: distributionOf(fields) }),
  }
}

/** An hour of that day that somebody gave elsewhere stays. */
function saysTheSame({ first, since }: Fields, known: Known | null): boolean {
  if (known === null || known.first === null) return false
  const before = firstFields(known.first)
  return before.first === first && before.since === since
}

type First = Asked<'collect.add'>['first']

/** The day begins where the page is looked at. No day at all goes as it is, and is refused. */
function firstOf({ first, since }: Fields): First {
  if (first !== 'since') return first
  return since === '' ? ('' as First & '') : new Date(`${since}T00:00`).getTime()
}

function distributionOf({ byHeader, header, position, guess }: Fields): Asked<'collect.add'>['distribution'] {
  if (!byHeader) return null
  const counts = number(position)
  return { header: header.trim(), guess, ...(counts !== null && { position: counts }) }
}
