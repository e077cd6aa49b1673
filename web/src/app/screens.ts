// Every screen by its address. Loaded when first shown. `owners`: the owner of a mailbox sees it too.
import type { Component } from 'svelte'

export type Screen = {
  readonly path: string
  readonly load: () => Promise<{ default: Component<never> }>
  readonly owners?: true
}

// The parts named in the path are the properties of the component: /mailboxes/:name gives it `name`.
export const screens: readonly Screen[] = [
  { path: '/', load: () => import('../screens/overview/Overview.svelte') },
  { path: '/pop3-server', load: () => import('../screens/pop3-server/Pop3Server.svelte') },
  { path: '/settings/certificates', load: () => import('../screens/certificates/Certificates.svelte') },
  { path: '/settings/log', load: () => import('../screens/log/Log.svelte') },
  { path: '/send', load: () => import('../screens/send/Send.svelte'), owners: true },
  { path: '/send/:draft', load: () => import('../screens/send/Send.svelte'), owners: true },
  { path: '/guide', load: () => import('../screens/guide/Guide.svelte'), owners: true },
  { path: '/guide/:anchor', load: () => import('../screens/guide/Guide.svelte'), owners: true },
  { path: '/faq', load: () => import('../screens/guide/Guide.svelte'), owners: true },
  { path: '/faq/:anchor', load: () => import('../screens/guide/Guide.svelte'), owners: true },
  { path: '/tutorial', load: () => import('../screens/tutorial/Tutorial.svelte') },
  { path: '/settings', load: () => import('../screens/settings/Settings.svelte') },
  { path: '/settings/history', load: () => import('../screens/settings/History.svelte') },
  { path: '/settings/file', load: () => import('../screens/settings/WorldFile.svelte') },
  { path: '/mail-relay', load: () => import('../screens/mail-relay/MailRelay.svelte') },
]
