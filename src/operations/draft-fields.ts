// What stands in a draft: kept as it is typed, read as addresses when it is looked at or sent. Called by the draft-*.ts beside it.
import { z } from 'zod'
import { parseAddressList, type Correspondent } from '#/message/address-list.ts'
import { parseDomain, utf8Octets } from '#/message/address.ts'
import { noMailbox, type Draft, type Writer } from '#/storage/drafts.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { existing } from './mailboxes.ts'

const recipients = z.array(z.string().max(1000)).max(1000).default([])
export const draftFields = z.strictObject({
  from: z.string().max(1000).default(''),
  to: recipients,
  cc: recipients,
  bcc: recipients,
  subject: z.string().max(2000).default(''),
  text: z.string().max(500_000).default(''),
  /** Message ids of what it answers, oldest first. */
  references: z.array(z.string().max(998)).max(50).default([]),
})
export type DraftFields = z.infer<typeof draftFields>

/** Whose drafts: of a mailbox, or of those who run the server. An owner's own mailbox is put in for them. */
export const whose = { mailbox: z.string().max(255).optional().describe('Whose; left out: of the administrators') }
export type Whose = { readonly mailbox?: string | undefined }
export const theirs = <P extends Whose>(parameters: P, mailbox: string): P => ({ ...parameters, mailbox })

export const writerOf = (context: Context, { mailbox }: Whose): Writer =>
  mailbox === undefined ? noMailbox : existing(context, mailbox).id

/** @throws OperationError when there is none of this writer */
export async function ownDraft(context: Context, asked: Whose & { readonly draft: string }): Promise<Draft> {
  const found = await context.store.drafts.find(asked.draft)
  if (found?.owner !== writerOf(context, asked))
    throw new OperationError('This draft is gone: it was sent or removed, perhaps in another window')
  return found
}

/** As they were when they were saved. */
export const fieldsOf = ({ fields }: Pick<Draft, 'fields'>): DraftFields => draftFields.parse(JSON.parse(fields))

export type Read = { readonly people: readonly Correspondent[]; readonly problem: string | null }

/** `Ann <ann@example.org>`; a name without a domain is one of this server. */
export function readPeople({ hostname }: Pick<Context, 'hostname'>, text: string): Read {
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text))
    return { people: [], problem: 'A line end is no part of it' }
  const domain = parseDomain(hostname)
  const { correspondents, problems } = parseAddressList(utf8Octets(text), domain.ok ? domain.value : null)
  return { people: correspondents, problem: problems[0] ?? (correspondents.length === 0 ? 'No address' : null) }
}

/** @throws OperationError naming what is no address */
export function peopleOf(context: Context, texts: readonly string[]): Correspondent[] {
  return texts.flatMap((text) => {
    const { people, problem } = readPeople(context, text)
    if (problem !== null) throw new OperationError(`${text}: ${problem}`)
    return [...people]
  })
}
