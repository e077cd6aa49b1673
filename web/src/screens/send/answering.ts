// What a new message begins with: nothing, or what the address of the page says, `?reply=ann/7`, `?all=ann/7`, `?forward=ann/7`,
// `?to=bob@example.com`.
import { call, octetsAt } from '../../app/api.ts'
import { wholeMoment } from '../../app/format.ts'
import { place } from '../../app/router.svelte.ts'
import { language } from '../../app/texts.svelte.ts'
import { send as t } from '../../texts/send.ts'
import { splitAddresses } from './addresses.ts'
import { answerTo, noFields, ownNames, type Fields, type How } from './quote.ts'

/** `files`: what goes with a message that is sent on. */
export type Begun = { readonly fields: Fields; readonly files: () => Promise<File[]> }
const noFiles = (): Promise<File[]> => Promise.resolve([])

/** @throws ApiError when the message is gone or somebody else's */
export async function answered(own: readonly string[]): Promise<Begun> {
  for (const how of ['reply', 'all', 'forward'] as const) {
    const about = place.query(how)
    if (about !== null) return answerOf(about, how, own)
  }
  const to = splitAddresses(place.query('to') ?? '')
  return { fields: { ...noFields, to, subject: place.query('subject') ?? '' }, files: noFiles }
}

async function answerOf(about: string, how: How, own: readonly string[]): Promise<Begun> {
  const at = about.lastIndexOf('/')
  const which = { mailbox: about.slice(0, at), uid: Number(about.slice(at + 1)) }
  const message = await call('message.show', which)
  const time = message.datedAt === null ? '' : wholeMoment(message.datedAt, language())
  const people = (list: typeof message.to): string =>
    list.map(({ name, address }) => (name ? `${name} <${address}>` : address)).join(', ')
  const words = {
    wrote: (name: string) => t().wrote(name, time),
    forwarded: t().forwarded,
    fields: [
      [t().from, people(message.from)],
      [t().date, time],
      [t().subject, message.subject],
      [t().to, people(message.to)],
    ] as const,
  }
  const fields = answerTo(message, how, { own: ownNames(own), words })
  const attached = how === 'forward' ? message.attachments : []
  return {
    fields,
    files: () => Promise.all(attached.map(({ index, name, type }) => fileAt({ ...which, index }, { name, type }))),
  }
}

/** @throws Error when it cannot be had */
async function fileAt(
  which: { mailbox: string; uid: number; index: number },
  { name, type }: { name: string; type: string },
): Promise<File> {
  const response = await fetch(octetsAt('attachment', which))
  if (!response.ok) throw new Error(name)
  return new File([await response.blob()], name, { type })
}
