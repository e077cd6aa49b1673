// What was typed or pasted into To, Cc or Bcc, as one text for each address. Pure.

/** Commas, semicolons and line ends part addresses, but not inside quotes, brackets or comments. */
export function splitAddresses(text: string): string[] {
  const found: string[] = []
  let [word, quoted, depth] = ['', false, 0]
  for (const c of text) {
    if (c === '"') quoted = !quoted
    if (!quoted && '<('.includes(c)) depth++
    if (!quoted && '>)'.includes(c)) depth = Math.max(0, depth - 1)
    const parts = /[\r\n]/.test(c) || (!quoted && depth === 0 && /[,;]/.test(c))
    if (parts) found.push(word)
    word = parts ? '' : word + c
  }
  return [...found, word].map((one) => one.replace(/[\s]+/g, ' ').trim()).filter((one) => one !== '')
}

/** The address in `Ann <ann@example.org>`. */
export const bareAddress = (text: string): string => /<([^<>]*)>[^<>]*$/.exec(text)?.[1] ?? text

/** The name in it, if there is one. */
export const nameIn = (text: string): string =>
  text.includes('<')
    ? text
        .slice(0, text.lastIndexOf('<'))
        .trim()
        .replace(/^"(.*)"$/, '$1')
    : ''

/** As it stands in From. */
export const withName = (name: string, address: string): string =>
  name.trim() === '' ? address : `"${name.trim().replace(/["\\]/g, '\\$&')}" <${address}>`

/** The same text with another domain. */
export function withDomain(text: string, domain: string): string {
  const bare = bareAddress(text)
  return text.replace(bare, `${bare.slice(0, bare.lastIndexOf('@'))}@${domain}`)
}
