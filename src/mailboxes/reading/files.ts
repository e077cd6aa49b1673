// Names and types of what is saved from a message: a name that no system takes for a path or a command, a type that no
// browser runs. Pure. WEB-01, WEB-10, MB-07
const charsMax = 120
const types: ReadonlyMap<string, string> = new Map([
  ['text/plain', 'txt'],
  ['text/html', 'html'],
  ['text/calendar', 'ics'],
  ['message/rfc822', 'eml'],
  ['application/pdf', 'pdf'],
  ['image/png', 'png'],
  ['image/jpeg', 'jpg'],
  ['image/gif', 'gif'],
  ['image/webp', 'webp'],
])
/** A device of Windows, whatever stands behind the dot. */
const device = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i

/** As declared, when it is one; for the eye. */
export const typeOf = (declared: string): string =>
  /^[a-z0-9!#$&^_.+-]{1,60}\/[a-z0-9!#$&^_.+-]{1,60}$/.test(declared) ? declared : 'application/octet-stream'

/** What a browser may be told: never anything it would show as a page. */
export const savedTypeOf = (type: string): string =>
  /^(?:image\/(?:png|jpeg|gif|webp)|application\/pdf)$/.test(type) ? type : 'application/octet-stream'

export function fileNameOf(declared: string | null, { type, index }: { type: string; index: number }): string {
  const last = (declared ?? '').split(/[/\\]/).at(-1)!
  const name = last
    .normalize('NFC')
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff<>:"|?*]/g, '')
    .replace(/^[. ]+|[. ]+$/g, '')
  if (name === '') return `part-${index + 1}.${types.get(type) ?? 'bin'}`
  return device.test(name) ? `_${short(name)}` : short(name)
}

/** The end tells what it is. */
function short(name: string): string {
  const letters = Array.from(name)
  return letters.length <= charsMax ? name : [...letters.slice(0, charsMax - 20), ...letters.slice(-20)].join('')
}
