// Under which names the console may be opened: another name that leads here is somebody else's page reaching in. Pure. WEB-06

export type Names = { readonly hostname: string; readonly hosts: readonly string[] }

const loopback = new Set(['localhost', '127.0.0.1', '[::1]'])

/** The Host field without its port, lower case; null when it has no sensible form. RFC 9110 §7.2 */
export function hostOf(field: string | undefined): string | null {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]{1,255})(?::[0-9]{1,5})?$/i.exec(field ?? '')
  return match ? match[1]!.toLowerCase() : null
}

/** Addresses are safe: a name that is made to lead here does not turn into one. */
export function hostAllowed(field: string | undefined, { hostname, hosts }: Names): boolean {
  const host = hostOf(field)
  if (host === null) return false
  return loopback.has(host) || isAddress(host) || host === hostname.toLowerCase() || hosts.includes(host)
}

const isAddress = (host: string): boolean => host.startsWith('[') || /^(?:[0-9]{1,3}\.){3}[0-9]{1,3}$/.test(host)
