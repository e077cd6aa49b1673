// What a mailbox answers while its owner is away: checked before it is kept. Called by the mailbox operations and the world
// file. LP-05, HDR-12
import { z } from 'zod'
import { awaySubjectCharsMax, awayTextCharsMax } from '#/accounts/limits.ts'
import type { Away } from '#/storage/away.ts'
import { OperationError } from './errors.ts'

/** What is left out stays as it is; a text switches it on. */
export const awayRequest = z.strictObject({
  on: z.boolean().optional(),
  text: z.string().optional(),
  /** Null: that of the message, with "Auto: " before it. */
  subject: z.string().nullable().optional(),
  /** Milliseconds since 1970. */
  from: z.int().nullable().optional(),
  until: z.int().nullable().optional(),
})
export type AwayRequest = z.infer<typeof awayRequest>

export const awayShown = z.strictObject({
  on: z.boolean(),
  text: z.string(),
  subject: z.string().nullable(),
  from: z.int().nullable(),
  until: z.int().nullable(),
})

/** As it is kept. @throws OperationError in words */
export function checkedAway(before: Away | null, request: AwayRequest): Away {
  const text = request.text === undefined ? (before?.text ?? '') : checkedText(request.text)
  const subject = request.subject === undefined ? (before?.subject ?? null) : checkedSubject(request.subject)
  const from = request.from === undefined ? (before?.from ?? null) : request.from
  const until = request.until === undefined ? (before?.until ?? null) : request.until
  const on = request.on ?? (request.text !== undefined || before?.on === true)
  if (on && text === '') throw new OperationError('An away notice needs a text')
  if (from !== null && until !== null && until <= from)
    throw new OperationError('The away notice would end before it begins')
  return { on, text, subject, from, until }
}

function checkedText(given: string): string {
  const text = given.replace(/\r\n?/g, '\n').replace(/\n+$/, '')
  if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(text) || !text.isWellFormed())
    throw new OperationError('The text of the away notice holds a control character')
  if (text.length > awayTextCharsMax)
    throw new OperationError(`The text of the away notice is too long: ${awayTextCharsMax} characters are allowed`)
  return text.trim() === '' ? '' : text
}

function checkedSubject(given: string | null): string | null {
  if (given === null) return null
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(given) || !given.isWellFormed())
    throw new OperationError('The subject of the away notice holds a line end or control character')
  if (given.length > awaySubjectCharsMax)
    throw new OperationError(
      `The subject of the away notice is too long: ${awaySubjectCharsMax} characters are allowed`,
    )
  return given.trim() === '' ? null : given.trim()
}
