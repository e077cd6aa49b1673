// The label of an app password or an API token: says which program it is for. Called where one is made or taken back.
import { appLabelCharsMax } from '#/accounts/limits.ts'
import { OperationError } from './errors.ts'

export const labelOf = (typed: string): string => typed.normalize('NFC').trim()

/** @throws OperationError */
export function checkedLabel(typed: string): string {
  const text = labelOf(typed)
  if (text === '' || text.length > appLabelCharsMax || /[\u0000-\u001f\u007f-\u009f]/.test(text))
    throw new OperationError(`A label says which program it is for: 1 to ${appLabelCharsMax} characters`)
  return text
}
