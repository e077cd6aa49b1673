// Which listeners are wanted, from `--listen component=address:port` or by default. Pure.

export type Component = 'smtp' | 'submission' | 'submissions' | 'pop3' | 'pop3s' | 'metrics' | 'console' | 'consoles'
/** Ports are tried in order. */
export type Wanted = { readonly component: Component; readonly address: string; readonly ports: readonly number[] }

const standard: readonly { component: Component; port: number; otherwise: number }[] = [
  { component: 'smtp', port: 25, otherwise: 2525 },
  { component: 'submission', port: 587, otherwise: 2587 },
  { component: 'submissions', port: 465, otherwise: 2465 },
  { component: 'pop3', port: 110, otherwise: 2110 },
  { component: 'pop3s', port: 995, otherwise: 2995 },
]
const metricsPort = 9125
const consolePort = 8025
const others: readonly Component[] = ['metrics', 'console', 'consoles']

/** `lowPorts`: those below 1024 may be taken. @throws Error with a sentence when a value of --listen cannot be read. */
export function wantedListeners(asked: readonly string[], lowPorts: boolean): Wanted[] {
  if (asked.length > 0) return asked.map(parseListen)
  const services = standard.map(({ component, port, otherwise }): Wanted => {
    return { component, address: '::', ports: lowPorts ? [port, otherwise] : [otherwise] }
  })
  const own = (component: Component, port: number): Wanted => ({ component, address: '127.0.0.1', ports: [port] })
  return [...services, own('metrics', metricsPort), own('console', consolePort)]
}

function parseListen(text: string): Wanted {
  const match = /^([a-z0-9]+)=(?:\[([0-9a-fA-F:]+)\]|([0-9.]+|localhost)):([0-9]{1,5})$/.exec(text)
  const known =
    standard.find(({ component }) => component === match?.[1])?.component ??
    others.find((component) => component === match?.[1]) ??
    null
  const port = Number(match?.[4])
  if (!match || known === null || port > 65_535)
    throw new Error(
      `--listen ${text}: the form is component=address:port, for example smtp=127.0.0.1:2525; components are ${names}`,
    )
  return { component: known, address: match[2] ?? match[3]!, ports: [port] }
}

const names = [...standard.map(({ component }) => component), ...others].join(', ')
