// Every screen by its address. Loaded when first shown. `owners`: the owner of a mailbox sees it too.
import type { Component } from 'svelte'

export type Screen = {
  readonly path: string
  readonly load: () => Promise<{ default: Component<never> }>
  readonly owners?: true
  /** Going from one of its addresses to another keeps what is on the screen. */
  readonly stays?: true
}

const mailboxes = () => import('../screens/mailboxes/Mailboxes.svelte')

// The parts named in the path are the properties of the component: /mailboxes/:name gives it `name`.
export const screens: readonly Screen[] = [
  { path: '/mailboxes', load: mailboxes, stays: true },
  { path: '/mailboxes/:name', load: mailboxes, owners: true, stays: true },
  { path: '/mail-server', load: () => import('../screens/mail-server/MailServer.svelte') },
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
  { path: '/welcome', load: () => import('../screens/welcome/Welcome.svelte') },
  { path: '/tutorial', load: () => import('../screens/tutorial/Tutorial.svelte') },
  { path: '/settings', load: () => import('../screens/settings/Settings.svelte') },
  { path: '/settings/people', load: () => import('../screens/people/People.svelte') },
  { path: '/account', load: () => import('../screens/account/Account.svelte'), owners: true },
  { path: '/settings/history', load: () => import('../screens/settings/History.svelte') },
  { path: '/settings/file', load: () => import('../screens/settings/WorldFile.svelte') },
  { path: '/settings/backup', load: () => import('../screens/backup/Backup.svelte') },
  { path: '/pop3-client', load: () => import('../screens/pop3-client/Pop3Client.svelte'), owners: true },
  { path: '/pop3-client/signed-in', load: () => import('../screens/pop3-client/SignedIn.svelte'), owners: true },
  { path: '/mailboxes/:name/mail', load: () => import('../screens/mailbox-mail/Mail.svelte'), owners: true },
  { path: '/mail-relay', load: () => import('../screens/mail-relay/MailRelay.svelte') },
  { path: '/trace', load: () => import('../screens/trace/Trace.svelte'), owners: true },
  { path: '/trace/:ref', load: () => import('../screens/trace/Trace.svelte'), owners: true },
  { path: '/queue', load: () => import('../screens/queue/Queue.svelte') },
]
