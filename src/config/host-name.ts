// The name of a host as people write it: host, host:port, [host]:port. Pure.

/** `exact`: a port or brackets were written, so the name is a host and no domain with an MX. RO-25 */
export type AlternateHost = { readonly host: string; readonly port: number | null; readonly exact: boolean }

export function parseHost(text: string): AlternateHost | null {
  const match = /^(?:\[([0-9A-Za-z:._-]{1,253})\]|([0-9A-Za-z._-]{1,253}))(?::([0-9]{1,5}))?$/.exec(text)
  if (!match) return null
  const port = match[3] === undefined ? null : Number(match[3])
  if (port !== null && (port < 1 || port > 65_535)) return null
  const host = (match[1] ?? match[2] ?? '').toLowerCase()
  return { host, port, exact: match[1] !== undefined || port !== null }
}
