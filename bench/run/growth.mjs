// Growth (our server only): the same work on a store of 10,000 messages and on one of 1,000,000, side by side.
import { accept, prepareAccept } from './accept.mjs'
import { readMail, server } from './servers.mjs'

const messages = { small: 10_000, large: 1_000_000 }
export const growthMeasures = [
  {
    id: 'growth-accept',
    text: 'accept 4 KiB, connections kept, 10 connections: 1,000,000 stored against 10,000',
    unit: 'messages/s',
  },
  { id: 'growth-login', text: 'POP3 logins, 10 connections: 1,000,000 stored against 10,000', unit: 'logins/s' },
].map((measure) => ({ ...measure, target: 0.8, peers: [] }))

/** user1..10 hold 1,000 messages in both stores; user11..20 hold the rest of the large one. Mail comes in for user1. */
export function growthServers() {
  return Object.keys(messages).map((name, i) => {
    const it = server('ours', { OURS_STORE: `growth-${name}`, OURS_PORT: String(12540 + 2 * i) })
    if (name === 'small' || !it.filled()) {
      // measuring adds messages, which a small store would feel
      it.call('reset')
      for (let user = 1; user <= 10; user++) it.call('import', `user${user}`, '1000', '4096')
      const rest = (messages[name] - 10_000) / 10
      for (let user = 11; user <= 20 && rest > 0; user++) it.call('import', `user${user}`, String(rest), '4096')
      it.call('filldone')
    }
    return { name, it }
  })
}

const work = { size: 4096, connections: 10, keep: true }
export const prepareGrowth = (it, seconds) => prepareAccept(it, work, { seconds, keepStore: true })
export async function growth(it, id, count) {
  if (id === 'growth-login')
    return { value: (await readMail(it.port('pop3'), '-f', 21, '-n', 20, '-c', 10, '-S', '-s', 3000)).sessions_per_s }
  return accept(it, work, count)
}
