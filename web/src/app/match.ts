// Which screen an address means. Pure.

/** The parts named in the pattern, `/mailboxes/:name`; null when the path has another form. A last `*` takes the rest. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/').filter(Boolean)
  const given = path.split('/').filter(Boolean)
  const values: Record<string, string> = {}
  for (const [i, part] of wanted.entries()) {
    if (part === '*') return { ...values, rest: given.slice(i).map(decoded).join('/') }
    const value = given[i]
    if (value === undefined) return null
    if (part.startsWith(':')) values[part.slice(1)] = decoded(value)
    else if (part !== value) return null
  }
  return wanted.length === given.length ? values : null
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
