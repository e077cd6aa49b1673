// Single keys, as the guide lists them; off while somebody types or a dialog is open.
import { go } from './router.svelte.ts'
import { remembered } from './theme.svelte.ts'

const places = new Map([
  ['o', '/'],
  ['m', '/mailboxes'],
  ['t', '/trace'],
  ['q', '/queue'],
  ['s', '/mail-server'],
  ['r', '/mail-relay'],
  ['p', '/pop3-server'],
  ['c', '/pop3-client'],
])
type Keys = Readonly<Record<string, (event: KeyboardEvent) => void>>
const layers: Keys[] = []

/** Adds the keys of a screen; the latest layer that knows a key gets it. Call the result when the screen goes. */
export function onKeys(keys: Keys): () => void {
  layers.push(keys)
  return () => void layers.splice(layers.indexOf(keys), 1)
}

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

export function listenKeys(): () => void {
  let leading = false
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if ((typing(event.target) && event.key !== 'Escape') || document.querySelector('dialog[open]')) return
    if (remembered('nc-keys') === 'off') return
    const to = leading ? places.get(event.key) : undefined
    leading = !leading && event.key === 'g'
    if (to !== undefined) return go(to)
    const known = layers.findLast((keys) => event.key in keys)?.[event.key]
    if (!known || leading) return
    event.preventDefault()
    known(event)
  }
  document.addEventListener('keydown', press)
  return () => document.removeEventListener('keydown', press)
}
