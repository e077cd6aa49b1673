// DNS servers as people and /etc/resolv.conf write them: ADDRESS, ADDRESS:PORT, [V6]:PORT. Called by resolver.ts and main.
import { isIP } from 'node:net'
import type { Server } from './exchange.ts'

/** What is no address is left out: a name could not be looked up without a server. */
export function parseServers(texts: readonly string[]): Server[] {
  return texts.flatMap((text) => {
    const server = parseServer(text.trim())
    return server ? [server] : []
  })
}

export function parseServer(text: string): Server | null {
  if (isIP(text)) return { address: text, port: 53 }
  const match = /^(?:\[([0-9a-fA-F:.%a-z]+)\]|([0-9.]+))(?::([0-9]{1,5}))?$/.exec(text)
  const address = match?.[1] ?? match?.[2] ?? ''
  const port = Number(match?.[3] ?? 53)
  return isIP(address) && port > 0 && port < 65_536 ? { address, port } : null
}

/** The servers of the machine, from the text of /etc/resolv.conf; 127.0.0.1 when it names none. resolv.conf(5) */
export function systemServers(resolvConf: string): string[] {
  const found = resolvConf.split('\n').flatMap((line) => /^[ \t]*nameserver[ \t]+([^ \t\r#;]+)/.exec(line)?.[1] ?? [])
  return found.length > 0 ? found.slice(0, 3) : ['127.0.0.1']
}
