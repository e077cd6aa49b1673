// Text of strangers made safe to stand in a line of ours: no control character, no line end, no reversed writing.
// Called by all that compose notices and fields. Never decides anything.
import { decodeUtf8 } from './address.ts'
import { quotedCharsMax } from './limits.ts'

const unsafe = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g

/** For people: UTF-8 that was read as latin1 is shown as the letters it spells. */
export function forPeople(text: string): string {
  const isOctets = !/[^\u0000-\u00ff]/.test(text)
  return ((isOctets ? decodeUtf8(text) : null) ?? text).toWellFormed().replace(unsafe, '?')
}

/** Printable ASCII, as long as it was: one sign for each. Nearly all text is that already. */
export const printable = (text: string): string => (/[^ -~]/.test(text) ? text.replace(/[^ -~]/g, '?') : text)

/** For fields that machines read: printable ASCII, cut. HDR-06 */
export const forMachines = (text: string): string => printable(text.slice(0, quotedCharsMax))

export const isAscii = (text: string): boolean => !/[^\u0000-\u007f]/.test(text)
