// Every screen by its address. Loaded when first shown. `owners`: the owner of a mailbox sees it too.
import type { Component } from 'svelte'

export type Screen = {
  readonly path: string
  readonly load: () => Promise<{ default: Component<never> }>
  readonly owners?: true
}

// The parts named in the path are the properties of the component: /mailboxes/:name gives it `name`.
export const screens: readonly Screen[] = [
  { path: '/mail-relay', load: () => import('../screens/mail-relay/MailRelay.svelte') },
]
