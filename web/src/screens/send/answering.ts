// What a new message begins with: nothing, or what the address of the page says, `?reply=ann/7`, `?all=ann/7`, `?forward=ann/7`,
// `?to=bob@example.com`.
import { call } from '../../app/api.ts'
import { wholeMoment } from '../../app/format.ts'
import { place } from '../../app/router.svelte.ts'
import { language } from '../../app/texts.svelte.ts'
import { send as t } from '../../texts/send.ts'
import { splitAddresses } from './addresses.ts'
import { answerTo, noFields, ownNames, type Fields, type How } from './quote.ts'

/** @throws ApiError when the message is gone or somebody else's */
export async function answered(own: readonly string[]): Promise<Fields> {
  for (const how of ['reply', 'all', 'forward'] as const) {
    const about = place.query(how)
    if (about !== null) return answerOf(about, how, own)
  }
  return { ...noFields, to: splitAddresses(place.query('to') ?? ''), subject: place.query('subject') ?? '' }
}

async function answerOf(about: string, how: How, own: readonly string[]): Promise<Fields> {
  const at = about.lastIndexOf('/')
  const message = await call('message.show', { mailbox: about.slice(0, at), uid: Number(about.slice(at + 1)) })
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
  return answerTo(message, how, { own: ownNames(own), words })
}
